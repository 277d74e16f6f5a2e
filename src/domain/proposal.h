// What a decider asks for. A proposal is data: only the risk engine can turn it into an approved order. Any thread may build one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/ids.h"

namespace prom {

enum class Intent : std::uint8_t { open, add, reduce, close };
/// `strategy` and `agents` are deciders; `user` is a person's command.
enum class ProposalSource : std::uint8_t { strategy, agents, user };

/// The instant a decision was based on.
struct AsOf {
  std::uint64_t engine_seq = 0;
  TimeNs time{};
  PROM_FIELDS(engine_seq, time)
  friend bool operator==(const AsOf&, const AsOf&) = default;
};

/// Part of the position to take off at a price.
struct TargetLevel {
  PriceUnits price{};
  Decimal fraction;  ///< of the position's quantity, (0, 1]; the fractions of a proposal sum to at most 1
  PROM_FIELDS(price, fraction)
};

struct TradeProposal {
  ProposalId id{};  ///< given by the engine on receipt; zero before
  DecisionId decision{};
  AsOf as_of;
  std::uint64_t position_version = 0;  ///< version of the position the decision saw; open/add/reduce are denied when it has moved on (stale_basis)
  Intent intent = Intent::open;
  ProposalSource source = ProposalSource::strategy;
  TimeNs expires_at{};
  AccountIx account{};
  PairIx pair{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  Side side = Side::buy;            ///< of the order: buy opens long or closes short
  QuantityUnits quantity{};         ///< close: clipped to the position as it is at review
  std::optional<PriceUnits> limit;  ///< none = market
  std::optional<PriceUnits> stop;   ///< protective stop for open and add
  std::optional<PriceUnits> trailing_distance;
  std::vector<TargetLevel> targets;
  std::vector<PriceUnits> ladder;  ///< further limit entry prices; quantity is split evenly over limit and these
  std::string decider;             ///< strategy name or "agents"
  std::string reason;              ///< one sentence for a person
  PROM_FIELDS(id, decision, as_of, position_version, intent, source, expires_at, account, pair, instrument, leg, side, quantity, limit, stop, trailing_distance,
              targets, ladder, decider, reason)
};

}  // namespace prom
