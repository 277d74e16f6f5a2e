// Every command's registration. Each is called once before parsing; it adds its subcommand and leaves the work in the sink when it is chosen.
// `add_run`, `add_backtest` and `add_host` are defined in src/app/run and src/app/host.
#pragma once

#include "app/cli/command.h"

namespace prom {

void add_run(CommandBuilder& app, CommandSink& sink);
void add_host(CommandBuilder& app, CommandSink& sink);
void add_backtest(CommandBuilder& app, CommandSink& sink);

void add_runs(CommandBuilder& app, CommandSink& sink);        ///< runs list|show|diff
void add_runs_prune(CommandBuilder& app, CommandSink& sink);  ///< runs prune, beside the others; after add_runs
void add_status(CommandBuilder& app, CommandSink& sink);
void add_report(CommandBuilder& app, CommandSink& sink);
void add_data(CommandBuilder& app, CommandSink& sink);        ///< data import|list|verify|download
void add_agents(CommandBuilder& app, CommandSink& sink);      ///< agents list|show|run
void add_explain(CommandBuilder& app, CommandSink& sink);     ///< agents explain, beside the others; after add_agents
void add_tools(CommandBuilder& app, CommandSink& sink);       ///< tools list|call|docs
void add_tool_stats(CommandBuilder& app, CommandSink& sink);  ///< tools stats, beside the others; after add_tools
void add_feeds(CommandBuilder& app, CommandSink& sink);       ///< feeds import|status
void add_events(CommandBuilder& app, CommandSink& sink);      ///< events read|topics
void add_strategies(CommandBuilder& app, CommandSink& sink);  ///< strategies list
void add_health(CommandBuilder& app, CommandSink& sink);
void add_migrate(CommandBuilder& app, CommandSink& sink);
void add_check_config(CommandBuilder& app, CommandSink& sink);
void add_keys(CommandBuilder& app, CommandSink& sink);  ///< keys generate|rotate
/// The document, or one line, of `version` and of `--version --json`.
CommandResult print_version(AppContext& context);
void add_version(CommandBuilder& app, CommandSink& sink);
void add_completion(CommandBuilder& app, CommandSink& sink);  ///< completion bash|zsh|fish
void add_man(CommandBuilder& app, CommandSink& sink);
void add_reference(CommandBuilder& app, CommandSink& sink);  ///< the generated part of docs/cli.md and docs/configuration.md

}  // namespace prom
