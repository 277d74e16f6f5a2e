// What there is to say about every command, taken once from the parser: help texts, docs/cli.md, the man page and shell completion are written from it.
// Values; main thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prom {

class CommandBuilder;

struct OptionDoc {
  std::vector<std::string> names;  ///< "--json", "-h"; a positional's own name
  std::string value;               ///< "FILE"; empty for flags
  std::string meaning;
  bool required = false, repeatable = false;
  std::vector<std::string> choices;  ///< where the value is one of a few
};
struct CommandDoc {
  std::string path;     ///< "promtrade data import"
  std::string name;     ///< "import"
  std::string meaning;  ///< one sentence
  std::vector<OptionDoc> positionals, options;
  std::string examples;  ///< lines, as shown
  std::vector<CommandDoc> commands;
};

/// The command with all that is below it.
CommandDoc describe_commands(const CommandBuilder& command);
/// The command whose path is the longest beginning of these words; the root when none fits.
const CommandDoc& find_command(const CommandDoc& root, const std::vector<std::string>& words);

/// At most 80 columns.
std::string help_text(const CommandDoc& command, const CommandDoc& root);
/// Markdown, one section a command: the generated part of docs/cli.md.
std::string commands_markdown(const CommandDoc& root);
/// troff with the man macros.
std::string man_page(const CommandDoc& root, std::string_view version);
enum class Shell : unsigned char { bash, zsh, fish };
std::string completion_script(const CommandDoc& root, Shell shell);

}  // namespace prom
