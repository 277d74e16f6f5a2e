// The wire: bytes as specified, everything read back, nothing read past the end.
#include "base/wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/prng.h"

namespace prom {
namespace {

using namespace literals;

TEST(Wire, LittleEndianLayout) {
  std::string out;
  StringWriter writer(out);
  writer.u8(0x01);
  writer.u16(0x0302);
  writer.u32(0x07060504);
  writer.u64(0x0f0e0d0c0b0a0908ULL);
  writer.i64(-2);
  writer.string("ab");
  writer.f64(1.0);  // 0x3ff0000000000000
  using namespace std::string_literals;
  EXPECT_EQ(out, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\xfe\xff\xff\xff\xff\xff\xff\xff\x02\0\0\0ab\0\0\0\0\0\0\xf0\x3f"s);
  out.clear();
  writer.decimal("-0.000000000002"_dec);
  EXPECT_EQ(out, "\xfe"s + std::string(15, '\xff'));
}

TEST(Wire, RoundTripAndEveryTruncation) {
  std::vector<std::byte> buffer;
  ByteWriter writer(buffer);
  writer.u8(200);
  writer.u16(60'000);
  writer.u32(4'000'000'000U);
  const std::size_t patched = writer.size();
  writer.u32(0);
  writer.i64(INT64_MIN);
  writer.i128(Decimal::kMinMantissa);
  writer.f64(-0.0);
  writer.f64(std::numeric_limits<double>::infinity());
  writer.decimal(kDecimalMax);
  writer.string("");
  writer.string("stop loss");
  writer.bytes(std::vector<std::byte>{std::byte{9}, std::byte{8}});
  writer.patch_u32(patched, 77);

  const auto read_all = [](ByteReader& in) {
    EXPECT_TRUE(in.u8() == 200 || !in.ok());
    EXPECT_TRUE(in.u16() == 60'000 || !in.ok());
    EXPECT_TRUE(in.u32() == 4'000'000'000U || !in.ok());
    EXPECT_TRUE(in.u32() == 77 || !in.ok());
    EXPECT_TRUE(in.i64() == INT64_MIN || !in.ok());
    EXPECT_TRUE(in.i128() == Decimal::kMinMantissa || !in.ok());
    EXPECT_TRUE(std::signbit(in.f64()) || !in.ok());
    EXPECT_TRUE(in.f64() == std::numeric_limits<double>::infinity() || !in.ok());
    EXPECT_TRUE(in.decimal() == kDecimalMax || !in.ok());
    EXPECT_EQ(in.string(), "");
    EXPECT_TRUE(in.string() == "stop loss" || !in.ok());
    EXPECT_TRUE(in.bytes(2).size() == 2 || !in.ok());
  };
  ByteReader whole(buffer);
  read_all(whole);
  EXPECT_TRUE(whole.done());
  for (std::size_t size = 0; size < buffer.size(); ++size) {
    ByteReader cut(std::span(buffer).first(size));
    read_all(cut);
    EXPECT_FALSE(cut.ok()) << size;
    EXPECT_FALSE(cut.done());
  }
}

TEST(Wire, FailureSticks) {
  const std::string data("\x05\0\0\0abc", 7);  // says five bytes, has three
  ByteReader in(data);
  EXPECT_EQ(in.string(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);  // three bytes are left, yet nothing comes
  EXPECT_FALSE(in.done());
  ByteReader refused(std::string_view("x"));
  refused.fail();
  EXPECT_EQ(refused.u8(), 0);
  ByteReader huge(std::string_view("\xff\xff\xff\xff", 4));
  EXPECT_EQ(huge.string(), "");
  EXPECT_FALSE(huge.ok());
}

TEST(Wire, EmptyInputIsDone) {
  ByteReader in(std::string_view{});
  EXPECT_TRUE(in.done());
  EXPECT_TRUE(in.bytes(0).empty());
  EXPECT_TRUE(in.ok());
}

}  // namespace
}  // namespace prom
