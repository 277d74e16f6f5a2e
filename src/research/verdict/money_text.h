// Amounts as a person reads them: rounded, grouped by thousands, with their currency. Display only; exports keep every digit. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"

namespace prom {

/// always: "+1.00", negative_only: "1.00"; a negative amount shows its sign in both.
enum class SignShown : std::uint8_t { negative_only, always };

/// "12,345.68 USDT": two decimals, eight for amounts in BTC or ETH; ties to even.
std::string money_text(Decimal amount, std::string_view currency, SignShown sign = SignShown::negative_only);
/// The same without the currency.
std::string amount_text(Decimal amount, std::string_view currency, SignShown sign = SignShown::negative_only);
/// An estimate in money: rounded to whole units from 100 on, else two decimals. "nan" and infinities become "unknown".
std::string estimate_text(double amount, SignShown sign = SignShown::negative_only);
/// 0.0412 -> "4.12 %".
std::string percent_text(double fraction, SignShown sign = SignShown::negative_only);
/// "2025-05-04 15:30 UTC".
std::string minute_text(TimeNs time);
/// "3 trades", "1 trade"; thousands grouped.
std::string count_text(std::uint64_t count, std::string_view singular, std::string_view plural);

}  // namespace prom
