// A second, naive account: it keeps every transfer, fill and funding and works positions and balances out afresh, digit by digit, whenever it is asked.
// It shares only domain types with the rest, so that whole-system tests have a witness with other habits and other mistakes. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "domain/fill.h"
#include "domain/input.h"
#include "domain/instrument.h"

namespace prom::oracle {

struct Transfer {
  AccountIx account{};
  Money amount;
};

/// Rebuilt on every call: balances by (account, asset), quantities by (account, instrument, leg). Assets and positions never touched are absent.
struct AccountState {
  struct Held {
    std::int64_t quantity = 0;
    Decimal cost;  ///< signed like quantity, in quote (inverse: base)
  };
  std::map<std::pair<std::uint32_t, std::uint16_t>, Decimal> balances;
  std::map<std::tuple<std::uint32_t, std::uint16_t, PositionLeg>, Held> positions;
  Decimal balance(AccountIx account, AssetIx asset) const;
  std::int64_t quantity(AccountIx account, InstrumentIx instrument, PositionLeg leg = PositionLeg::net) const;
};

class AccountOracle {
 public:
  explicit AccountOracle(std::span<const Instrument> instruments) : instruments_(instruments.begin(), instruments.end()) {}
  void transfer(AccountIx account, Money amount) { facts_.emplace_back(Transfer{account, amount}); }
  void fill(const Fill& fill) { facts_.emplace_back(fill); }
  void funding(const VenueFunding& funding) { facts_.emplace_back(funding); }
  /// Takes the transfer, fill and funding lines of a simulated venue's account file (src/sim/README.md) and skips the others. No checksum is looked at.
  std::expected<void, std::string> read_account_file(std::string_view text);

  /// O(facts).
  AccountState state() const;

 private:
  std::vector<Instrument> instruments_;
  std::vector<std::variant<Transfer, Fill, VenueFunding>> facts_;
};

/// round_half_even(a * b * c / (d * e)) of non-negative integers, by schoolbook decimal digits.
Decimal::Mantissa exact_ratio(Decimal::Mantissa a, Decimal::Mantissa b, Decimal::Mantissa c, Decimal::Mantissa d, Decimal::Mantissa e);

}  // namespace prom::oracle
