// feeds import, status: options and what people see.
#include <memory>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/feeds/feed_fetch.h"
#include "app/feeds/feeds_at_hand.h"

namespace prom {
namespace {

CommandResult import_command(AppContext& context, const FeedImport& job) {
  PROM_TRY(const Value document, import_feed(context, job));
  if (context.json()) {
    context.print(document);
  } else {
    context.out << job.kind << ": " << to_json(*document.find("read")) << " observations read, " << to_json(*document.find("new")) << " of them new\n";
  }
  return ExitCode::done;
}

CommandResult status_command(AppContext& context) {
  PROM_TRY(const Value document, feeds_status(context));
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  TextTable table({{"series"}, {"subject"}, {"source"}, {"rows"}, {"newest event"}, {"last known"}});
  for (const Value& row : std::get<ValueList>(document.find("feeds")->storage())) {
    table.add({std::string(*row.text("series")), std::string(*row.text("subject")), std::string(*row.text("source")), to_json(*row.find("rows")),
               context.time(std::get<TimeNs>(row.find("newest_event")->storage())), context.time(std::get<TimeNs>(row.find("last_known")->storage()))});
  }
  table.print(context.out);
  return ExitCode::done;
}

CommandResult fetch_command(AppContext& context, const FeedFetch& job) {
  PROM_TRY(const Value document, fetch_feeds(context, job));
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  TextTable table({{"source"}, {"state"}, {"read"}, {"new"}, {"next"}, {"why"}});
  for (const Value& row : std::get<ValueList>(document.find("sources")->storage())) {
    const auto* next = std::get_if<TimeNs>(&row.find("next_at")->storage());
    table.add({std::string(*row.text("source")), std::string(*row.text("state")), to_json(*row.find("read")), to_json(*row.find("new")),
               next != nullptr ? context.time(*next) : std::string(), std::string(*row.text("reason"))});
  }
  table.print(context.out);
  return ExitCode::done;
}

}  // namespace

void add_feeds(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("feeds", "What outside feeds say: ask providers, keep saved replies, show what is kept.");
  CommandBuilder import = group.add_subcommand("import", "Keep a reply that was saved to a file, so that tools and replays see it from its instant on.");
  auto job = std::make_shared<FeedImport>();
  import.add_option("kind", job->kind, "Which reply: " + feed_kinds()).required().type_name("KIND");
  import.add_option("file", job->path, "The reply as the provider sent it").required().type_name("FILE");
  import.add_option("--name", job->name, "What the reply does not say: FRED's series id, Bybit's category, the outlet of RSS, a coin, a coin and its metric")
      .type_name("NAME");
  import.add_option("--fetched-at", job->fetched_at, "When it was fetched (else now); nothing of it is visible before").type_name("TIME");
  import.footer("  promtrade feeds import fred cpi.json --name CPIAUCSL --fetched-at 2025-05-01T12:00:00Z");
  import.callback([&sink, job] { sink.chosen = [job](AppContext& context) { return import_command(context, *job); }; });

  CommandBuilder fetch = group.add_subcommand("fetch", "Ask providers for what is new and keep it; none more often than it allows.");
  auto wanted = std::make_shared<FeedFetch>();
  fetch.add_option("source", wanted->sources, "Which (else all that need no key or whose key is set)").type_name("SOURCE");
  fetch.add_flag("--again", wanted->again, "Also those that were asked lately, or that are left alone after failures");
  fetch.add_option("--through", wanted->through, "Ask this address with each provider's path instead of the provider: a mirror of yours").type_name("URL");
  fetch.footer("  promtrade feeds fetch\n  promtrade feeds fetch fred news --json");
  fetch.callback([&sink, wanted] { sink.chosen = [wanted](AppContext& context) { return fetch_command(context, *wanted); }; });

  CommandBuilder status = group.add_subcommand("status", "Which series are kept, from whom, and how new they are.");
  status.footer("  promtrade feeds status --json");
  status.callback([&sink] { sink.chosen = status_command; });
}

}  // namespace prom
