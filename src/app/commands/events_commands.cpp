// events read, topics: options and what people see.
#include <memory>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/commands/event_reading.h"

namespace prom {
namespace {

CommandResult topics_command(AppContext& context) {
  const Value document = event_topics();
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  TextTable table({{"topic"}, {"key"}, {"partitions", Align::right}, {"kept, days", Align::right}});
  for (const Value& row : std::get<ValueList>(document.find("topics")->storage()))
    table.add({std::string(*row.text("topic")), std::string(*row.text("key")), to_json(*row.find("partitions")), to_json(*row.find("kept_days"))});
  table.print(context.out);
  return ExitCode::done;
}

}  // namespace

void add_events(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("events", "What runs tell others through Kafka: read it, list the topics.");
  CommandBuilder read = group.add_subcommand("read", "Print events as they come, one a line.");
  auto job = std::make_shared<EventReading>();
  read.add_option("topic", job->topics, "Which topics (else all)").type_name("TOPIC");
  read.add_flag_callback("--follow", [job] { job->until = ReadUntil::stopped; }, "Go on until stopped (else: until all that is there was read)");
  read.add_flag_callback(
      "--as-group", [job] { job->as = ReadAs::group; }, "As the consumer group KAFKA_GROUP_ID: begin after what it has committed, and commit what was printed");
  read.add_option("--limit", job->limit, "Stop after so many events").type_name("N").check_range({1, 1'000'000'000});
  read.footer("  promtrade events read trades.closed risk.alerts\n  promtrade events read --follow --as-group --json");
  read.callback([&sink, job] { sink.chosen = [job](AppContext& context) { return read_events(context, *job); }; });

  CommandBuilder topics = group.add_subcommand("topics", "Which topics there are, and how long each is kept.");
  topics.footer("  promtrade events topics --json");
  topics.callback([&sink] { sink.chosen = topics_command; });
}

}  // namespace prom
