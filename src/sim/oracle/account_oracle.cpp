// The naive account. Numbers are lists of decimal digits, multiplied and divided as on paper. One thread.
#include "sim/oracle/account_oracle.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace prom::oracle {
namespace {

using Digits = std::vector<int>;  // least significant first, no leading zeros; empty = 0

void trim_zeros(Digits& digits) {
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
}

Digits digits_of(Decimal::Mantissa value) {
  PROM_ASSERT(value >= 0, "paper digits have no sign");
  Digits out;
  for (; value > 0; value /= 10) out.push_back(static_cast<int>(value % 10));
  return out;
}

Digits times(const Digits& a, const Digits& b) {
  Digits out(a.size() + b.size() + 1, 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) out[i + j] += a[i] * b[j];
  }
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    out[i + 1] += out[i] / 10;
    out[i] %= 10;
  }
  trim_zeros(out);
  return out;
}

int compare(const Digits& a, const Digits& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  for (std::size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

void subtract(Digits& a, const Digits& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] -= i < b.size() ? b[i] : 0;
    if (a[i] < 0) {
      a[i] += 10;
      --a[i + 1];
    }
  }
  trim_zeros(a);
}

// Long division; the quotient is rounded half-even.
Decimal::Mantissa divided(const Digits& a, const Digits& b) {
  PROM_ASSERT(!b.empty(), "division by zero");
  Digits rest;
  Decimal::Mantissa quotient = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    rest.insert(rest.begin(), a[i]);
    trim_zeros(rest);
    int digit = 0;
    for (; compare(rest, b) >= 0; ++digit) subtract(rest, b);
    quotient = quotient * 10 + digit;
  }
  const int half = compare(times(rest, {2}), b);
  return half > 0 || (half == 0 && quotient % 2 != 0) ? quotient + 1 : quotient;
}

Decimal::Mantissa power_of_ten(int exponent) {
  Decimal::Mantissa out = 1;
  for (int i = 0; i < exponent; ++i) out *= 10;
  return out;
}

// Value of a quantity at a price: quote for spot and linear, base for inverse. At 1e-12.
Decimal value_of(const Instrument& inst, std::int64_t price, std::int64_t quantity) {
  const auto contract = inst.contract_value.mantissa();
  const auto units = power_of_ten(inst.quantity_digits);
  const auto scale = power_of_ten(inst.price_digits);
  if (inst.payoff == Payoff::inverse) return Decimal::from_mantissa(exact_ratio(quantity, contract, scale, units, price));
  return Decimal::from_mantissa(exact_ratio(price, quantity, contract, units, scale));
}

void book(AccountState& state, const Instrument& inst, const Fill& fill) {
  const std::uint32_t account = fill.account.v;
  const bool buys = fill.side == Side::buy;
  state.balances[{account, fill.fee.asset.v}] -= fill.fee.amount;
  AccountState::Held& held = state.positions[{account, fill.instrument.v, fill.leg}];
  const Decimal value = value_of(inst, fill.price.v, fill.quantity.v);
  if (inst.payoff == Payoff::spot) {
    const Decimal coins = Decimal::from_mantissa(Decimal::Mantissa{fill.quantity.v} * power_of_ten(12 - inst.quantity_digits));
    state.balances[{account, inst.base.v}] += buys ? coins : -coins;
    state.balances[{account, inst.quote.v}] += buys ? -value : value;
  }
  const std::int64_t size = held.quantity < 0 ? -held.quantity : held.quantity;
  const bool closes = size != 0 && (held.quantity < 0) == buys;
  if (!closes) {
    held.quantity += buys ? fill.quantity.v : -fill.quantity.v;
    held.cost += buys ? value : -value;
    return;
  }
  const std::int64_t closed = std::min(size, fill.quantity.v);
  const Decimal paid = held.cost.is_negative() ? -held.cost : held.cost;
  const Decimal paid_for_closed = Decimal::from_mantissa(exact_ratio(paid.mantissa(), closed, 1, size, 1));
  const Decimal got = closed == fill.quantity.v ? value : value_of(inst, fill.price.v, closed);
  // A long earns what it got over what it paid, a short the reverse; in base (inverse) the two change places.
  const bool long_earns = held.quantity > 0;
  const Decimal gain = long_earns != (inst.payoff == Payoff::inverse) ? got - paid_for_closed : paid_for_closed - got;
  if (inst.payoff != Payoff::spot) state.balances[{account, inst.settle.v}] += gain;
  held.quantity += buys ? fill.quantity.v : -fill.quantity.v;
  if (closed == fill.quantity.v) {
    held.cost = held.cost.is_negative() ? paid_for_closed - paid : paid - paid_for_closed;
  } else {
    held.cost = buys ? value - got : got - value;
  }
}

}  // namespace

Decimal::Mantissa exact_ratio(Decimal::Mantissa a, Decimal::Mantissa b, Decimal::Mantissa c, Decimal::Mantissa d, Decimal::Mantissa e) {
  return divided(times(times(digits_of(a), digits_of(b)), digits_of(c)), times(digits_of(d), digits_of(e)));
}

Decimal AccountState::balance(AccountIx account, AssetIx asset) const {
  const auto it = balances.find({account.v, asset.v});
  return it == balances.end() ? Decimal{} : it->second;
}

std::int64_t AccountState::quantity(AccountIx account, InstrumentIx instrument, PositionLeg leg) const {
  const auto it = positions.find({account.v, instrument.v, leg});
  return it == positions.end() ? 0 : it->second.quantity;
}

AccountState AccountOracle::state() const {
  AccountState state;
  for (const auto& fact : facts_) {
    if (const auto* moved = std::get_if<Transfer>(&fact)) {
      state.balances[{moved->account.v, moved->amount.asset.v}] += moved->amount.amount;
    } else if (const auto* funded = std::get_if<VenueFunding>(&fact)) {
      state.balances[{funded->account.v, funded->amount.asset.v}] += funded->amount.amount;
    } else {
      const Fill& filled = std::get<Fill>(fact);
      book(state, instruments_[filled.instrument.v], filled);
    }
  }
  return state;
}

std::expected<void, std::string> AccountOracle::read_account_file(std::string_view text) {
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const auto f = split(line, '\t');
    const auto wrong = [&] { return std::unexpected("line " + std::to_string(number) + " cannot be read"); };
    const auto integer = [&](std::size_t i) { return parse_i64(f[i]).value_or(-1); };
    const auto decimal = [&](std::size_t i) { return Decimal::parse(f[i]).value_or(Decimal{}); };
    const auto leg = [&](std::size_t i) { return f[i] == "net" ? PositionLeg::net : f[i] == "long_leg" ? PositionLeg::long_leg : PositionLeg::short_leg; };
    if (f.size() < 4) continue;
    if (f[2] == "transfer") {
      if (f.size() != 8) return wrong();
      transfer(AccountIx{static_cast<std::uint32_t>(integer(3))}, {AssetIx{static_cast<std::uint16_t>(integer(4))}, decimal(5)});
    } else if (f[2] == "funding") {
      if (f.size() != 12) return wrong();
      VenueFunding record;
      record.account = AccountIx{static_cast<std::uint32_t>(integer(3))};
      record.amount = {AssetIx{static_cast<std::uint16_t>(integer(8))}, decimal(9)};
      funding(record);
    } else if (f[2] == "fill") {
      if (f.size() != 19) return wrong();
      Fill row;
      row.account = AccountIx{static_cast<std::uint32_t>(integer(6))};
      row.instrument = InstrumentIx{static_cast<std::uint16_t>(integer(7))};
      row.leg = leg(8);
      row.side = f[9] == "buy" ? Side::buy : Side::sell;
      row.price = {integer(10)};
      row.quantity = {integer(11)};
      row.fee = {AssetIx{static_cast<std::uint16_t>(integer(12))}, decimal(13)};
      if (row.instrument.v >= instruments_.size() || row.price.v <= 0 || row.quantity.v <= 0) return wrong();
      fill(row);
    }
  }
  return {};
}

}  // namespace prom::oracle
