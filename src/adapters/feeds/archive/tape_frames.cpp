// Frames of Binance, Bybit and OKX. nlohmann's exceptions stay inside this file.
#include "adapters/feeds/archive/tape_frames.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>

#include "adapters/feeds/archive/okx_checksum.h"
#include "base/text.h"

namespace prom::archive {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxHeld = 20'000;  ///< changes kept while a snapshot is awaited; the oldest give way
constexpr TimeNs kNoTime{};               ///< of a frame that tells none

struct BadFrame {
  std::string what;
};

double number_of(const json& value) {
  if (value.is_number() && value.get<double>() >= 0) return value.get<double>();
  const auto* text = value.get_ptr<const std::string*>();
  const auto number = text == nullptr ? std::nullopt : parse_number(*text);
  if (!number || number->negative || number->digits > 22) throw BadFrame{"a price or quantity is no number"};
  return static_cast<double>(number->mantissa) / std::pow(10.0, number->digits);
}

std::int64_t integer_of(const json& object, const char* key) {
  const json& value = object.at(key);
  if (value.is_number_integer()) return value.get<std::int64_t>();
  const auto* text = value.get_ptr<const std::string*>();
  const auto number = text == nullptr ? std::nullopt : parse_number(*text);
  if (!number || number->digits != 0 || number->mantissa > 1ULL << 62U) throw BadFrame{std::string(key) + " is no whole number"};
  return static_cast<std::int64_t>(number->mantissa);
}

/// A checksum: a signed number.
std::int64_t integer_or_negative(const json& value) {
  if (!value.is_number_integer()) throw BadFrame{"the checksum is no whole number"};
  return value.get<std::int64_t>();
}

TimeNs milliseconds(const json& object, const char* key) {
  const std::int64_t ms = integer_of(object, key);
  if (ms < 0 || ms > 7'258'118'400'000) throw BadFrame{std::string(key) + " is no time"};
  return TimeNs{ms * 1'000'000};
}

/// When the recorder wrote the line down: the number that ends what stands before the frame, in s, ms, us or ns since 1970, or s with a fraction. Nothing where there
/// is none of 2001 to 2100.
std::optional<TimeNs> received_at(std::string_view before) {
  const std::size_t last = before.find_last_not_of(" :\t");
  if (last == std::string_view::npos) return std::nullopt;
  before = before.substr(0, last + 1);
  const std::string_view word = before.substr(before.find_last_of(" \t") + 1);
  constexpr std::int64_t kFirst = 978'307'200'000'000'000, kLast = 4'102'444'800'000'000'000;
  const auto plausible = [](std::int64_t ns) { return ns >= kFirst && ns < kLast; };
  if (const auto ns = parse_i64(word); ns && plausible(*ns)) return TimeNs{*ns};
  const auto number = parse_number(word);
  if (!number || number->negative) return std::nullopt;
  for (const int unit : {9, 6, 3}) {
    const auto scaled = to_scale(*number, unit, Cut::down);
    if (scaled && plausible(scaled->units)) return TimeNs{scaled->units};
  }
  return std::nullopt;
}

/// No recorder takes so long to write a line down; a tape could not hold more than 62 years.
constexpr DurationNs kMostLate{50 * 365 * kDay.ns};

std::string_view text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  const auto* text = found == object.end() ? nullptr : found->get_ptr<const std::string*>();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

/// Changes of one frame, with the venue's numbering of them.
struct Changes {
  TimeNs time{};
  std::int64_t first = 0, last = 0;
  std::optional<std::int64_t> before;  ///< number of the change in front, where the venue tells it
  std::vector<TapeEvent> levels;
};

}  // namespace

struct TapeFrames::State {
  explicit State(const Instrument& i)
      : symbol(i.venue_symbol), inverse(i.payoff == Payoff::inverse), in_contracts(i.venue == Venue::okx), contract(i.contract_value.to_double()) {
    tape.instrument = instrument_code(i);
  }

  void push(TimeNs time, TapeKind kind, BookHalf side, double price, double quantity) {
    if (tape.events.size() >= kMaxTapeEvents) throw BadFrame{"the recording holds more than " + std::to_string(kMaxTapeEvents) + " events; cut it"};
    if (kind != TapeKind::clear && !(price > 0 && std::isfinite(price) && std::isfinite(quantity))) throw BadFrame{"a price is not above 0"};
    newest = std::max(newest, time);
    newest_known = std::max({newest_known, newest, received.value_or(newest)});
    if (newest_known - newest > kMostLate) throw BadFrame{"the time in front of it is decades after its own"};
    tape.events.push_back({newest, kind, side, price, quantity, newest_known - newest});
  }
  void set_level(TimeNs time, TapeKind kind, const TapeEvent& level) {
    push(time, kind, level.side, level.price, level.quantity);
    auto& half = book[static_cast<std::size_t>(level.side)];
    if (level.quantity == 0) {
      half.erase(level.price);
    } else {
      half[level.price] = level.quantity;
    }
  }
  /// Base units: an inverse contract is worth so much of the quote asset, OKX counts linear contracts too, and spot and the other venues' linear contracts are counted
  /// in coins.
  double base_units(double price, double quantity) const {
    if (inverse) return quantity * contract / price;
    return in_contracts ? quantity * contract : quantity;
  }
  void collect(const json& rows, BookHalf side, std::vector<TapeEvent>& out) const {
    if (!rows.is_array()) throw BadFrame{"levels are no list"};
    for (const json& row : rows) {
      const double price = number_of(row.at(0));
      if (!(price > 0)) throw BadFrame{"a price is not above 0"};
      out.push_back({{}, TapeKind::level, side, price, base_units(price, number_of(row.at(1)))});
    }
  }
  void lose_book(TimeNs time) {
    push(time, TapeKind::clear, BookHalf::bid, 0, 0);
    for (auto& half : book) half.clear();
    okx_book.clear();
    live = false;
  }
  void snapshot(const Changes& all) {
    lose_book(all.time);
    for (const TapeEvent& level : all.levels) set_level(all.time, TapeKind::seed, level);
    tape.tells_book = true;
    live = true;
    fresh = true;
    last_number = all.last;
    for (const Changes& one : std::exchange(held, {})) change(one);
    tell_best(all.time);
  }
  void hold(const Changes& one) {
    if (held.size() >= kMaxHeld) held.erase(held.begin());
    held.push_back(one);
  }
  void change(const Changes& one) {
    if (!live) return hold(one);
    if (one.last != 0) {
      if (one.last <= last_number) return;  // the snapshot knows it
      const bool follows = fresh ? one.first <= last_number + 1 : one.before ? *one.before == last_number : one.first <= last_number + 1;
      if (!follows) {
        lose_book(one.time);
        return hold(one);
      }
      last_number = one.last;
      fresh = false;
    }
    for (const TapeEvent& level : one.levels) set_level(one.time, TapeKind::level, level);
    tell_best(one.time);
  }
  /// From the book, where the feed does not tell it.
  void tell_best(TimeNs time) {
    if (feed_tells_best || !live) return;
    const auto& bids = book[0];
    const auto& asks = book[1];
    if (!bids.empty()) best(time, BookHalf::bid, bids.rbegin()->first, bids.rbegin()->second);
    if (!asks.empty()) best(time, BookHalf::ask, asks.begin()->first, asks.begin()->second);
  }
  void best(TimeNs time, BookHalf side, double price, double quantity) {
    auto& known = told[static_cast<std::size_t>(side)];
    if (known == std::pair(price, quantity)) return;
    known = {price, quantity};
    push(time, TapeKind::best, side, price, quantity);
  }
  void trade(TimeNs time, BookHalf resting, double price, double quantity) {
    push(time, TapeKind::trade, resting, price, base_units(price, quantity));
    tape.tells_trades = true;
  }

  void binance(const json& frame, std::string_view stream);
  enum class Ours : std::uint8_t { perhaps, yes };
  void binance_snapshot(const json& frame, std::string_view before);
  void snapshot_or_wait(Changes all, Ours ours);
  void see(bool own);
  void bybit(const json& frame, std::string_view topic);
  void okx(const json& frame);
  void okx_levels(const json& row, Changes one, bool first);
  void frame(const json& frame, std::string_view before);

  std::string symbol;
  bool inverse, in_contracts;
  double contract;
  Tape tape;
  std::optional<TimeNs> received;  ///< when the present line was written down
  TimeNs newest{}, newest_known{};
  OkxChecksum okx_book;
  std::array<std::map<double, double>, 2> book;  ///< bids, asks
  std::array<std::pair<double, double>, 2> told{};
  std::vector<Changes> held;
  TimeNs clock{};                  ///< the latest time that a frame of ours told, kept or held: it stands for what spot's bookTicker and snapshot do not tell
  std::optional<Changes> waiting;  ///< a snapshot in front of the first frame that tells whose it is, or when
  bool waiting_is_ours = false, untimed = false;
  std::int64_t last_number = 0;
  bool live = false, fresh = false, feed_tells_best = false, saw_own = false, saw_other = false;
};

void TapeFrames::State::binance(const json& data, std::string_view event) {
  const bool own = text_of(data, "s") == symbol;
  if (own && data.contains("E")) clock = std::max(clock, milliseconds(data, "E"));
  see(own);
  if (!own) return;
  if (event == "depthUpdate") {
    Changes one{.time = milliseconds(data, "E"), .first = integer_of(data, "U"), .last = integer_of(data, "u"), .before = std::nullopt, .levels = {}};
    if (data.contains("pu")) one.before = integer_of(data, "pu");
    collect(data.at("b"), BookHalf::bid, one.levels);
    collect(data.at("a"), BookHalf::ask, one.levels);
    change(one);
  } else if (event == "trade" || event == "aggTrade") {
    // Futures tell insurance and liquidation prints too; their quantity may be 0.
    const double quantity = number_of(data.at("q"));
    if (quantity > 0) trade(milliseconds(data, "E"), data.at("m").get<bool>() ? BookHalf::bid : BookHalf::ask, number_of(data.at("p")), quantity);
  } else {
    feed_tells_best = true;
    const TimeNs time = data.contains("E") ? milliseconds(data, "E") : clock;  // spot tells none
    untimed |= time == kNoTime;
    if (time == kNoTime) return;  // when it was is not known; the next one is not far
    for (const auto& [side, price_key, quantity_key] : {std::tuple(BookHalf::bid, "b", "B"), std::tuple(BookHalf::ask, "a", "A")}) {
      const double price = number_of(data.at(price_key));
      best(time, side, price, base_units(price, number_of(data.at(quantity_key))));
    }
  }
}

/// The snapshot does not say whose it is: it is believed where the line names the symbol, as the address that it was asked from does, or where all frames of the
/// recording so far, or else the next one, are of our symbol.
void TapeFrames::State::binance_snapshot(const json& data, std::string_view before) {
  Changes all{
      .time = data.contains("E") ? milliseconds(data, "E") : clock, .first = 0, .last = integer_of(data, "lastUpdateId"), .before = std::nullopt, .levels = {}};
  collect(data.at("bids"), BookHalf::bid, all.levels);
  collect(data.at("asks"), BookHalf::ask, all.levels);
  constexpr std::string_view kName = "symbol=";
  if (const std::size_t at = before.find(kName); at != std::string_view::npos) {
    const std::string_view rest = before.substr(at + kName.size());
    if (rest.substr(0, rest.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")) == symbol) snapshot_or_wait(std::move(all), Ours::yes);
  } else if (!saw_other) {
    snapshot_or_wait(std::move(all), saw_own ? Ours::yes : Ours::perhaps);
  }
}

void TapeFrames::State::snapshot_or_wait(Changes all, Ours ours) {
  if (ours == Ours::yes && all.time != kNoTime) return snapshot(all);
  untimed |= all.time == kNoTime;
  waiting = std::move(all);
  waiting_is_ours = ours == Ours::yes;
}

void TapeFrames::State::see(bool own) {
  (own ? saw_own : saw_other) = true;
  if (!waiting) return;
  if (saw_other && !waiting_is_ours) return waiting.reset();
  waiting_is_ours |= own;
  if (waiting->time == kNoTime) waiting->time = clock;
  if (waiting_is_ours && waiting->time != kNoTime) snapshot(*std::exchange(waiting, std::nullopt));
}

void TapeFrames::State::bybit(const json& frame, std::string_view topic) {
  const json& data = frame.at("data");
  if (topic.starts_with("publicTrade.")) {
    for (const json& row : data)
      if (text_of(row, "s") == symbol)
        trade(milliseconds(row, "T"), text_of(row, "S") == "Buy" ? BookHalf::ask : BookHalf::bid, number_of(row.at("p")), number_of(row.at("v")));
    return;
  }
  if (text_of(data, "s") != symbol) return;
  const std::int64_t number = integer_of(data, "u");
  Changes one{.time = milliseconds(frame, "ts"), .first = number, .last = number, .before = std::nullopt, .levels = {}};
  collect(data.at("b"), BookHalf::bid, one.levels);
  collect(data.at("a"), BookHalf::ask, one.levels);
  if (text_of(frame, "type") == "snapshot") {
    held.clear();
    snapshot(one);
  } else {
    change(one);
  }
}

/// The 25 best levels of each side must have the checksum that the venue tells; where they do not, something of the book was lost.
void TapeFrames::State::okx_levels(const json& row, Changes one, bool first) {
  if (first) okx_book.clear();
  for (const BookHalf side : {BookHalf::bid, BookHalf::ask}) {
    const json& rows = row.at(side == BookHalf::bid ? "bids" : "asks");
    collect(rows, side, one.levels);
    for (const json& level : rows) okx_book.set(side, number_of(level.at(0)), level.at(0).get<std::string>(), level.at(1).get<std::string>());
  }
  const auto checksum = row.find("checksum");
  const bool whole = checksum == row.end() || integer_or_negative(*checksum) == okx_book.value();
  if (first) {
    held.clear();
    OkxChecksum kept = okx_book;
    snapshot(one);
    okx_book = std::move(kept);
    fresh = false;
  } else if (live) {
    change(one);
  }
  if (live && !whole) lose_book(one.time);
}

void TapeFrames::State::okx(const json& frame) {
  const json& about = frame.at("arg");
  const std::string_view channel = text_of(about, "channel");
  if (text_of(about, "instId") != symbol || !frame.contains("data")) return;
  for (const json& row : frame.at("data")) {
    const TimeNs time = milliseconds(row, "ts");
    if (channel == "trades") {
      trade(time, text_of(row, "side") == "buy" ? BookHalf::ask : BookHalf::bid, number_of(row.at("px")), number_of(row.at("sz")));
    } else if (channel == "books") {
      Changes one{.time = time, .first = 0, .last = 0, .before = std::nullopt, .levels = {}};
      if (row.contains("seqId")) one.first = one.last = integer_of(row, "seqId");
      if (row.contains("prevSeqId") && row.at("prevSeqId") != -1) one.before = integer_of(row, "prevSeqId");
      okx_levels(row, std::move(one), text_of(frame, "action") == "snapshot");
    }
  }
}

void TapeFrames::State::frame(const json& whole, std::string_view before) {
  if (!whole.is_object()) return;
  const json& data = whole.contains("stream") ? whole.at("data") : whole;
  if (data.contains("lastUpdateId")) return binance_snapshot(data, before);
  const std::string_view event = text_of(data, "e");
  if (event == "depthUpdate" || event == "trade" || event == "aggTrade" || event == "bookTicker") return binance(data, event);
  if (event.empty() && data.contains("B") && data.contains("A") && data.contains("u")) return binance(data, "bookTicker");
  const std::string_view topic = text_of(whole, "topic");
  if (topic.starts_with("orderbook.") || topic.starts_with("publicTrade.")) return bybit(whole, topic);
  if (whole.contains("arg")) okx(whole);
}

Parsed<void> check_first_time(const Tape& tape) {
  constexpr TimeNs kFirst{1'230'768'000'000'000'000};
  if (tape.events.empty() || tape.events.front().time >= kFirst) return {};
  return err(make_error(ImportFault::bad_time, {}, 0, {},
                        "the first event is of " + format_rfc3339(tape.events.front().time) + ", before there were such markets",
                        "look at the times of the file: they are read as milliseconds since 1970, or as its header says"));
}

TapeFrames::TapeFrames(const Instrument& instrument) : state_(std::make_unique<State>(instrument)) {}
TapeFrames::~TapeFrames() = default;
std::uint64_t TapeFrames::size() const { return state_->tape.events.size(); }

Parsed<void> TapeFrames::line(const Place& place) {
  const std::size_t begin = place.text.find('{');
  if (begin == std::string_view::npos) return {};
  const auto bad = [&](std::string message) {
    return err(
        make_error(ImportFault::unknown_format, place, 0, place.text.substr(begin), std::move(message), "a frame is one line of JSON as the venue sent it"));
  };
  state_->received = received_at(place.text.substr(0, begin));
  try {
    state_->frame(json::parse(place.text.substr(begin)), place.text.substr(0, begin));
  } catch (const BadFrame& fault) {
    return bad(fault.what);
  } catch (const json::exception&) {
    return bad("the frame cannot be read");
  }
  return {};
}

Parsed<Tape> TapeFrames::finish() {
  PROM_CHECK_OK(check_first_time(state_->tape));
  if (!state_->tape.events.empty()) return std::move(state_->tape);
  if (state_->untimed)
    return err(make_error(ImportFault::no_rows, {}, 0, {}, "no frame of " + state_->symbol + " tells when it was",
                          "Binance's spot bookTicker and snapshots carry no time: record depth or trades beside them"));
  return err(make_error(ImportFault::no_rows, {}, 0, {}, "there is no frame of " + state_->symbol,
                        "name the instrument that was recorded with --instrument; read are frames of Binance, Bybit and OKX"));
}

}  // namespace prom::archive
