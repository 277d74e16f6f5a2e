// Texts that toml++ ends the program on are refused with their line; ordinary ones are read.
#include "base/toml_document.h"

#include <gtest/gtest.h>

namespace prom {
namespace {

TEST(TomlDocument, OrdinaryTextsAreRead) {
  const auto table = parse_toml_text("[a]\nb = [1, 2,]\nc = { d = 'x' }\n");
  ASSERT_TRUE(table);
  EXPECT_EQ((*table)["a"]["b"].as_array()->size(), 2U);
}

// Found by fuzzing: asserts of toml++ 3.3 (parse_value, parse_key), which ended the program.
TEST(TomlDocument, WhatTheLibraryAssertsOnIsRefusedWithItsLine) {
  for (const char* text : {"a=[7,7,}", "a=[7,7,}\x01*", "x = 1\na = [}", "[;x]", "a = {b = ]}"}) EXPECT_FALSE(parse_toml_text(text)) << text;
  EXPECT_EQ(parse_toml_text("x = 1\ny = 2\na = [7, 7, }\nz = 3\n").error().line, 3U);
}

// Found by fuzzing: undefined behaviour in its tables of characters, reached by what the library itself takes for the outside of a text in quotes.
TEST(TomlDocument, CharactersBeyondAsciiAreRefusedOrTextAndNeverUndefined) {
  EXPECT_FALSE(parse_toml_text(" \"\"\"1\"6+5]1\\\xef\xbb\xb0\\"));
  EXPECT_EQ((*parse_toml_text("a = \"\xc3\xa9 \xe3\x81\x82\""))["a"].value<std::string>(), "\xc3\xa9 \xe3\x81\x82");
}

TEST(TomlDocument, AnErrorNamesItsLine) {
  const auto refused = parse_toml_text("a = 1\nb = = 2\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().line, 2U);
  EXPECT_TRUE(refused.error().message.starts_with("cannot read the ")) << refused.error().message;
}

}  // namespace
}  // namespace prom
