// The facade over CLI11: each call is handed on.
#include "app/cli/command_builder.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace prom {
namespace {

template <typename T>
OptionBuilder bind(CLI::App& app, std::string_view names, T& value, std::string_view meaning) {
  return OptionBuilder(*app.add_option(std::string(names), value, std::string(meaning)));
}

}  // namespace

OptionBuilder OptionBuilder::type_name(std::string_view name) {
  option_->type_name(std::string(name));
  return *this;
}

OptionBuilder OptionBuilder::required() {
  option_->required();
  return *this;
}

OptionBuilder OptionBuilder::optional_value() {
  option_->expected(0, 1);
  return *this;
}

OptionBuilder OptionBuilder::trigger_on_parse() {
  option_->trigger_on_parse();
  return *this;
}

OptionBuilder OptionBuilder::excludes(std::string_view other) {
  option_->excludes(std::string(other));
  return *this;
}

OptionBuilder OptionBuilder::check_range(WholeNumberRange range) {
  option_->check(CLI::Range(range.least, range.most));
  return *this;
}

OptionBuilder OptionBuilder::check_one_of(std::initializer_list<std::string_view> values, LetterCase letters) {
  const std::vector<std::string> known(values.begin(), values.end());
  option_->check(letters == LetterCase::exact ? CLI::IsMember(known) : CLI::IsMember(known, CLI::ignore_case));
  return *this;
}

OptionBuilder OptionBuilder::check(std::function<std::optional<std::string>(const std::string&)> fault_of) {
  option_->check(CLI::Validator([fault_of = std::move(fault_of)](const std::string& text) { return fault_of(text).value_or(std::string()); }, ""));
  return *this;
}

CommandBuilder CommandBuilder::add_subcommand(std::string_view name, std::string_view meaning) {
  return CommandBuilder(*app_->add_subcommand(std::string(name), std::string(meaning)));
}

CommandBuilder CommandBuilder::subcommand(std::string_view name) { return CommandBuilder(*app_->get_subcommand(std::string(name))); }

CommandBuilder CommandBuilder::root() const {
  CLI::App* at = app_;
  while (at->get_parent() != nullptr) at = at->get_parent();
  return CommandBuilder(*at);
}

OptionBuilder CommandBuilder::add_option(std::string_view names, std::string& value, std::string_view meaning) { return bind(*app_, names, value, meaning); }

OptionBuilder CommandBuilder::add_option(std::string_view names, std::vector<std::string>& value, std::string_view meaning) {
  return bind(*app_, names, value, meaning);
}

OptionBuilder CommandBuilder::add_option(std::string_view names, int& value, std::string_view meaning) { return bind(*app_, names, value, meaning); }

OptionBuilder CommandBuilder::add_option(std::string_view names, std::uint32_t& value, std::string_view meaning) { return bind(*app_, names, value, meaning); }

OptionBuilder CommandBuilder::add_option(std::string_view names, std::uint64_t& value, std::string_view meaning) { return bind(*app_, names, value, meaning); }

OptionBuilder CommandBuilder::add_option(std::string_view names, std::optional<int>& value, std::string_view meaning) {
  return bind(*app_, names, value, meaning);
}

OptionBuilder CommandBuilder::add_flag(std::string_view names, bool& value, std::string_view meaning) {
  return OptionBuilder(*app_->add_flag(std::string(names), value, std::string(meaning)));
}

OptionBuilder CommandBuilder::add_flag_callback(std::string_view names, std::function<void()> work, std::string_view meaning) {
  return OptionBuilder(*app_->add_flag_callback(std::string(names), std::move(work), std::string(meaning)));
}

void CommandBuilder::footer(std::string_view examples) { app_->footer(std::string(examples)); }

void CommandBuilder::callback(std::function<void()> work) { app_->callback(std::move(work)); }

void CommandBuilder::allow_extras() { app_->allow_extras(); }

bool CommandBuilder::given(std::string_view option) const { return app_->count(std::string(option)) > 0; }

}  // namespace prom
