// Prices, quantities and money as types that cannot be mixed. Decimal forms stand at the edges; integer units inside. Any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/fields.h"
#include "domain/ids.h"

namespace prom {

enum class AmountError : std::uint8_t { not_positive, negative };

/// A price in the quote asset per unit of base (or per contract unit): strictly positive. Zero and negative prices do not exist as values of this type.
class Price {
 public:
  static std::expected<Price, AmountError> from(Decimal value) {
    if (value <= Decimal{}) return std::unexpected(AmountError::not_positive);
    return Price(value);
  }
  Decimal value() const { return value_; }
  auto operator<=>(const Price&) const = default;

 private:
  explicit Price(Decimal value) : value_(value) {}
  Decimal value_;
};

namespace detail {
/// A non-negative amount of something; the tag keeps base units and contracts apart.
template <class Tag>
class NonNegative {
 public:
  static std::expected<NonNegative, AmountError> from(Decimal value) {
    if (value < Decimal{}) return std::unexpected(AmountError::negative);
    return NonNegative(value);
  }
  Decimal value() const { return value_; }
  auto operator<=>(const NonNegative&) const = default;

 private:
  explicit NonNegative(Decimal value) : value_(value) {}
  Decimal value_;
};
}  // namespace detail

/// An amount of the base asset (coins).
using Quantity = detail::NonNegative<struct QuantityTag>;
/// A number of contracts; worth `contract_value` base units (linear) or quote units (inverse) each. Only an Instrument converts.
using Contracts = detail::NonNegative<struct ContractsTag>;

/// A price as an integer at the instrument's power-of-ten scale: price = v / 10^price_digits. Positive wherever it is a price.
struct PriceUnits {
  std::int64_t v = 0;
  auto operator<=>(const PriceUnits&) const = default;
};

/// An order quantity as an integer at the instrument's power-of-ten scale: v / 10^quantity_digits base units or contracts, whichever the venue trades.
/// Signed where it is a position (positive long, negative short), non-negative in orders and fills.
struct QuantityUnits {
  std::int64_t v = 0;
  auto operator<=>(const QuantityUnits&) const = default;
  QuantityUnits operator-() const { return {-v}; }
  friend QuantityUnits operator+(QuantityUnits a, QuantityUnits b) { return {a.v + b.v}; }
  friend QuantityUnits operator-(QuantityUnits a, QuantityUnits b) { return {a.v - b.v}; }
};

/// An amount of one asset. Adding different assets is a broken invariant and asserts.
struct Money {
  AssetIx asset;
  Decimal amount;
  PROM_FIELDS(asset, amount)
  friend bool operator==(const Money&, const Money&) = default;
  friend Money operator+(const Money& a, const Money& b) {
    PROM_ASSERT(a.asset == b.asset, "money of different assets cannot be added");
    return {a.asset, a.amount + b.amount};
  }
  friend Money operator-(const Money& a, const Money& b) {
    PROM_ASSERT(a.asset == b.asset, "money of different assets cannot be subtracted");
    return {a.asset, a.amount - b.amount};
  }
};

}  // namespace prom
