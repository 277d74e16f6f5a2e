// How a command says what it takes: its name, its options, its examples, and what is done when it is asked for. A facade of CLI11, which costs 5 s in each file
// that includes it: command_builder.cpp pays that once for all commands, and outside of this folder nobody includes CLI11. Main thread.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace prom {

/// Both ends included.
struct WholeNumberRange {
  int least = 0, most = 0;
};
enum class LetterCase : std::uint8_t { exact, ignored };

/// An option, a flag or a positional argument that was added to a command. A handle: copies speak of the same option, and none may outlive the parser.
class OptionBuilder {
 public:
  explicit OptionBuilder(CLI::Option& option) : option_(&option) {}

  /// What help shows for the value: "FILE", or the choices, "bash|zsh|fish".
  OptionBuilder type_name(std::string_view name);
  OptionBuilder required();
  /// The option may stand without a value.
  OptionBuilder optional_value();
  /// The variable is set at each occurrence, not once parsing is over.
  OptionBuilder trigger_on_parse();
  /// An option of the same command, added before, that cannot stand beside this one.
  OptionBuilder excludes(std::string_view other);

  /// Checks of the value as it was written; a failed one is an error of usage.
  OptionBuilder check_range(WholeNumberRange range);
  /// The variable gets what was written, whatever case of letters is let through.
  OptionBuilder check_one_of(std::initializer_list<std::string_view> values, LetterCase letters = LetterCase::exact);
  /// `fault_of` answers with what is wrong with the value, for people, or nothing.
  OptionBuilder check(std::function<std::optional<std::string>(const std::string&)> fault_of);

 private:
  CLI::Option* option_;
};

/// A command or a group of them. A handle as OptionBuilder is. Variables that options are bound to are set while the command line is parsed, keep their value
/// where the option is not given, and must live until the command has run. A contradiction (a name twice, an unknown one in `excludes`) throws at start-up.
class CommandBuilder {
 public:
  explicit CommandBuilder(CLI::App& app) : app_(&app) {}

  /// `meaning` is one sentence.
  CommandBuilder add_subcommand(std::string_view name, std::string_view meaning);
  /// One that was added before.
  CommandBuilder subcommand(std::string_view name);
  /// The program, of which this is a command.
  CommandBuilder root() const;

  /// `names` is "--long", "-s,--long", or the bare name of a positional argument. A vector takes any number of values.
  OptionBuilder add_option(std::string_view names, std::string& value, std::string_view meaning);
  OptionBuilder add_option(std::string_view names, std::vector<std::string>& value, std::string_view meaning);
  OptionBuilder add_option(std::string_view names, int& value, std::string_view meaning);
  OptionBuilder add_option(std::string_view names, std::uint32_t& value, std::string_view meaning);
  OptionBuilder add_option(std::string_view names, std::uint64_t& value, std::string_view meaning);
  OptionBuilder add_option(std::string_view names, std::optional<int>& value, std::string_view meaning);
  OptionBuilder add_flag(std::string_view names, bool& value, std::string_view meaning);
  /// `work` is done where the flag is given.
  OptionBuilder add_flag_callback(std::string_view names, std::function<void()> work, std::string_view meaning);

  /// Lines of examples, indented, as help shows them.
  void footer(std::string_view examples);
  /// Done once the whole command line is parsed and asks for this command.
  void callback(std::function<void()> work);
  /// Words that nothing was declared for are no error.
  void allow_extras();
  /// Whether the command line has the option; known once callbacks run.
  bool given(std::string_view option) const;

  /// For this folder, which reads CLI11's tree.
  const CLI::App& app() const { return *app_; }

 private:
  CLI::App* app_;
};

}  // namespace prom
