// From CLI11's tree to plain values.
#include "app/cli/command_doc.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/command_builder.h"

namespace prom {
namespace {

/// Choices are declared in the value's name, "A|B|C", which is also how help shows them.
std::vector<std::string> choices_of(const std::string& value) {
  std::vector<std::string> out;
  if (value.find('|') == std::string::npos) return out;
  std::string::size_type begin = 0;
  while (begin <= value.size()) {
    const auto end = std::min(value.find('|', begin), value.size());
    out.push_back(value.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

OptionDoc describe_option(const CLI::Option& option) {
  OptionDoc out;
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  if (out.names.empty()) out.names.push_back(option.get_single_name());
  // CLI11 appends what validators say after a colon; our values' names say it already.
  const std::string type = option.get_type_name();
  out.value = option.get_items_expected_max() == 0 ? "" : type.substr(0, type.find(':'));
  out.meaning = option.get_description();
  out.required = option.get_required();
  out.repeatable = option.get_expected_max() > 1;
  out.choices = choices_of(out.value);
  return out;
}

CommandDoc describe_command(const CLI::App& app, const std::string& parent) {
  CommandDoc out;
  out.name = app.get_name();
  out.path = parent.empty() ? out.name : parent + " " + out.name;
  out.meaning = app.get_description();
  out.examples = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? out.positionals : out.options).push_back(describe_option(*option));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) out.commands.push_back(describe_command(*command, out.path));
  }
  return out;
}

}  // namespace

CommandDoc describe_commands(const CommandBuilder& command) { return describe_command(command.app(), ""); }

const CommandDoc& find_command(const CommandDoc& root, const std::vector<std::string>& words) {
  const CommandDoc* at = &root;
  for (const std::string& word : words) {
    const auto next = std::ranges::find(at->commands, word, &CommandDoc::name);
    if (next == at->commands.end()) break;
    at = &*next;
  }
  return *at;
}

}  // namespace prom
