// Deribit: replies of public/get_book_summary_by_currency (kind=option) and public/get_last_trades_by_currency (kind=option). No key. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "ports/feed.h"

namespace prom {

/// Of each option up to four observations at its creation_timestamp: open interest, volume of a day, volatility of the mark price and the underlying's price for that
/// expiry, where the reply has them. Futures and combinations in the reply are left out.
FeedResult parse_deribit_option_summary(std::string_view body, TimeNs fetched_at);
/// Trades of single options, the legs of combinations among them; `id` is Deribit's trade_id.
FeedResult parse_deribit_option_trades(std::string_view body, TimeNs fetched_at);
/// Where the page of trades says that there are older ones beside it, the instant of its oldest trade, of whatever kind: the next page's `end_timestamp`, which is
/// inclusive. Nothing where it does not, or cannot be read.
std::optional<TimeNs> deribit_older_trades_until(std::string_view body);

}  // namespace prom
