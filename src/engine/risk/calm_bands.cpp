// Bands from equity, limits and trailing stops. Where an account's equity is not a plain sum over prices that it is asked about, its bands are empty and every
// price is judged exactly. Engine thread.
#include "engine/risk/calm_bands.h"

#include <algorithm>
#include <optional>

#include "engine/risk/equity.h"
#include "engine/risk/loss_floors.h"

namespace prom {
namespace {

wide::I128 ceil_div(wide::I128 n, wide::I128 d) { return (n + d - 1) / d; }

bool holds(const EngineState& state, AccountIx account, std::uint16_t instrument) {
  const auto& holders = state.holders[instrument];
  return std::binary_search(holders.begin(), holders.end(), account);
}

/// Steps of price that `left` pays for at this slope; nothing where not even the present price is inside.
std::optional<std::int64_t> steps(std::optional<wide::I128> left, std::size_t shares, wide::I128 per_unit) {
  constexpr std::int64_t kFar = std::int64_t{1} << 61;
  if (!left) return kFar;
  if (*left < 0) return std::nullopt;
  const wide::I128 divisor = per_unit * static_cast<std::int64_t>(shares);
  // Both below 2^63 in the usual case: one 64-bit division.
  if (((*left | divisor) >> 63) == 0) return std::min(static_cast<std::int64_t>(*left) / static_cast<std::int64_t>(divisor), kFar);
  return static_cast<std::int64_t>(std::min<wide::I128>(*left / divisor, kFar));
}

/// A trailing stop follows when its position's best price moves: the band ends there.
void bound_trailing(const EngineState& state, const Holding& holding, CalmBand& band) {
  if (holding.position.is_flat() || !holding.coverage.trailing_distance || holding.coverage.state != CoverageState::covered || !holding.coverage.stop) return;
  const std::int64_t tick = state.instruments[holding.position.instrument.v].tick.v;
  const std::int64_t distance = holding.coverage.trailing_distance->v;
  if (holding.position.quantity.v > 0) {
    const std::int64_t wanted = (holding.best.v - distance + tick - 1) / tick * tick;
    if (wanted > holding.coverage.stop->v) return band.narrow(CalmBand::empty());  // due already: the next price decides
    band.high = std::min(band.high, holding.best.v + 1);
  } else {
    const std::int64_t wanted = (holding.worst.v + distance) / tick * tick;
    if (wanted < holding.coverage.stop->v) return band.narrow(CalmBand::empty());
    band.low = std::max(band.low, holding.worst.v - 1);
  }
}

}  // namespace

void CalmBand::narrow(const CalmBand& other) {
  low = std::max(low, other.low);
  high = std::min(high, other.high);
  close_low = std::max(close_low, other.close_low);
  close_high = std::min(close_high, other.close_high);
  peak_low = std::max(peak_low, other.peak_low);
  peak_high = std::min(peak_high, other.peak_high);
}

void CalmBands::invalidate(const EngineState& state, UserIx user) {
  if (user.v < users_.size()) users_[user.v] = 0;
  for (const AccountIx account : state.users[user.v].accounts)
    for (const HotHolding& hot : state.accounts[account.v].hot)
      if (hot.instrument < instruments_.size()) instruments_[hot.instrument].generation = 0;
}

bool CalmBands::add_slopes(const EngineState& state, const AccountState& account) {
  const AssetIx in = account.account.reporting_asset;
  for (const Money& money : account.balances) {
    if (money.asset == in || money.amount.is_zero()) continue;
    const bool fixed =
        std::any_of(state.conversions.begin(), state.conversions.end(), [&](const ConversionPrice& c) { return c.asset == money.asset && c.in == in; });
    if (fixed) continue;
    if (money.asset.v >= state.spot_of_asset.size() || state.spot_of_asset[money.asset.v] == 0) return false;
    const auto ix = static_cast<std::uint16_t>(state.spot_of_asset[money.asset.v] - 1);
    const Instrument& spot = state.instruments[ix];
    // The price must be one that this account is asked about, else it could move unseen.
    if (spot.quote != in || money.amount.is_negative() || !holds(state, account.account.ix, ix)) return false;
    slopes_.push_back({ceil_div(money.amount.mantissa(), detail::kPow10[spot.price_digits]), account.account.ix, ix, Side::buy});
  }
  for (const HotHolding& hot : account.hot) {
    if (hot.quantity == 0 || hot.payoff == Payoff::spot) continue;  // spot holdings are balances
    const InstrumentMath& math = state.math[hot.instrument];
    if (hot.payoff != Payoff::linear || math.mul == 0 || state.instruments[hot.instrument].settle != in) return false;
    const wide::I128 size = hot.quantity < 0 ? -wide::I128{hot.quantity} : wide::I128{hot.quantity};
    const wide::I128 per_unit = math.div == 1 ? size * math.mul : ceil_div(size * math.mul, math.div);
    slopes_.push_back({per_unit, account.account.ix, hot.instrument, hot.quantity > 0 ? Side::buy : Side::sell});
  }
  return true;
}

void CalmBands::rebuild(const EngineState& state, UserIx ix) {
  const UserState& user = state.users[ix.v];
  users_[ix.v] = generation_;
  slopes_.clear();
  bool plain = !user.day_start_equity.is_zero();
  for (const AccountIx a : user.accounts) {
    const AccountState& account = state.accounts[a.v];
    accounts_[a.v].assign(account.holdings.size(), CalmBand{});
    plain = plain && add_slopes(state, account);
  }
  const auto equity = plain ? equity_of(state, ix) : std::nullopt;
  // Values are rounded to 1e-12 one by one: a few units are kept back for that.
  const wide::I128 spare = 4 + 2 * static_cast<std::int64_t>(slopes_.size());
  const auto left_to = [&](const std::optional<Decimal>& floor) { return floor ? std::optional((*equity - *floor).mantissa() - spare) : std::nullopt; };
  std::optional<wide::I128> down, up;
  wide::I128 further = 0;  // what the peak may rise by
  if (equity) {
    up = (user.peak_equity - *equity).mantissa() - spare;
    // A rising peak lifts the floor of the drawdown limit after it: room is made for that beforehand.
    const Decimal rise = Decimal::from_mantissa(user.peak_equity.mantissa() / 128);
    const LossFloors floors = loss_floors_that_act(user);
    const auto lifted = left_to(floors.at(user.peak_equity + rise));
    down = left_to(floors.at(user.peak_equity));
    if (!lifted || *lifted > *down / 2) {
      down = lifted;
      further = rise.mantissa();
    }
  }
  for (const Slope& slope : slopes_) {
    const AccountState& account = state.accounts[slope.account.v];
    CalmBand& band = accounts_[slope.account.v][account.by_instrument[slope.instrument] - 1];
    const std::int64_t price = state.market[slope.instrument].last.v;
    const auto falls = steps(down, slopes_.size(), slope.per_unit);
    const auto climbs = steps(up, slopes_.size(), slope.per_unit);
    if (!equity || !falls || !climbs) {
      band.narrow(CalmBand::empty());
      continue;
    }
    const std::int64_t beyond = *steps(*up + further, slopes_.size(), slope.per_unit);
    if (slope.held == Side::buy) {
      band.narrow({price - *falls - 1, INT64_MAX, INT64_MIN, price + *climbs + 1, INT64_MIN, price + beyond + 1});
    } else {
      band.narrow({INT64_MIN, price + *falls + 1, price - *climbs - 1, INT64_MAX, price - beyond - 1, INT64_MAX});
    }
  }
  for (const AccountIx a : user.accounts) {
    const AccountState& account = state.accounts[a.v];
    for (const Holding& holding : account.holdings) {
      if (holding.position.is_flat()) continue;
      CalmBand& band = accounts_[a.v][account.by_instrument[holding.position.instrument.v] - 1];
      if (!equity) band = CalmBand::empty();
      bound_trailing(state, holding, band);
    }
  }
}

void CalmBands::refresh_watermarks(const EngineState& state, InstrumentIx instrument) {
  OfInstrument& value = instruments_[instrument.v].value;
  value.best = INT64_MAX;
  value.worst = INT64_MIN;
  for (const AccountIx account : state.holders[instrument.v]) {
    const AccountState& a = state.accounts[account.v];
    for (std::size_t i = a.by_instrument[instrument.v] - 1; i < a.holdings.size(); ++i) {
      const Holding& holding = a.holdings[i];
      if (holding.position.instrument != instrument || holding.position.is_flat()) continue;
      value.best = std::min(value.best, holding.best.v);
      value.worst = std::max(value.worst, holding.worst.v);
    }
  }
}

const CalmBands::OfInstrument& CalmBands::of(const EngineState& state, InstrumentIx instrument) {
  if (instruments_.size() < state.instruments.size()) instruments_.resize(state.instruments.size());
  InstrumentEntry& entry = instruments_[instrument.v];
  if (entry.generation == generation_) return entry.value;
  if (users_.size() < state.users.size()) users_.resize(state.users.size(), 0);
  if (accounts_.size() < state.accounts.size()) accounts_.resize(state.accounts.size());
  CalmBand band;
  for (const AccountIx account : state.holders[instrument.v]) {
    const UserIx user = state.accounts[account.v].account.user;
    if (users_[user.v] != generation_) rebuild(state, user);
    band.narrow(of(state, account, instrument));
  }
  entry.value.band = band;
  entry.generation = generation_;
  refresh_watermarks(state, instrument);
  return entry.value;
}

const CalmBand& CalmBands::of(const EngineState& state, AccountIx account, InstrumentIx instrument) const {
  return accounts_[account.v][state.accounts[account.v].by_instrument[instrument.v] - 1];
}

}  // namespace prom
