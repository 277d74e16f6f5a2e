// The journal is the truth: nothing is copied from one database to the other, both are drawn from it.
#include "app/run/ledger_move.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "app/cli/output.h"
#include "app/run/run_ledger.h"
#include "app/run/run_state.h"
#include "base/sha256.h"
#include "domain/codec/field_codec.h"
#include "runtime/projector/projector.h"

namespace prom {
namespace {

constexpr std::uint32_t kAll = UINT32_MAX / 2;

void put(codec::Encoder<>& out, const OrderRow& row) {
  out.put(row.spec);
  out.put(row.state);
  out.put(row.filled);
  out.put(row.filled_value);
  out.put(row.last_text);
  out.put(row.created_at);
  out.put(row.updated_at);
}
void put(codec::Encoder<>& out, const DenialRow& row) {
  out.put(row.time);
  out.put(row.proposal);
  out.put(row.denial);
}
void put(codec::Encoder<>& out, const BalanceRow& row) {
  out.put(row.account);
  out.put(row.asset);
  out.put(row.amount);
}
template <class T>
void put(codec::Encoder<>& out, const T& value) {
  out.put(value);
}

struct ListSum {
  std::string name;
  std::uint64_t rows = 0;
  std::string sha256;
};

template <class Row>
StoreResult<ListSum> sum_of(std::string name, StoreResult<std::vector<Row>> rows) {
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::byte> bytes;
  Sha256 hash;
  for (const Row& row : *rows) {
    bytes.clear();
    codec::Encoder<> encoder(bytes);
    put(encoder, row);
    encoder.flush();
    hash.update(bytes);
  }
  return ListSum{std::move(name), rows->size(), hash.hex()};
}

StoreResult<std::vector<ListSum>> sums_of(Ledger& ledger) {
  std::vector<ListSum> out;
  std::optional<StoreError> failed;
  const auto add = [&](StoreResult<ListSum> sum) {
    if (failed) return;
    if (sum) {
      out.push_back(std::move(*sum));
    } else {
      failed = std::move(sum.error());
    }
  };
  add(sum_of("assets", ledger.assets()));
  add(sum_of("instruments", ledger.instruments()));
  add(sum_of("users", ledger.users()));
  add(sum_of("accounts", ledger.accounts()));
  add(sum_of("pairs", ledger.pairs()));
  add(sum_of("positions", ledger.positions(std::nullopt)));
  add(sum_of("balances", ledger.balances(std::nullopt)));
  add(sum_of("orders", ledger.orders(std::nullopt, kAll)));
  add(sum_of("fills", ledger.fills(std::nullopt, kAll)));
  add(sum_of("postings", ledger.postings(std::nullopt)));
  TradeFilter trades;
  trades.limit = kAll;
  add(sum_of("trades", ledger.trades(trades)));
  add(sum_of("denials", ledger.denials(kAll)));
  add(sum_of("decisions", ledger.decisions(std::nullopt, kAll)));
  add(sum_of("memories", ledger.memories()));
  add(sum_of("risk_states", ledger.risk_states()));
  add(sum_of("tool_stats", ledger.tool_stats({})));
  if (failed) return std::unexpected(std::move(*failed));
  return out;
}

CommandError store_failed(const StoreError& error) { return {ExitCode::outside_away, "ledger", error.detail, error.hint, {}}; }

/// In steps, so that a person sees it move.
std::expected<std::uint64_t, CommandError> draw(AppContext& context, JournalReader& journal, Ledger& ledger, std::uint64_t frames, const std::string& what) {
  Projector projector(journal, ledger);
  ProgressLine progress(context, what);
  constexpr std::uint64_t kStep = Projector::kBatch;
  std::uint64_t applied = 0;
  for (std::uint64_t upto = std::min(kStep, frames);; upto = std::min(upto + kStep, frames)) {
    const auto done = projector.catch_up(upto);
    if (!done) {
      if (done.error().side == ProjectorError::Side::ledger) return std::unexpected(store_failed(done.error().ledger));
      return std::unexpected(CommandError{ExitCode::input_data, "journal", done.error().journal.detail, "restore the journal from a backup", {}});
    }
    applied = *done;
    progress.update(upto, frames, std::to_string(applied) + " frames");
    if (upto == frames) return applied;
  }
}

}  // namespace

std::expected<Value, CommandError> move_ledger_to_server(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  if (config->text("POSTGRES_HOST").empty())
    return std::unexpected(CommandError{
        ExitCode::usage, "no_server", "no server is named to migrate to", "set POSTGRES_HOST and what it needs; promtrade check-config shows it", {}});
  PROM_TRY(const StatePaths state, context.state());
  PROM_TRY(const auto run, load_run_state(state));
  if (!run)
    return std::unexpected(CommandError{ExitCode::input_data, "no_run", state.root + " holds no run whose ledger could be moved", "name it with --state", {}});
  // The writer's lock: nobody may append meanwhile.
  JournalFileOptions options;
  options.directory = state.journal();
  const auto writer = open_journal_writer(options);
  if (!writer) {
    const bool runs = writer.error().kind == JournalErrorKind::locked;
    return std::unexpected(CommandError{runs ? ExitCode::refused : ExitCode::outside_away,
                                        runs ? "in_use" : "journal",
                                        writer.error().detail,
                                        runs ? "stop promtrade first; it can be started again as soon as this is done"
                                        : writer.error().kind == JournalErrorKind::corrupt ? "restore the journal from a backup"
                                                                                           : "check the disk and rights of the state directory",
                                        {}});
  }
  const std::uint64_t frames = (*writer)->durable_seq();
  const auto journal = open_journal_reader(state.journal());
  auto embedded = open_sqlite_ledger({.path = state.ledger()});
  if (!embedded) return std::unexpected(store_failed(embedded.error()));
  PROM_TRY(const RunLedger server, open_run_ledger(context, state, run->ledger));
  PROM_TRY(const std::uint64_t here, draw(context, *journal, **embedded, frames, "embedded"));
  PROM_TRY(const std::uint64_t there, draw(context, *journal, *server.ledger, frames, "server"));
  const auto ours = sums_of(**embedded), theirs = sums_of(*server.ledger);
  if (!ours) return std::unexpected(store_failed(ours.error()));
  if (!theirs) return std::unexpected(store_failed(theirs.error()));
  std::string differences;
  ValueList lists;
  for (std::size_t i = 0; i < ours->size(); ++i) {
    const ListSum &a = (*ours)[i], &b = (*theirs)[i];
    if (a.rows != b.rows || a.sha256 != b.sha256)
      differences += (differences.empty() ? "" : ", ") + a.name + " (" + std::to_string(a.rows) + " here, " + std::to_string(b.rows) + " there)";
    lists.emplace_back(ValueObject{{"name", b.name}, {"rows", static_cast<std::int64_t>(b.rows)}, {"sha256", b.sha256}});
  }
  if (here != there || !differences.empty())
    return std::unexpected(CommandError{ExitCode::check_failed,
                                        "ledgers_differ",
                                        "the two ledgers do not say the same: " + differences,
                                        "the embedded one is untouched; unset POSTGRES_HOST to go on with it, and report this",
                                        {}});
  return Value(ValueObject{{"place", server.place}, {"frames", static_cast<std::int64_t>(there)}, {"lists", std::move(lists)}});
}

}  // namespace prom
