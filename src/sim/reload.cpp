// Restoring the venue from its account file: every line is a fact, applied as it stands by the same functions that applied it live. One thread.
#include <algorithm>

#include "base/text.h"
#include "domain/enum_text.h"
#include "sim/venue_core.h"

namespace prom::sim {
namespace {

constexpr std::string_view kFormat = "promsim";
constexpr std::uint64_t kVersion = 1;

// Reads the fields of one line in order; the first that cannot be read spoils the line.
class Fields {
 public:
  explicit Fields(std::span<const std::string_view> fields) : fields_(fields) {}

  std::string_view text() { return next_ < fields_.size() ? fields_[next_++] : (good_ = false, std::string_view{}); }
  template <class T>
  T number() {
    const auto value = parse_i64(text());
    good_ = good_ && value.has_value() && std::in_range<T>(*value);
    return good_ ? static_cast<T>(*value) : T{};
  }
  std::uint64_t natural() {
    const auto value = parse_u64(text());
    good_ = good_ && value.has_value();
    return value.value_or(0);
  }
  template <class Id>
  Id id() {
    return Id{number<typename Id::rep>()};
  }
  Decimal decimal() {
    const auto value = Decimal::parse(text());
    good_ = good_ && value.has_value();
    return value.value_or(Decimal{});
  }
  TimeNs time() { return {number<std::int64_t>()}; }
  std::optional<PriceUnits> price() {
    if (next_ < fields_.size() && fields_[next_] == "-") return ++next_, std::nullopt;
    return PriceUnits{number<std::int64_t>()};
  }
  std::optional<std::uint64_t> group() {
    if (next_ < fields_.size() && fields_[next_] == "-") return ++next_, std::nullopt;
    return natural();
  }
  template <class E>
  E word() {
    const auto value = parse_enum<E>(text());
    good_ = good_ && value.has_value();
    return value.value_or(E{});
  }
  ClientOrderId client_id() {
    const auto value = parse_client_order_id(text());
    good_ = good_ && value.has_value();
    return value.value_or(ClientOrderId{});
  }
  /// Whether all fields were read and none was left over.
  bool done() const { return good_ && next_ == fields_.size(); }
  bool good() const { return good_; }

 private:
  std::span<const std::string_view> fields_;
  std::size_t next_ = 1;  // the type comes first
  bool good_ = true;
};

OrderSpec read_order(Fields& in) {
  OrderSpec spec;
  spec.client_id = in.client_id();
  spec.id = OrderId{in.natural()};
  spec.account = in.id<AccountIx>();
  spec.pair = in.id<PairIx>();
  spec.instrument = in.id<InstrumentIx>();
  spec.leg = in.word<PositionLeg>();
  spec.side = in.word<Side>();
  spec.type = in.word<OrderType>();
  spec.time_in_force = in.word<TimeInForce>();
  spec.effect = in.word<Effect>();
  spec.purpose = in.word<OrderPurpose>();
  spec.quantity = {in.number<std::int64_t>()};
  spec.limit = in.price();
  spec.trigger = in.price();
  spec.trailing_distance = in.price();
  spec.oco_group = in.group();
  return spec;
}

Fill read_fill(Fields& in) {
  Fill fill;
  fill.order = OrderId{in.natural()};
  fill.account = in.id<AccountIx>();
  fill.instrument = in.id<InstrumentIx>();
  fill.leg = in.word<PositionLeg>();
  fill.side = in.word<Side>();
  fill.price = {in.number<std::int64_t>()};
  fill.quantity = {in.number<std::int64_t>()};
  fill.fee.asset = in.id<AssetIx>();
  fill.fee.amount = in.decimal();
  fill.slippage = in.decimal();
  fill.liquidity = in.word<Liquidity>();
  fill.source = in.word<FillSource>();
  fill.time = in.time();
  return fill;
}

std::unexpected<std::string> broken(std::string_view what) { return std::unexpected(std::string(what)); }

constexpr std::string_view kMalformed = "the line's fields are not those of its kind";
constexpr std::string_view kUnknownOrder = "it speaks of an order that does not work";

}  // namespace

std::expected<void, std::string> VenueCore::apply_line(std::span<const std::string_view> line) {
  Fields in(line);
  const std::string_view kind = line.empty() ? std::string_view{} : line.front();
  const auto known = [&](InstrumentIx ix) { return ix.v < instruments.size(); };
  if (kind == "cursor") {
    const auto ix = in.id<InstrumentIx>();
    const std::int64_t instant = in.number<std::int64_t>();
    const auto same = in.number<std::uint32_t>();
    const std::int64_t mark = in.number<std::int64_t>();
    const std::int64_t bar = in.number<std::int64_t>();
    const std::int64_t left = in.number<std::int64_t>();
    if (!in.done() || !known(ix)) return broken(kMalformed);
    VenueInstrument& inst = instruments[ix.v];
    apply_cursor(inst, instant, mark);
    inst.same_instant = same;
    inst.skip = same;
    for (const std::uint32_t holding : std::exchange(inst.grown, {})) inst.grew_at = holdings[holding].grew_at = instant;
    inst.capacity_bar = bar;
    inst.capacity_left = left;
    return {};
  }
  if (kind == "order") {
    const OrderSpec spec = read_order(in);
    const TimeNs arrival = in.time();
    if (!in.done() || !known(spec.instrument) || find_ref(spec.client_id) != nullptr) return broken(kMalformed);
    apply_order(spec, arrival);
    return {};
  }
  if (kind == "reject") {
    OrderSpec spec;
    spec.client_id = in.client_id();
    spec.account = spec.client_id.account;
    spec.id = OrderId{in.natural()};
    in.word<RejectCode>();
    in.time();
    if (!in.done() || find_ref(spec.client_id) != nullptr) return broken(kMalformed);
    apply_rejected(spec);
    return {};
  }
  if (kind == "fill") {
    const std::uint64_t trade = in.natural();
    std::uint32_t slot = kNoSlot;
    if (line.size() > 2 && line[2] == "-") {
      in.text();
    } else if ((slot = find_order(in.client_id())) == kNoSlot) {
      return broken(kUnknownOrder);
    }
    Fill fill = read_fill(in);
    fill.trade = VenueTradeId{trade};
    if (!in.done() || !known(fill.instrument) || fill.price.v <= 0 || fill.quantity.v <= 0 || trade != last_trade + 1) return broken(kMalformed);
    if (slot != kNoSlot && orders[slot].remaining() < fill.quantity.v) return broken("it fills more than the order has left");
    if (slot != kNoSlot && opening_part(holdings[orders[slot].position], fill.side, fill.quantity.v) > 0)
      instruments[fill.instrument.v].grown.push_back(orders[slot].position);
    apply_fill(fill, slot);
    return {};
  }
  if (kind == "transfer" || kind == "funding" || kind == "funded" || kind == "leverage") return apply_account_line(kind, line);
  return apply_order_line(kind, line);
}

// Lines about an account and its positions.
std::expected<void, std::string> VenueCore::apply_account_line(std::string_view kind, std::span<const std::string_view> line) {
  Fields in(line);
  const auto known = [&](InstrumentIx ix) { return ix.v < instruments.size(); };
  if (kind == "transfer") {
    const auto account = in.id<AccountIx>();
    Money amount{in.id<AssetIx>(), {}};
    amount.amount = in.decimal();
    in.time();
    if (!in.done()) return broken(kMalformed);
    apply_transfer(account, amount);
    return {};
  }
  if (kind == "funding") {
    VenueFunding record;
    record.account = in.id<AccountIx>();
    record.instrument = in.id<InstrumentIx>();
    record.leg = in.word<PositionLeg>();
    record.funding_time = in.time();
    record.rate = in.decimal();
    record.amount.asset = in.id<AssetIx>();
    record.amount.amount = in.decimal();
    record.provenance = in.word<Provenance>();
    if (!in.done() || !known(record.instrument)) return broken(kMalformed);
    apply_funding(record);
    return {};
  }
  if (kind == "funded") {
    const auto ix = in.id<InstrumentIx>();
    const TimeNs time = in.time();
    if (!in.done() || !known(ix)) return broken(kMalformed);
    instruments[ix.v].funded_at = time.ns;
    return {};
  }
  const auto account = in.id<AccountIx>();
  const auto ix = in.id<InstrumentIx>();
  const Decimal leverage = in.decimal();
  in.time();
  if (!in.done() || !known(ix)) return broken(kMalformed);
  apply_leverage(account, ix, leverage);
  return {};
}

// Lines about a working order.
std::expected<void, std::string> VenueCore::apply_order_line(std::string_view kind, std::span<const std::string_view> line) {
  if (kind == "venue" || kind == "asset" || kind == "instrument") return check_header(kind, line);
  Fields in(line);
  const std::uint32_t slot = find_order(in.client_id());
  if (!in.good()) return broken(kMalformed);
  if (slot == kNoSlot) return broken(kUnknownOrder);
  if (kind == "trigger") {
    in.time();
    if (!in.done() || orders[slot].form != Form::trigger) return broken(kMalformed);
    apply_trigger(slot);
  } else if (kind == "trail") {
    const std::int64_t level = in.number<std::int64_t>();
    if (!in.done() || level <= 0 || orders[slot].form != Form::trigger) return broken(kMalformed);
    apply_level(slot, level);
  } else if (kind == "amend") {
    const QuantityUnits quantity{in.number<std::int64_t>()};
    const auto limit = in.price();
    const auto trigger = in.price();
    in.time();
    if (!in.done()) return broken(kMalformed);
    apply_amend(slot, quantity, limit, trigger);
  } else if (kind == "cancel" || kind == "expire" || kind == "refuse") {
    if (kind == "cancel") in.word<CancelCause>();
    if (kind == "refuse") in.word<RejectCode>();
    in.time();
    if (!in.done()) return broken(kMalformed);
    apply_finished(slot, kind == "cancel" ? FoundState::cancelled : kind == "expire" ? FoundState::expired : FoundState::rejected);
  } else {
    return broken("the kind of line is not known to this version");
  }
  return {};
}

std::expected<void, std::string> VenueCore::check_header(std::string_view kind, std::span<const std::string_view> line) {
  Fields in(line);
  if (kind == "venue") {
    const std::string_view format = in.text();
    const std::uint64_t version = in.natural();
    if (!in.done() || format != kFormat || version != kVersion) return broken("it was not written by this version of the simulated venue");
    return {};
  }
  const auto ix = in.number<std::uint16_t>();
  if (kind == "asset") {
    if (ix != header_assets++ || ix >= assets.size() || in.text() != assets[ix] || !in.done())
      return broken("it was written for other assets than the configured ones");
    return {};
  }
  const bool fits = ix == header_instruments++ && ix < instruments.size() && in.text() == instrument_code(instruments[ix].spec) &&
                    in.number<int>() == instruments[ix].spec.price_digits && in.number<int>() == instruments[ix].spec.quantity_digits &&
                    in.decimal() == instruments[ix].spec.contract_value && in.done();
  if (!fits) return broken("it was written for other instruments than the configured ones");
  return {};
}

std::expected<void, std::string> VenueCore::reload() {
  bool first = true;
  const auto apply = [&](std::span<const std::string_view> line) -> std::expected<void, std::string> {
    if (first && (line.empty() || line.front() != "venue")) return broken("it is not an account file");
    first = false;
    const bool heading = line.front() == "venue" || line.front() == "asset" || line.front() == "instrument";
    if (!heading) told = std::max(told, line.front() == "transfer" ? SimHistory::paid_in : SimHistory::lived);
    return apply_line(line);
  };
  if (auto opened = file.open(config.file, apply); !opened) return opened;
  if (first) file.append(LineBuilder("venue").add(kFormat).add(kVersion));
  for (; header_assets < assets.size(); ++header_assets)
    file.append(LineBuilder("asset").add(std::uint64_t{header_assets}).add(std::string_view(assets[header_assets])));
  for (; header_instruments < instruments.size(); ++header_instruments) {
    const Instrument& spec = instruments[header_instruments].spec;
    LineBuilder row("instrument");
    row.add(std::uint64_t{header_instruments}).add(std::string_view(instrument_code(spec))).add(std::uint64_t{spec.price_digits});
    file.append(row.add(std::uint64_t{spec.quantity_digits}).add(spec.contract_value));
  }
  file.commit();
  for (VenueInstrument& inst : instruments) collect_safety(inst);
  return {};
}

}  // namespace prom::sim
