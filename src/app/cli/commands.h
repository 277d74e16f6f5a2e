// Every command's registration. Each is called once before parsing; it adds its subcommand and leaves the work in the sink when it is chosen.
// `add_run`, `add_backtest` and `add_host` are defined in src/app/run and src/app/host.
#pragma once

#include "app/cli/command.h"

namespace prom {

void add_run(CLI::App& app, CommandSink& sink);
void add_host(CLI::App& app, CommandSink& sink);
void add_backtest(CLI::App& app, CommandSink& sink);

void add_runs(CLI::App& app, CommandSink& sink);        ///< runs list|show|diff
void add_runs_prune(CLI::App& app, CommandSink& sink);  ///< runs prune, beside the others; after add_runs
void add_status(CLI::App& app, CommandSink& sink);
void add_report(CLI::App& app, CommandSink& sink);
void add_data(CLI::App& app, CommandSink& sink);        ///< data import|list|verify|download
void add_agents(CLI::App& app, CommandSink& sink);      ///< agents list|show|run
void add_explain(CLI::App& app, CommandSink& sink);     ///< agents explain, beside the others; after add_agents
void add_tools(CLI::App& app, CommandSink& sink);       ///< tools list|call|docs
void add_tool_stats(CLI::App& app, CommandSink& sink);  ///< tools stats, beside the others; after add_tools
void add_feeds(CLI::App& app, CommandSink& sink);       ///< feeds import|status
void add_events(CLI::App& app, CommandSink& sink);      ///< events read|topics
void add_strategies(CLI::App& app, CommandSink& sink);  ///< strategies list
void add_health(CLI::App& app, CommandSink& sink);
void add_migrate(CLI::App& app, CommandSink& sink);
void add_check_config(CLI::App& app, CommandSink& sink);
void add_keys(CLI::App& app, CommandSink& sink);  ///< keys generate|rotate
/// The document, or one line, of `version` and of `--version --json`.
CommandResult print_version(AppContext& context);
void add_version(CLI::App& app, CommandSink& sink);
void add_completion(CLI::App& app, CommandSink& sink);  ///< completion bash|zsh|fish
void add_man(CLI::App& app, CommandSink& sink);
void add_reference(CLI::App& app, CommandSink& sink);  ///< the generated part of docs/cli.md and docs/configuration.md

}  // namespace prom
