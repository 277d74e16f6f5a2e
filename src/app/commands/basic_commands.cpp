// version, strategies, completion, man, reference: what the binary says about itself.
#include <memory>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/command_doc.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/version.h"
#include "app/config/settings.h"
#include "strategies/registry.h"

namespace prom {
namespace {

Value strategy_document(const StrategySpec& spec) {
  ValueList parameters;
  for (const ParameterSpec& parameter : spec.parameters) {
    parameters.emplace_back(ValueObject{{"name", Value(parameter.name)},
                                        {"default", parameter_text(parameter, parameter.default_value)},
                                        {"minimum", parameter_text(parameter, parameter.minimum)},
                                        {"maximum", parameter_text(parameter, parameter.maximum)},
                                        {"description", Value(parameter.description)},
                                        {"source", Value(parameter.source)}});
  }
  return ValueObject{{"name", Value(spec.name)}, {"summary", Value(spec.summary)}, {"source", Value(spec.source)}, {"parameters", std::move(parameters)}};
}

CommandResult list_strategies(AppContext& context) {
  if (context.json()) {
    ValueList list;
    for (const StrategySpec& spec : all_strategies()) list.push_back(strategy_document(spec));
    context.print(ValueObject{{"strategies", std::move(list)}});
    return ExitCode::done;
  }
  for (const StrategySpec& spec : all_strategies()) {
    context.out << spec.name << "\n  " << wrap(spec.summary, kTextWidth, 2) << '\n';
    TextTable table({{"    --set"}, {"default", Align::right}, {"from", Align::right}, {"to", Align::right}, {"what"}});
    for (const ParameterSpec& parameter : spec.parameters) {
      table.add({"    " + std::string(parameter.name), parameter_text(parameter, parameter.default_value), parameter_text(parameter, parameter.minimum),
                 parameter_text(parameter, parameter.maximum), std::string(parameter.description)});
    }
    table.print(context.out);
  }
  return ExitCode::done;
}

}  // namespace

CommandResult print_version(AppContext& context) {
  const VersionInfo info = version_info();
  if (context.json()) {
    context.print(ValueObject{{"name", "promtrade"},
                              {"version", Value(info.version)},
                              {"commit", Value(info.commit)},
                              {"compiler", Value(info.compiler)},
                              {"build_type", Value(info.build_type)},
                              {"sanitizers", Value(info.sanitizers)}});
  } else {
    context.out << "promtrade " << info.version << " (commit " << info.commit << ", " << info.compiler << ", " << info.build_type << ")\n";
  }
  return ExitCode::done;
}

void add_version(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("version", "Version, commit, compiler and build type.");
  command.footer("  promtrade version --json");
  command.callback([&sink] { sink.chosen = print_version; });
}

void add_strategies(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("strategies", "Deterministic strategies that a backtest or a pair can use.");
  CommandBuilder list = group.add_subcommand("list", "Strategies with their parameters, ranges and sources.");
  list.footer("  promtrade strategies list\n  promtrade strategies list --json");
  list.callback([&sink] { sink.chosen = list_strategies; });
}

void add_completion(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("completion", "Shell completion, written to stdout.");
  auto shell = std::make_shared<std::string>();
  command.add_option("shell", *shell, "Which shell").required().type_name("bash|zsh|fish").check_one_of({"bash", "zsh", "fish"});
  command.footer("  promtrade completion bash > /etc/bash_completion.d/promtrade");
  command.callback([&sink, app, shell] {
    sink.chosen = [app, shell](AppContext& context) -> CommandResult {
      const Shell which = *shell == "bash" ? Shell::bash : *shell == "zsh" ? Shell::zsh : Shell::fish;
      context.out << completion_script(describe_commands(app.root()), which);
      return ExitCode::done;
    };
  });
}

void add_man(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("man", "The manual page in troff, written to stdout.");
  command.footer("  promtrade man | man -l -");
  command.callback([&sink, app] {
    sink.chosen = [app](AppContext& context) -> CommandResult {
      context.out << man_page(describe_commands(app.root()), version_info().version);
      return ExitCode::done;
    };
  });
}

void add_reference(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("reference", "The generated parts of the documentation, written to stdout.");
  auto part = std::make_shared<std::string>();
  command.add_option("part", *part, "commands (docs/cli.md), configuration (docs/configuration.md), env (.env.example) or toml (promtrade.toml)")
      .required()
      .type_name("commands|configuration|env|toml")
      .check_one_of({"commands", "configuration", "env", "toml"});
  command.footer("  promtrade reference toml > promtrade.toml");
  command.callback([&sink, app, part] {
    sink.chosen = [app, part](AppContext& context) -> CommandResult {
      context.out << (*part == "commands"        ? commands_markdown(describe_commands(app.root()))
                      : *part == "configuration" ? settings_markdown()
                      : *part == "env"           ? env_example()
                                                 : toml_example());
      return ExitCode::done;
    };
  });
}

}  // namespace prom
