// Secrets: what types allow (static), and that the bytes are gone. What must not compile is in compile_fail/.
#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "base/log.h"

namespace prom {
namespace {

static_assert(!std::is_copy_constructible_v<SecretString> && !std::is_copy_assignable_v<SecretString>);
static_assert(!std::is_convertible_v<SecretString, std::string_view> && !std::is_convertible_v<SecretString, std::string>);
static_assert(!std::is_constructible_v<LogField, std::string_view, const SecretString&>);
static_assert(!std::is_constructible_v<SecretString, const std::string&>);

TEST(Secret, HoldsMovesAndCompares) {
  SecretString a(std::string("0123456789abcdef0123456789abcdef"));
  EXPECT_EQ(a.expose(), "0123456789abcdef0123456789abcdef");
  SecretString b = a.clone();
  EXPECT_TRUE(a == b);
  SecretString c = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_TRUE(c == b);
  c = SecretString(std::string("x"));
  EXPECT_FALSE(c == b);
  c = std::move(b);
  EXPECT_EQ(c.expose().size(), 32U);
  EXPECT_FALSE(SecretString(std::string("abc")) == SecretString(std::string("abd")));
  EXPECT_TRUE(SecretString() == SecretString(std::string()));
  auto& self = c;
  c = std::move(self);
  EXPECT_EQ(c.expose().size(), 32U);
}

TEST(Secret, TheSourceIsWiped) {
  for (const std::size_t size : {std::size_t{8}, std::size_t{100}}) {  // in the string's own buffer, on the heap
    std::string source(size, 's');
    const char* const data = source.data();
    const SecretString secret(std::move(source));
    EXPECT_EQ(secret.expose(), std::string(size, 's'));
    for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(data[i], '\0');
    EXPECT_TRUE(source.empty());
  }
}

TEST(Secret, WipeReachesBeyondTheEnd) {
  std::string text(100, 's');
  const char* const data = text.data();
  text.resize(3);
  wipe(text);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(data[i], '\0');
}

}  // namespace
}  // namespace prom
