// Columns, wrapping and the texts made from a command's description, against texts written by hand.
#include "app/cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/cli/command_doc.h"

namespace prom {
namespace {

TEST(TextTable, AlignsByCharactersAndLeavesNoBlanksAtTheEnd) {
  TextTable table({{"name"}, {"n", Align::right}, {"what"}});
  table.add({"é", "1", "short"});
  table.add({"longer", "100", ""});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(), "name      n  what\né         1  short\nlonger  100\n");
}

// Names, cells and servers' words come from anywhere; ESC ] 0 ; ... BEL names a terminal's window.
TEST(Printable, shows_control_characters_and_broken_utf8_as_hex_and_leaves_the_rest) {
  EXPECT_EQ(printable("a\x1b]0;x\x07 b\n\x7f"), "a\\x1b]0;x\\x07 b\\x0a\\x7f");
  EXPECT_EQ(printable("\xC2\x9B\x31m \x9B \xff \xC3"), "\\xc2\\x9b1m \\x9b \\xff \\xc3") << "the eight-bit form of ESC [, alone and as UTF-8";
  EXPECT_EQ(printable("é 東 \\x1b"), "é 東 \\x1b");
  EXPECT_EQ(printable(printable("\x1b")), "\\x1b");
  TextTable table({{"name"}, {"n"}});
  table.add({"\x1b[2J", "1"});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(), "name     n\n\\x1b[2J  1\n");
}

TEST(Wrap, BreaksAtBlanksAndIndents) {
  EXPECT_EQ(wrap("one two three", 7, 0), "one two\nthree");
  EXPECT_EQ(wrap("one two three", 9, 2), "one two\n  three");
  EXPECT_EQ(wrap("unbreakably long", 4, 0), "unbreakably\nlong");
  EXPECT_EQ(wrap("", 10, 0), "");
}

CommandDoc sample() {
  CommandDoc leaf{.path = "p data add",
                  .name = "add",
                  .meaning = "Adds.",
                  .positionals = {{{"file"}, "FILE", "What", true, true, {}}},
                  .options = {{{"--side"}, "buy|sell", "Which", true, false, {"buy", "sell"}}},
                  .examples = "  p data add x",
                  .commands = {}};
  CommandDoc group{.path = "p data", .name = "data", .meaning = "Data.", .positionals = {}, .options = {}, .examples = "", .commands = {leaf}};
  return {.path = "p",
          .name = "p",
          .meaning = "Root.",
          .positionals = {},
          .options = {{{"--json"}, "", "JSON", false, false, {}}},
          .examples = "",
          .commands = {group}};
}

TEST(Help, NamesUsageArgumentsOptionsAndExamples) {
  const CommandDoc root = sample();
  const std::string text = help_text(find_command(root, {"data", "add"}), root);
  EXPECT_EQ(text,
            "Adds.\n\nUsage: p data add file... --side buy|sell [OPTIONS]\n\nArguments:\n  file                      What (may be repeated)\n\n"
            "Options:\n  --side buy|sell           Which\n\nOptions of every command: --json\n\nExamples:\n  p data add x\n");
  EXPECT_EQ(&find_command(root, {"nothing"}), &root);
}

TEST(Man, EscapesWhatTroffWouldRead) {
  CommandDoc root = sample();
  root.commands[0].commands[0].meaning = ".dot and back\\slash --flag";
  const std::string page = man_page(root, "1.0");
  EXPECT_NE(page.find("\\&.dot and back\\eslash \\-\\-flag"), std::string::npos) << page;
}

TEST(Completion, KnowsTheWordsAfterEachCommandInEveryShell) {
  const CommandDoc root = sample();
  EXPECT_NE(completion_script(root, Shell::bash).find("\"p data add\") words=\"--side --json\""), std::string::npos);
  EXPECT_NE(completion_script(root, Shell::zsh).find("\"p data\") compadd -- add --json"), std::string::npos);
  EXPECT_NE(completion_script(root, Shell::fish).find("-l side -r -f -a 'buy sell'"), std::string::npos);
}

}  // namespace
}  // namespace prom
