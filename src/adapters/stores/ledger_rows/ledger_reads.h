// What a ledger answers, once for every database: which query, what is bound, what its rows mean. A ledger gives `rows<Row>(sql, bind, read)`, which runs one query.
// Include from .cpp files only. Any thread, as the ledger's rows() allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/stores/ledger_rows/ledger_queries.h"
#include "adapters/stores/ledger_rows/packed_records.h"
#include "ports/ledger.h"

namespace prom::ledger_rows {

/// `Self`: the ledger, which derives from this and lets it call rows(). `Interface`: the port that it implements. `Binder` binds by put(), `Columns` reads by
/// read(), both one value after another.
template <class Self, class Interface, class Binder, class Columns>
class LedgerReads : public Interface {
  friend Self;
  explicit LedgerReads(ledger_queries::Lead lead) : lead_(lead) {}

 public:
  StoreResult<std::vector<Instrument>> instruments() override {
    return self().template rows<Instrument>(
        ledger_queries::instruments(), [](Binder&) {},
        [](Columns& columns) -> StoreResult<Instrument> {
          PROM_TRY(auto packed, unpack_input<InstrumentRegistered>(next<std::vector<std::byte>>(columns)));
          return std::move(packed.instrument);
        });
  }
  StoreResult<std::vector<std::string>> assets() override {
    std::vector<std::string> names;
    const auto read = self().template rows<std::uint16_t>(
        ledger_queries::assets(), [](Binder&) {},
        [&](Columns& columns) -> StoreResult<std::uint16_t> {
          const auto ix = next<std::uint16_t>(columns);
          if (names.size() <= ix) names.resize(ix + 1U);
          columns.read(names[ix]);
          return ix;
        });
    if (!read) return err(read.error());
    return names;
  }
  StoreResult<std::vector<User>> users() override { return flat<User>(ledger_queries::users()); }
  StoreResult<std::vector<Account>> accounts() override { return flat<Account>(ledger_queries::accounts()); }
  StoreResult<std::vector<TradingPair>> pairs() override { return flat<TradingPair>(ledger_queries::pairs()); }
  StoreResult<std::vector<Position>> positions(std::optional<AccountIx> account) override {
    return flat<Position>(ledger_queries::positions(filter_for(account)), account);
  }
  StoreResult<std::vector<Posting>> postings(std::optional<AccountIx> account) override {
    return flat<Posting>(ledger_queries::postings(filter_for(account)), account);
  }
  StoreResult<std::vector<Fill>> fills(std::optional<AccountIx> account, std::uint32_t limit) override {
    return flat<Fill>(ledger_queries::fills(filter_for(account)), account, limit);
  }
  StoreResult<std::vector<BalanceRow>> balances(std::optional<AccountIx> account) override {
    return self().template rows<BalanceRow>(ledger_queries::balances(filter_for(account)), binding(account), [](Columns& columns) -> StoreResult<BalanceRow> {
      BalanceRow row;
      columns.read(row.account);
      columns.read(row.asset);
      columns.read(row.amount);
      return row;
    });
  }
  StoreResult<std::vector<OrderRow>> orders(std::optional<AccountIx> account, std::uint32_t limit) override {
    return self().template rows<OrderRow>(ledger_queries::orders(filter_for(account)), binding(account, limit), read_order);
  }
  StoreResult<std::vector<OrderRow>> open_orders(std::optional<AccountIx> account) override {
    return self().template rows<OrderRow>(ledger_queries::open_orders(filter_for(account)), binding(account), read_order);
  }

  StoreResult<std::vector<JournalEntry>> trades(const TradeFilter& filter) override {
    const auto bind = [&](Binder& binder) {
      if (filter.account) binder.put(*filter.account);
      if (filter.instrument) binder.put(*filter.instrument);
      if (filter.pair) binder.put(*filter.pair);
      if (filter.decider) binder.put(*filter.decider);
      binder.put(filter.limit);
    };
    return self().template rows<JournalEntry>(ledger_queries::trades(filter, lead_), bind,
                                              [](Columns& columns) -> StoreResult<JournalEntry> { return next<JournalEntry>(columns); });
  }

  StoreResult<std::vector<DenialRow>> denials(std::uint32_t limit) override {
    return self().template rows<DenialRow>(
        ledger_queries::denials(), [&](Binder& binder) { binder.put(limit); },
        [](Columns& columns) -> StoreResult<DenialRow> {
          DenialRow row;
          columns.read(row.time);
          columns.read(row.denial);
          const auto body = next<std::vector<std::byte>>(columns);
          if (body.empty()) {
            columns.read(row.proposal.id);  // denied before it was received whole: only its id is known
            return row;
          }
          PROM_TRY(auto packed, unpack_event<ProposalReceived>(body));
          row.proposal = std::move(packed.proposal);
          return row;
        });
  }

  StoreResult<std::optional<DecisionRecord>> decision(DecisionId id) override {
    PROM_TRY(auto found, self().template rows<DecisionRecord>(ledger_queries::decision(), [&](Binder& binder) { binder.put(id); }, read_decision));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }
  StoreResult<std::vector<DecisionRecord>> decisions(std::optional<PairIx> pair, std::uint32_t limit) override {
    const auto bind = [&](Binder& binder) {
      if (pair) binder.put(*pair);
      binder.put(limit);
    };
    return self().template rows<DecisionRecord>(ledger_queries::decisions(pair ? DecisionFilter::by_pair : DecisionFilter::none), bind, read_decision);
  }
  StoreResult<std::vector<RiskStateRow>> risk_states() override { return flat<RiskStateRow>(ledger_queries::risk_states()); }
  StoreResult<std::vector<ToolStat>> tool_stats(const ToolStatFilter& filter) override {
    const auto bind = [&](Binder& binder) {
      if (filter.tool) binder.put(*filter.tool);
      binder.put(filter.since.value_or(TimeNs{INT64_MIN}));
    };
    return self().template rows<ToolStat>(ledger_queries::tool_stats(filter.tool ? ToolFilter::by_tool : ToolFilter::none), bind,
                                          [](Columns& columns) -> StoreResult<ToolStat> { return next<ToolStat>(columns); });
  }
  StoreResult<std::vector<Memory>> memories() override {
    return self().template rows<Memory>(
        ledger_queries::memories(), [](Binder&) {},
        [](Columns& columns) -> StoreResult<Memory> {
          PROM_TRY(auto packed, unpack_input<MemoryNoted>(next<std::vector<std::byte>>(columns)));
          return std::move(packed.memory);
        });
  }

 protected:
  static StoreResult<DecisionRecord> read_decision(Columns& columns) {
    PROM_TRY(auto packed, unpack_input<DecisionRecorded>(next<std::vector<std::byte>>(columns)));
    return std::move(packed.record);
  }

 private:
  using DecisionFilter = ledger_queries::DecisionFilter;
  using Filter = ledger_queries::Filter;
  using ToolFilter = ledger_queries::ToolFilter;

  template <class T>
  static T next(Columns& columns) {
    T value{};
    columns.read(value);
    return value;
  }
  Self& self() { return static_cast<Self&>(*this); }
  static Filter filter_for(const std::optional<AccountIx>& account) { return account ? Filter::by_account : Filter::none; }
  /// Binds an account and a limit, those that are given.
  static auto binding(std::optional<AccountIx> account, std::optional<std::uint32_t> limit = std::nullopt) {
    return [account, limit](Binder& binder) {
      if (account) binder.put(*account);
      if (limit) binder.put(*limit);
    };
  }
  static StoreResult<OrderRow> read_order(Columns& columns) {
    OrderRow row;
    columns.read(row.spec);
    columns.read(row.state);
    columns.read(row.filled);
    columns.read(row.filled_value);
    columns.read(row.last_text);
    columns.read(row.created_at);
    columns.read(row.updated_at);
    return row;
  }
  template <class Row>
  StoreResult<std::vector<Row>> flat(const std::string& sql, std::optional<AccountIx> account = std::nullopt,
                                     std::optional<std::uint32_t> limit = std::nullopt) {
    return self().template rows<Row>(sql, binding(account, limit), [](Columns& columns) -> StoreResult<Row> { return next<Row>(columns); });
  }

  ledger_queries::Lead lead_;
};

}  // namespace prom::ledger_rows
