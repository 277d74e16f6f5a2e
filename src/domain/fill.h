// Fills and postings: what happened to an order, and what it did to cash. Written by the engine thread, read as copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/ids.h"
#include "domain/order.h"

namespace prom {

enum class Liquidity : std::uint8_t { maker, taker };
/// Who reported a fill. Nothing here makes an inferred one: a status that says "filled" makes us ask for the venue's own records. The stores know the word.
enum class FillSource : std::uint8_t { venue, inferred, liquidation };

/// One execution. Applied once per (venue, instrument, trade).
struct Fill {
  VenueTradeId trade{};
  OrderId order{};
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  Side side = Side::buy;
  PriceUnits price{};
  QuantityUnits quantity{};
  Money fee;         ///< positive = paid
  Decimal slippage;  ///< cost against the reference price (open, trigger or limit) in quote, positive = worse for us
  Liquidity liquidity = Liquidity::taker;
  FillSource source = FillSource::venue;
  TimeNs time{};  ///< the venue's time of the execution
  PROM_FIELDS(trade, order, account, instrument, leg, side, price, quantity, fee, slippage, liquidity, source, time)
};

/// Sums over the round trip that is open, for its journal entry.
struct RoundTripSums {
  Side side = Side::buy;  ///< of the entry
  QuantityUnits largest{}, entered{}, exited{};
  Decimal entered_value, exited_value;  ///< price * quantity, in quote
  Decimal slippage;
  OrderPurpose last_exit = OrderPurpose::close;
  FillSource last_source = FillSource::venue;
  PROM_FIELDS(side, largest, entered, exited, entered_value, exited_value, slippage, last_exit, last_source)
};

enum class PostingKind : std::uint8_t { transfer, fill, realised_pnl, fee, funding, liquidation, adjustment };
std::string_view name_of(PostingKind kind);
std::string_view name_of(Liquidity liquidity);

/// One side of a double entry: the account's. The counterpart (venue, fee, funding, owner) is implied by kind and equals -amount. The sum over an
/// (account, asset) is its balance, to the last digit.
struct Posting {
  TimeNs time{};
  AccountIx account{};
  AssetIx asset{};
  PostingKind kind = PostingKind::transfer;
  Decimal amount;
  InstrumentIx instrument{};  ///< meaningful for all kinds but transfer and adjustment
  std::uint64_t ref = 0;      ///< order id for fills and fees, engine sequence otherwise
  PROM_FIELDS(time, account, asset, kind, amount, instrument, ref)
};

}  // namespace prom
