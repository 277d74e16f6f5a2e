// RowBinary byte by byte, against what the format's documentation says, and back.
#include "adapters/stores/clickhouse/row_binary.h"

#include <gtest/gtest.h>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "ports/market_store_contract_bars.h"

namespace prom::clickhouse {
namespace {

template <class Write>
std::string hex(Write&& write) {
  std::string bytes;
  RowWriter writer(bytes);
  write(writer);
  std::string out;
  for (const char c : bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out.append({kHex[byte >> 4], kHex[byte & 15]});
  }
  return out;
}

TEST(RowBinary, numbers_are_little_endian) {
  EXPECT_EQ(hex([](RowWriter& w) { w.u8(0xAB); }), "ab");
  EXPECT_EQ(hex([](RowWriter& w) { w.u64(0x0102030405060708); }), "0807060504030201");
  EXPECT_EQ(hex([](RowWriter& w) { w.i64(-2); }), "feffffffffffffff");
  EXPECT_EQ(hex([](RowWriter& w) { w.f64(1.5); }), "000000000000f83f");
}

TEST(RowBinary, decimals_are_the_mantissa_in_sixteen_bytes) {
  EXPECT_EQ(hex([](RowWriter& w) { w.decimal(Decimal::from_units(1, 12)); }), "01000000000000000000000000000000");
  EXPECT_EQ(hex([](RowWriter& w) { w.decimal(Decimal::from_units(-1, 12)); }), "ffffffffffffffffffffffffffffffff");
  // 10^13 * 10^12 = 10^25 = 0x084595161401484a000000
  EXPECT_EQ(hex([](RowWriter& w) { w.decimal(Decimal::from_int(10'000'000'000'000)); }), "0000004a480114169545080000000000");
}

TEST(RowBinary, texts_have_their_length_as_leb128) {
  EXPECT_EQ(hex([](RowWriter& w) { w.text(""); }), "00");
  EXPECT_EQ(hex([](RowWriter& w) { w.text("ab"); }), "026162");
  EXPECT_EQ(hex([](RowWriter& w) { w.length(127); }), "7f");
  EXPECT_EQ(hex([](RowWriter& w) { w.length(128); }), "8001");
  EXPECT_EQ(hex([](RowWriter& w) { w.length(300); }), "ac02");
}

TEST(RowBinary, null_is_a_mark_without_a_value) {
  EXPECT_EQ(hex([](RowWriter& w) { w.maybe_i64(std::nullopt).maybe_i64(1); }), "01000100000000000000");
  EXPECT_EQ(hex([](RowWriter& w) { w.maybe_f64(std::nullopt); }), "01");
}

TEST(RowBinary, what_was_written_is_read_and_what_is_cut_is_noticed) {
  std::string bytes;
  RowWriter(bytes).text(std::string(200, 'x')).i64(INT64_MIN).maybe_i64(std::nullopt).decimal(kDecimalMin).f64(-0.25).u8(7);
  RowReader reader(bytes);
  EXPECT_EQ(reader.text(), std::string(200, 'x'));
  EXPECT_EQ(reader.i64(), INT64_MIN);
  EXPECT_EQ(reader.maybe_i64(), std::nullopt);
  EXPECT_EQ(reader.decimal(), kDecimalMin);
  EXPECT_EQ(reader.f64(), -0.25);
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.broken());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    RowReader part(std::string_view(bytes).substr(0, cut));
    part.text();
    part.i64();
    part.maybe_i64();
    part.decimal();
    part.f64();
    part.u8();
    EXPECT_TRUE(part.broken()) << cut;
  }
  RowReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12));
  EXPECT_EQ(endless.text(), "");
  EXPECT_TRUE(endless.broken());
}

TEST(RowBinary, a_bar_is_these_bytes) {
  BarColumns bars;
  bars.interval = kMinute;
  bars.price_digits = 2;
  bars.quantity_digits = 3;
  bars.open_time_ns = {60'000'000'000};
  bars.open = {1};
  bars.high = {4};
  bars.low = {1};
  bars.close = {3};
  bars.volume = {5};
  std::string bytes;
  append_bars(bytes, {"ab", kMinute}, bars, "o", 9);
  const auto number = [](char c) { return std::string(1, c) + std::string(7, '\0'); };
  const std::string minute = std::string("\x60\xEA", 2) + std::string(6, '\0');
  EXPECT_EQ(bytes,
            "\x02"
            "ab" +
                minute + minute + number(1) + number(4) + number(1) + number(3) + number(5) + "\x01\x02\x03\x01o" + number(9));
}

TEST(RowBinary, answers_that_are_not_bars_are_told) {
  EXPECT_FALSE(read_bars("abc", kMinute, 2, 3));
  EXPECT_TRUE(read_bars("", kMinute, 2, 3)->empty());
}

}  // namespace
}  // namespace prom::clickhouse
