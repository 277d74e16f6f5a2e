// BlockHash, SHA-256 and CRC-32C: values from outside (a separate Python version of hash.h's description, NIST, RFC 3720) and cuts.
#include <gtest/gtest.h>

#include <bit>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>

#include "base/crc32c.h"
#include "base/hash.h"
#include "base/prng.h"
#include "base/sha256.h"

namespace prom {
namespace {

std::string random_text(Xoshiro256pp& random, std::size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random.below(256));
  return out;
}

TEST(BlockHash, MatchesTheDescription) {
  EXPECT_EQ(hash_bytes(""), 0x62d6d160c8e299aULL);
  EXPECT_EQ(hash_bytes("a"), 0xdee171666cacc94cULL);
  EXPECT_EQ(hash_bytes("abc", 1), 0x62605573e12b5fcULL);
  std::string counting;
  for (int i = 0; i < 33; ++i) counting += static_cast<char>(i);
  EXPECT_EQ(hash_bytes(std::string_view(counting).substr(0, 32)), 0x3588caae2da778ddULL);
  EXPECT_EQ(hash_bytes(counting), 0x40ae74086535f879ULL);
  std::string sevens;
  for (int i = 0; i < 1000; ++i) sevens += static_cast<char>(i * 7 & 255);
  EXPECT_EQ(hash_bytes(sevens, 42), 0xbf5742c20977fc62ULL);
}

TEST(BlockHash, CutsDoNotMatter) {
  Xoshiro256pp random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = random_text(random, random.below(300));
    BlockHash pieces;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t take = random.range(0, static_cast<std::int64_t>(rest.size()));
      pieces.update(rest.substr(0, take));
      rest.remove_prefix(take);
    }
    ASSERT_EQ(pieces.digest(), hash_bytes(text));
    ASSERT_EQ(pieces.digest(), pieces.digest());
    ASSERT_EQ(pieces.length(), text.size());
  }
}

TEST(BlockHash, WordsAreTheirBytes) {
  for (const std::size_t offset : {std::size_t{0}, std::size_t{5}}) {  // straight and through the buffer
    BlockHash words;
    BlockHash bytes;
    words.update(std::string(offset, 'x'));
    bytes.update(std::string(offset, 'x'));
    words.update_words(0x0807060504030201ULL, 0x100f0e0d0c0b0a09ULL, 0x1817161514131211ULL, 0x201f1e1d1c1b1a19ULL);
    std::string block;
    for (int i = 1; i <= 32; ++i) block += static_cast<char>(i);
    bytes.update(block);
    EXPECT_EQ(words.digest(), bytes.digest());
  }
}

TEST(BlockHash, EveryBitAndEveryLengthCounts) {
  std::set<std::uint64_t> seen;
  std::string text(96, '\0');
  for (std::size_t length = 0; length <= text.size(); ++length) seen.insert(hash_bytes(std::string_view(text).substr(0, length)));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    text[bit / 8] = static_cast<char>(1U << (bit % 8));
    seen.insert(hash_bytes(text));
    text[bit / 8] = '\0';
  }
  EXPECT_EQ(seen.size(), 97U + 96U * 8U);
  // About half of the digest's bits change with one bit of input.
  Xoshiro256pp random(2);
  std::uint64_t changed = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string some = random_text(random, 64);
    const std::uint64_t before = hash_bytes(some);
    some[random.below(64)] ^= static_cast<char>(1U << random.below(8));
    changed += static_cast<std::uint64_t>(std::popcount(before ^ hash_bytes(some)));
  }
  EXPECT_NEAR(static_cast<double>(changed) / 4000, 32.0, 0.5);
}

TEST(Sha256, NistVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 hash;
  for (int i = 0; i < 1000; ++i) hash.update(std::string(1000, 'a'));
  EXPECT_EQ(hash.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(hash.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");  // not consumed
  Sha256 moved = std::move(hash);
  moved.update("b");
  EXPECT_NE(moved.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, Files) {
  const std::string path = testing::TempDir() + "prom_sha256_test.bin";
  {
    std::ofstream out(path, std::ios::binary);
    for (int i = 0; i < 1000; ++i) out << std::string(1000, 'a');
  }
  EXPECT_EQ(sha256_file(path), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  std::remove(path.c_str());
  const auto missing = sha256_file(path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "file_open");
  EXPECT_NE(missing.error().message.find(path), std::string::npos);
  const auto folder = sha256_file(testing::TempDir());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, "file_read");
}

TEST(Crc32c, Rfc3720Vectors) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string up;
  for (int i = 0; i < 32; ++i) up += static_cast<char>(i);
  EXPECT_EQ(crc32c(up), 0x46dd794eU);
  EXPECT_EQ(crc32c(std::string(up.rbegin(), up.rend())), 0x113fdb5cU);
}

TEST(Crc32c, TableAndInstructionAgreeAndContinue) {
  Xoshiro256pp random(3);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = random_text(random, random.below(200));
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    const auto start = static_cast<std::uint32_t>(random.next());
    ASSERT_EQ(crc32c(bytes, start), detail::crc32c_table(bytes, start));
    const std::size_t cut = random.below(text.size() + 1);
    ASSERT_EQ(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))), crc32c(bytes));
  }
}

}  // namespace
}  // namespace prom
