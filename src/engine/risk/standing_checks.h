// Checks that stand while positions do: daily and rolling loss, drawdown, consecutive losses, errors, data feed; and when each breaker resumes. Engine thread.
#pragma once

#include "engine/step.h"

namespace prom::standing {

/// After a bar or trade of `instrument` for an account that holds it: loss limits at the adverse extreme, equity peak at the close.
void on_prices(Step& step, AccountIx account, InstrumentIx instrument, PriceUnits high, PriceUnits low);
/// After money moved by a fill or by funding, whether anything is still held or not: loss limits and peak at the latest prices, losses in a row. An account that
/// does not exist has none.
void on_settled(Step& step, AccountIx account);
/// After a rejection or failure: the error breaker.
void on_error(Step& step, AccountIx account);
/// The data-feed breaker: runs whenever time passes without data, and with the timers.
void check_feeds(Step& step);
/// Day starts, hourly samples with the loss limits at them, data-feed breaker, resumptions. Returns when to be called next.
TimeNs run_timers(Step& step);

}  // namespace prom::standing
