// The macros of assert.h and result.h, and strong ids.
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>

#include "base/assert.h"
#include "base/strong.h"

namespace prom {
namespace {

enum class Trouble : std::uint8_t { odd, large };

Result<int, Trouble> half(int value) {
  if (value % 2 != 0) return err(Trouble::odd);
  return value / 2;
}
Result<void, Trouble> small(int value) {
  if (value > 100) return err(Trouble::large);
  return {};
}
Result<std::string, Trouble> quarter_text(int value) {
  PROM_CHECK_OK(small(value));
  PROM_TRY(const int once, half(value));
  int twice = 0;
  PROM_TRY(twice, half(once));
  return std::to_string(twice);
}
Result<std::unique_ptr<int>, Trouble> boxed(int value) {
  PROM_TRY(int h, half(value));
  return std::make_unique<int>(h);
}
Result<int, Trouble> unboxed(int value) {
  PROM_TRY(auto box, boxed(value));  // a move-only value
  return *box;
}

TEST(Result, TryPassesValuesAndErrorsOn) {
  EXPECT_EQ(quarter_text(12), "3");
  EXPECT_EQ(quarter_text(7).error(), Trouble::odd);
  EXPECT_EQ(quarter_text(6).error(), Trouble::odd);
  EXPECT_EQ(quarter_text(200).error(), Trouble::large);
  EXPECT_EQ(unboxed(8), 4);
  EXPECT_EQ(unboxed(9).error(), Trouble::odd);
}

TEST(AssertDeathTest, SaysWhereWhatAndWhy) {
  PROM_ASSERT(1 + 1 == 2);
  PROM_ASSERT(true, "not printed");
  EXPECT_DEATH(PROM_ASSERT(1 + 1 == 3, "arithmetic is broken"), "result_test.cpp:[0-9]+: assertion failed: 1 \\+ 1 == 3: arithmetic is broken");
  EXPECT_DEATH(PROM_ASSERT(false), "assertion failed: false");
  EXPECT_DEATH(PROM_UNREACHABLE(), "unreachable");
}

struct OrderTag;
struct UserTag;
using OrderId = StrongId<OrderTag, std::uint64_t>;
using UserId = StrongId<UserTag, std::uint64_t>;
static_assert(!std::is_convertible_v<std::uint64_t, OrderId>);
static_assert(!std::is_convertible_v<OrderId, std::uint64_t>);
static_assert(!std::is_constructible_v<OrderId, UserId>);
static_assert(!std::equality_comparable_with<OrderId, UserId>);
static_assert(sizeof(OrderId) == 8 && std::is_trivially_copyable_v<OrderId>);

TEST(StrongId, OrdersByValue) {
  constexpr OrderId a(1);
  constexpr OrderId b(2);
  static_assert(a < b && a != b && a == OrderId(1));
  EXPECT_EQ(OrderId().v, 0U);
}

}  // namespace
}  // namespace prom
