// What would end the program is refused; ordinary TOML is not.
#include "base/toml_hazard.h"

#include <gtest/gtest.h>

namespace prom {
namespace {

TEST(TomlHazard, HeadersThatAbortTheLibraryAreRefusedWithTheirLine) {
  for (const char* text : {"[=]", "a = 1\n[;x]", "[[ ;", "[ \t?]"}) ASSERT_TRUE(toml_hazard(text).has_value()) << text;
  EXPECT_EQ(toml_hazard("a = 1\n\n[;x]")->line, 3U);
}

TEST(TomlHazard, BareCharactersBeyondAsciiAreRefusedAndQuotedOnesAreNot) {
  EXPECT_EQ(toml_hazard("a = 1\nb = \xc3\xa9\n")->line, 2U);
  EXPECT_FALSE(toml_hazard("a = \"\xc3\xa9\" # \xc3\xa9\n").has_value());
}

TEST(TomlHazard, OrdinaryFilesPass) { EXPECT_FALSE(toml_hazard("[a]\nb = [1, 2]\n[[c]]\nd = 'x'\n[\"quoted\"]\n").has_value()); }

}  // namespace
}  // namespace prom
