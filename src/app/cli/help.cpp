// Help on the terminal, in docs/cli.md and in the manual.
#include <algorithm>

#include "app/cli/command_doc.h"
#include "app/cli/output.h"
#include "base/text.h"

namespace prom {
namespace {

constexpr std::size_t kNameColumn = 28;

std::string positional_text(const OptionDoc& option) {
  std::string text = option.names.front() + (option.repeatable ? "..." : "");
  return option.required ? text : "[" + text + "]";
}

std::string option_text(const OptionDoc& option) {
  std::string text = join(option.names, ", ");
  if (!option.value.empty()) text += " " + option.value;
  return text;
}

std::string usage(const CommandDoc& command) {
  std::string text = command.path;
  if (!command.commands.empty()) text += " COMMAND";
  for (const OptionDoc& option : command.positionals) text += " " + positional_text(option);
  for (const OptionDoc& option : command.options) {
    if (option.required) text += " " + option_text(option);
  }
  return text + " [OPTIONS]";
}

std::string entry(const std::string& name, const std::string& meaning) {
  const std::string head = "  " + name;
  const std::string gap = head.size() + 2 <= kNameColumn ? std::string(kNameColumn - head.size(), ' ') : "\n" + std::string(kNameColumn, ' ');
  return head + gap + wrap(meaning, kTextWidth, kNameColumn) + "\n";
}

std::string meaning_of(const OptionDoc& option) { return option.meaning + (option.repeatable ? " (may be repeated)" : ""); }

void append_options(std::string& out, const CommandDoc& command) {
  if (!command.positionals.empty()) out += "\nArguments:\n";
  for (const OptionDoc& option : command.positionals) out += entry(option.names.front(), meaning_of(option));
  if (!command.options.empty()) out += "\nOptions:\n";
  for (const OptionDoc& option : command.options) out += entry(option_text(option), meaning_of(option));
}

std::string troff(std::string_view text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (!out.empty()) out += '\n';
    if (line.starts_with('.') || line.starts_with('\'')) out += "\\&";
    for (const char c : line) {
      if (c == '\\')
        out += "\\e";
      else if (c == '-')
        out += "\\-";
      else
        out += c;
    }
  }
  return out;
}

void append_man(std::string& out, const CommandDoc& command, const CommandDoc& root) {
  if (command.commands.empty()) {
    out += ".SS \"" + troff(command.path.substr(root.path.size() + 1)) + "\"\n" + troff(command.meaning) + "\n";
    for (const auto* list : {&command.positionals, &command.options}) {
      for (const OptionDoc& option : *list) {
        if (option.names.front() == "--help") continue;
        out += ".TP\n.B " + troff(option_text(option)) + "\n" + troff(meaning_of(option)) + "\n";
      }
    }
    if (!command.examples.empty()) out += ".PP\n.nf\n" + troff(command.examples) + "\n.fi\n";
  }
  for (const CommandDoc& inner : command.commands) append_man(out, inner, root);
}

void append_markdown(std::string& out, const CommandDoc& command, const CommandDoc& root) {
  if (command.commands.empty()) out += "\n### " + command.path + "\n\n```text\n" + help_text(command, root) + "```\n";
  for (const CommandDoc& inner : command.commands) append_markdown(out, inner, root);
}

}  // namespace

std::string help_text(const CommandDoc& command, const CommandDoc& root) {
  std::string out = wrap(command.meaning, kTextWidth, 0) + "\n\nUsage: " + wrap(usage(command), kTextWidth, 7) + "\n";
  if (!command.commands.empty()) out += "\nCommands:\n";
  for (const CommandDoc& inner : command.commands) {
    std::string meaning = inner.meaning;
    if (!inner.commands.empty()) {
      std::vector<std::string> names;
      for (const CommandDoc& leaf : inner.commands) names.push_back(leaf.name);
      meaning += " (" + join(names, ", ") + ")";
    }
    out += entry(inner.name, meaning);
  }
  append_options(out, command);
  if (&command != &root) {
    std::vector<std::string> names;
    for (const OptionDoc& option : root.options) {
      if (option.names.front() != "--help" && option.names.front() != "--version") names.push_back(option_text(option));
    }
    out += "\nOptions of every command: " + wrap(join(names, ", "), kTextWidth, 26) + "\n";
  }
  if (!command.examples.empty()) out += "\nExamples:\n" + command.examples + "\n";
  return out;
}

std::string commands_markdown(const CommandDoc& root) {
  std::string out = "```text\n" + help_text(root, root) + "```\n";
  for (const CommandDoc& command : root.commands) append_markdown(out, command, root);
  return out;
}

std::string man_page(const CommandDoc& root, std::string_view version) {
  std::string out = ".TH PROMTRADE 1 \"\" \"promtrade " + std::string(version) + "\" \"Prometheus\"\n.SH NAME\npromtrade \\- " + troff(root.meaning) +
                    "\n.SH SYNOPSIS\n.B promtrade\n.I COMMAND\n[OPTIONS]\n.SH OPTIONS OF EVERY COMMAND\n";
  for (const OptionDoc& option : root.options) out += ".TP\n.B " + troff(option_text(option)) + "\n" + troff(meaning_of(option)) + "\n";
  out += ".SH COMMANDS\n";
  for (const CommandDoc& command : root.commands) append_man(out, command, root);
  out +=
      ".SH EXIT STATUS\n0 done; 1 a check found a failure; 2 command line or configuration; 3 input data; 4 something outside is away; 5 refused for\n"
      "safety; 6 broken invariant; 7 shutdown forced or timed out; 130, 143 stopped by a signal after a clean shutdown.\n"
      ".SH ENVIRONMENT\nPROMTRADE_STATE, PROM_ASSETS, NO_COLOR, and the settings that\n.B promtrade check\\-config \\-\\-settings\nlists.\n";
  return out;
}

}  // namespace prom
