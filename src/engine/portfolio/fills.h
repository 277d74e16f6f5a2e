// Fills and funding onto positions and cash, as events: each fill once, in any order, however late. Engine thread.
#pragma once

#include "engine/step.h"

namespace prom::portfolio {

void on_fill(Step& step, const Fill& fill);
void on_funding(Step& step, const VenueFunding& in);
/// Whether no order can sell the position: a spot remainder below the step or the venue's minimums at the last price (of unknown prices the quantity alone decides).
bool is_dust(const Step& step, const Position& held);
/// A remainder on spot that no venue would buy is closed in the books at the last price and said once; the coins stay in the balance (P8, P12). Does nothing
/// while orders work on it, or when it can be sold.
void close_dust(Step& step, AccountIx account, InstrumentIx instrument, PositionLeg leg);
void on_transfer(Step& step, const Input& input, const TransferBooked& in);

}  // namespace prom::portfolio
