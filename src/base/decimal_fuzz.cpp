// Fuzz target: any text through parse and to_string, any two numbers through arithmetic, checked against Boost's integers.
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <string_view>

#include "base/decimal.h"
#include "base/wire.h"

namespace {

using boost::multiprecision::cpp_int;
using namespace prom;

void check(const Result<Decimal, DecimalError>& actual, const cpp_int& expected) {
  const cpp_int limit = cpp_int(1) << 127;
  const bool fits = expected < limit && expected >= -limit;
  PROM_ASSERT(actual.has_value() == fits);
  PROM_ASSERT(!fits || cpp_int(actual->mantissa()) == expected);
}

// Division rounding toward minus infinity, from its definition.
cpp_int floor_divide(const cpp_int& n, const cpp_int& d) {
  cpp_int q = n / d;
  if (n % d != 0 && (n < 0) != (d < 0)) --q;
  return q;
}

void arithmetic(std::string_view bytes) {
  ByteReader in(bytes);
  const Decimal a = in.decimal();
  const Decimal b = in.decimal();
  if (!in.ok()) return;
  const cpp_int x(a.mantissa());
  const cpp_int y(b.mantissa());
  check(checked_add(a, b), x + y);
  check(checked_sub(a, b), x - y);
  check(checked_mul(a, b, Round::down), x * y / Decimal::kScale);
  check(checked_mul(a, b, Round::floor), floor_divide(x * y, Decimal::kScale));
  if (b.is_zero()) return;
  check(checked_div(a, b, Round::down), x * Decimal::kScale / y);
  check(checked_div(a, b, Round::ceil), -floor_divide(-(x * Decimal::kScale), y));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto value = Decimal::parse(text)) {
    const auto again = Decimal::parse(value->to_string());
    PROM_ASSERT(again.has_value() && *again == *value);
    PROM_ASSERT(again->to_string() == value->to_string());
  }
  arithmetic(text);
  return 0;
}
