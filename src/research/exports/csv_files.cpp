// CSV and JSON Lines of a run. Any thread.
#include <initializer_list>
#include <string_view>
#include <vector>

#include "domain/codec/frame_codec.h"
#include "domain/enum_text.h"
#include "research/exports/atomic_file.h"
#include "research/exports/exports.h"
#include "research/exports/run_lookup.h"
#include "research/results/fill_digest.h"

namespace prom {
namespace {

/// RFC 4180: a field is quoted only where it must be.
void append_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_row(std::string& out, std::initializer_list<std::string_view> fields) {
  const char* separator = "";
  for (const std::string_view field : fields) {
    out += separator;
    append_field(out, field);
    separator = ",";
  }
  out += '\n';
}

std::string number(std::int64_t value) { return std::to_string(value); }
std::string number(std::uint64_t value) { return std::to_string(value); }
template <class Id>
std::string optional_id(const std::optional<Id>& id) {
  return id ? std::to_string(id->v) : std::string();
}

/// What a fill was for; liquidations have no order of ours behind them.
std::string_view fill_reason(const Fill& fill, const std::vector<const OrderOutcome*>& by_id) {
  if (fill.source == FillSource::liquidation) return "liquidation";
  const OrderOutcome* order = fill.order.v < by_id.size() ? by_id[fill.order.v] : nullptr;
  return order == nullptr ? std::string_view() : name_of(order->spec.purpose);
}

std::vector<const OrderOutcome*> orders_by_id(const RunResult& result) {
  std::vector<const OrderOutcome*> by_id;
  for (const OrderOutcome& order : result.orders) {
    if (by_id.size() <= order.spec.id.v) by_id.resize(order.spec.id.v + 1);
    by_id[order.spec.id.v] = &order;
  }
  return by_id;
}

}  // namespace

std::string trades_csv(const RunResult& result) {
  std::string out =
      "trade,instrument,side,decider,decision,opened_time_ns,closed_time_ns,quantity,entry_price,exit_price,asset,gross,fees,funding,"
      "slippage,net,risked,"
      "best_excursion,worst_excursion,exit_reason,regime\n";
  for (const JournalEntry& t : result.trades) {
    append_row(out, {number(t.trade.v),
                     code_of(result, t.instrument),
                     name_of(t.side),
                     t.decider,
                     optional_id(t.decision),
                     number(t.opened_at.ns),
                     number(t.closed_at.ns),
                     units_text(result, t.instrument, t.quantity),
                     t.entry_price.to_string(),
                     t.exit_price.to_string(),
                     settle_of(result, t.instrument),
                     gross_before_costs(t).to_string(),
                     t.fees.to_string(),
                     t.funding.to_string(),
                     t.slippage.to_string(),
                     t.net.to_string(),
                     t.risked.to_string(),
                     t.best_excursion.to_string(),
                     t.worst_excursion.to_string(),
                     t.exit_reason,
                     t.regime});
  }
  return out;
}

std::string fills_csv(const RunResult& result) {
  std::string out = "time_ns,venue,instrument,side,price,quantity,fee_asset,fee,liquidity,order_id,reason\n";
  const auto by_id = orders_by_id(result);
  for (const Fill& fill : result.fills) {
    const Instrument* instrument = find_instrument(result, fill.instrument);
    if (instrument == nullptr) continue;
    // The digest is taken over these first eight columns: the same function writes both.
    out += fill_line(fill, *instrument, asset_of(result, fill.fee.asset));
    out += ',';
    append_row(out, {name_of(fill.liquidity), number(fill.order.v), fill_reason(fill, by_id)});
  }
  return out;
}

std::string orders_csv(const RunResult& result) {
  std::string out =
      "order_id,client_order_id,created_time_ns,updated_time_ns,instrument,side,type,time_in_force,effect,purpose,quantity,filled,limit,"
      "trigger,"
      "trailing_distance,state,proposal\n";
  for (const OrderOutcome& o : result.orders) {
    const OrderSpec& s = o.spec;
    append_row(out, {number(s.id.v), to_text(s.client_id), number(o.created_at.ns), number(o.updated_at.ns), code_of(result, s.instrument), name_of(s.side),
                     name_of(s.type), enum_text(s.time_in_force), enum_text(s.effect), name_of(s.purpose), units_text(result, s.instrument, s.quantity),
                     units_text(result, s.instrument, o.filled), units_text(result, s.instrument, s.limit), units_text(result, s.instrument, s.trigger),
                     units_text(result, s.instrument, s.trailing_distance), name_of(o.state), optional_id(s.proposal)});
  }
  return out;
}

std::string equity_csv(const RunResult& result) {
  std::string out = "time_ns,equity\n";
  for (const EquityPoint& point : result.equity) append_row(out, {number(point.time.ns), point.equity.to_string()});
  return out;
}

std::string postings_csv(const RunResult& result) {
  std::string out = "time_ns,account,asset,kind,amount,ref\n";
  for (const Posting& p : result.postings) {
    append_row(out, {number(p.time.ns), number(std::uint64_t{p.account.v}), asset_of(result, p.asset), name_of(p.kind), p.amount.to_string(), number(p.ref)});
  }
  return out;
}

std::string denials_csv(const RunResult& result) {
  std::string out = "time_ns,proposal,decision,instrument,side,intent,quantity,limit,stop,decider,code,allowed,actual,explanation\n";
  for (const DeniedProposal& d : result.denials) {
    const TradeProposal& p = d.proposal;
    append_row(out, {number(d.time.ns), number(p.id.v), number(p.decision.v), code_of(result, p.instrument), name_of(p.side), enum_text(p.intent),
                     units_text(result, p.instrument, p.quantity), units_text(result, p.instrument, p.limit), units_text(result, p.instrument, p.stop),
                     p.decider, name_of(d.denial.code), d.denial.limit.to_string(), d.denial.actual.to_string(), explain(d.denial)});
  }
  return out;
}

std::expected<void, Error> write_export(const std::string& folder, const RunResult& result) {
  PROM_CHECK_OK(make_folder(folder));
  std::vector<AtomicFile> files;
  const auto open = [&](std::string_view name) -> std::expected<AtomicFile*, Error> {
    PROM_TRY(AtomicFile file, AtomicFile::create(folder + "/" + std::string(name)));
    files.push_back(std::move(file));
    return &files.back();
  };
  files.reserve(7);  // pointers into it stay good
  const auto add = [&](std::string_view name, const std::string& text) -> std::expected<void, Error> {
    PROM_TRY(AtomicFile * file, open(name));
    file->append(text);
    return file->finish();
  };
  PROM_CHECK_OK(add("trades.csv", trades_csv(result)));
  PROM_CHECK_OK(add("fills.csv", fills_csv(result)));
  PROM_CHECK_OK(add("orders.csv", orders_csv(result)));
  PROM_CHECK_OK(add("equity.csv", equity_csv(result)));
  PROM_CHECK_OK(add("postings.csv", postings_csv(result)));
  PROM_CHECK_OK(add("denials.csv", denials_csv(result)));
  PROM_TRY(AtomicFile * decisions, open("decisions.jsonl"));
  for (const DecisionRecord& record : result.decisions) {
    // The record names its instrument by number, as the journal does; nobody outside has that list.
    const bool known = record.instrument.v < result.instruments.size();
    decisions->append(known ? R"({"instrument_code":")" + instrument_code(result.instruments[record.instrument.v]) + R"(",)" : "{");
    decisions->append(std::string_view(decision_to_json(record)).substr(1));
    decisions->append("\n");
  }
  PROM_CHECK_OK(decisions->finish());
  for (AtomicFile& file : files) PROM_CHECK_OK(file.commit());
  return {};
}

}  // namespace prom
