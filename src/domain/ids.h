// Identities. Everything the engine touches is a dense index handed out in journal order; names exist only at the edges. Any thread.
#pragma once

#include <cstdint>

#include "base/strong.h"

namespace prom {

using AssetIx = StrongId<struct AssetTag, std::uint16_t>;
using InstrumentIx = StrongId<struct InstrumentTag, std::uint16_t>;
using UserIx = StrongId<struct UserTag, std::uint32_t>;
using AccountIx = StrongId<struct AccountTag, std::uint32_t>;
using PairIx = StrongId<struct PairTag, std::uint32_t>;
/// Dense, in order of creation; also the sequence part of the client order id.
using OrderId = StrongId<struct OrderTag, std::uint64_t>;
using ProposalId = StrongId<struct ProposalTag, std::uint64_t>;
/// One run of the agent pipeline or one signal of a strategy.
using DecisionId = StrongId<struct DecisionTag, std::uint64_t>;
/// One round trip of a position, from flat to flat.
using RoundTripId = StrongId<struct RoundTripTag, std::uint64_t>;
/// The venue's own identity of a trade (fill), unique per (venue, instrument).
using VenueTradeId = StrongId<struct VenueTradeTag, std::uint64_t>;

enum class Venue : std::uint8_t { sim, binance, bybit, okx };
enum class Side : std::uint8_t { buy, sell };
/// Which position of an instrument: the single net one, or one of the two hedge-mode legs.
enum class PositionLeg : std::uint8_t { net, long_leg, short_leg };

constexpr Side opposite(Side side) { return side == Side::buy ? Side::sell : Side::buy; }
/// +1 for buy, -1 for sell.
constexpr std::int64_t sign_of(Side side) { return side == Side::buy ? 1 : -1; }

}  // namespace prom
