// Memories and the trade journal: what the desk learns from. Written through the ledger; any thread reads copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/verdict.h"

namespace prom {

enum class MemoryKind : std::uint8_t { observation, decision, trade, lesson, regime, pattern };
enum class MemoryScope : std::uint8_t { user, agent, collective };
std::string_view name_of(MemoryKind kind);
std::optional<MemoryKind> parse_memory_kind(std::string_view name);

struct Memory {
  std::uint64_t id = 0;
  MemoryKind kind = MemoryKind::observation;
  MemoryScope scope = MemoryScope::user;
  std::optional<UserIx> user;
  std::optional<AgentRole> agent;
  std::optional<InstrumentIx> instrument;
  std::optional<RoundTripId> trade;
  std::string text;
  std::vector<float> situation;   ///< numeric description of the market then; empty = none
  double importance = 0;          ///< [0, 1]
  std::uint32_t validations = 0;  ///< trades that bore a lesson out
  double score = 0;               ///< [0, 1] share of validations that agreed; a lesson with >= 3 and >= 0.8 becomes collective
  TimeNs created_at{};
  std::optional<TimeNs> expires_at;
  PROM_FIELDS(id, kind, scope, user, agent, instrument, trade, text, situation, importance, validations, score, created_at, expires_at)
};

/// One closed round trip with what was known and what it taught.
struct JournalEntry {
  RoundTripId trade{};
  AccountIx account{};
  PairIx pair{};
  InstrumentIx instrument{};
  Side side = Side::buy;  ///< of the entry
  std::string decider;
  std::optional<DecisionId> decision;
  std::optional<ProposalId> proposal;
  TimeNs opened_at{}, closed_at{};
  QuantityUnits quantity{};         ///< largest size held
  Decimal entry_price, exit_price;  ///< averages
  Decimal gross;                    ///< at the prices of the fills, so after slippage; before fees and funding, in the settle asset
  Decimal fees;
  Decimal funding;
  Decimal slippage;
  Decimal net;
  Decimal risked;                           ///< loss at the initial stop as reviewed; zero when unknown
  Decimal best_excursion, worst_excursion;  ///< largest unrealised gain and loss while open, from bar extremes
  std::string exit_reason;                  ///< stop_loss, take_profit, close, flatten, liquidation
  std::string regime;
  std::string lesson;
  PROM_FIELDS(trade, account, pair, instrument, side, decider, decision, proposal, opened_at, closed_at, quantity, entry_price, exit_price, gross, fees,
              funding, slippage, net, risked, best_excursion, worst_excursion, exit_reason, regime, lesson)
};

/// What every document and table calls `gross`: the profit before all costs, so that net = gross - fees - slippage + funding for a trade as for a run.
inline Decimal gross_before_costs(const JournalEntry& entry) { return entry.gross + entry.slippage; }

}  // namespace prom
