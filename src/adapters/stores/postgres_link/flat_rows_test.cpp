// Text forms of values against PostgreSQL's manual (8.4 binary data, 4.1.2 constants).
#include "adapters/stores/postgres_link/flat_rows.h"

#include <gtest/gtest.h>

#include <limits>

namespace prom::postgres::flat_rows {
namespace {

TEST(FlatRows, BytesAreHexadecimal) {
  const std::vector<std::byte> bytes{std::byte{0x00}, std::byte{0xDE}, std::byte{0xAD}, std::byte{0x0F}};
  EXPECT_EQ(bytea_text(bytes), "\\x00dead0f");
  EXPECT_EQ(bytea_bytes("\\x00dead0f"), bytes);
  EXPECT_EQ(bytea_bytes("\\x"), std::vector<std::byte>{});
  for (const char* bad : {"", "00", "\\x0", "\\xzz", "x00"}) EXPECT_EQ(bytea_bytes(bad), std::nullopt) << bad;
}

TEST(FlatRows, DoublesComeBackAsTheyWere) {
  EXPECT_EQ(double_text(0.1), "0.10000000000000001");
  const std::vector<Value> row{double_text(0.1), double_text(-5e-324), double_text(std::numeric_limits<double>::max())};
  Columns columns(row);
  EXPECT_EQ(columns.get<double>(), 0.1);
  EXPECT_EQ(columns.get<double>(), -5e-324);
  EXPECT_EQ(columns.get<double>(), std::numeric_limits<double>::max());
  EXPECT_TRUE(columns.ok());
}

TEST(FlatRows, UnsignedNumbersKeepTheirBits) {
  Parameters parameters;
  parameters.put(std::numeric_limits<std::uint64_t>::max()).put(std::optional<std::int64_t>()).put(std::string("text"));
  EXPECT_EQ(parameters.values(), (std::vector<Value>{"-1", std::nullopt, "text"}));
  Columns columns(parameters.values());
  EXPECT_EQ(columns.get<std::uint64_t>(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(columns.get<std::optional<std::int64_t>>(), std::nullopt);
  EXPECT_EQ(columns.get<std::string>(), "text");
  EXPECT_TRUE(columns.ok());
}

TEST(FlatRows, ARowThatCannotBeReadSaysSo) {
  const auto broken = [](Value value, auto probe) {
    const std::vector<Value> row{std::move(value)};
    Columns columns(row);
    static_cast<void>(columns.get<decltype(probe)>());
    return !columns.ok();
  };
  EXPECT_TRUE(broken("12x", std::int64_t{}));
  EXPECT_TRUE(broken(std::nullopt, std::int64_t{}));
  EXPECT_TRUE(broken("1..2", Decimal()));
  EXPECT_TRUE(broken("sideways", Side::buy));
  EXPECT_FALSE(broken("sell", Side::buy));
  const std::vector<Value> empty;
  Columns columns(empty);
  EXPECT_EQ(columns.get<std::string>(), "");
  EXPECT_FALSE(columns.ok()) << "a column too few";
}

}  // namespace
}  // namespace prom::postgres::flat_rows
