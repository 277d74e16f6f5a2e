// {"sources": [{"source", "next", "failures", "reason"}]}
#include "app/feeds/feed_schedule.h"

#include <algorithm>
#include <utility>

#include "research/exports/atomic_file.h"
#include "tools/tool.h"

namespace prom {

FeedSchedule FeedSchedule::load(const std::string& path) {
  FeedSchedule out;
  const auto text = read_whole_file(path);
  const auto document = text ? parse_json_value(*text) : std::unexpected(ToolError{});
  const Value* sources = document ? document->find("sources") : nullptr;
  const auto* list = sources != nullptr ? std::get_if<ValueList>(&sources->storage()) : nullptr;
  if (list == nullptr) return out;
  for (const Value& row : *list) {
    const auto source = row.text("source"), next = row.text("next"), reason = row.text("reason");
    const auto failures = row.number("failures");
    const auto time = parse_rfc3339(next.value_or(""));
    if (!source || !time || !failures || *failures < 0) continue;
    out.entries_[std::string(*source)] = {*time, static_cast<std::int64_t>(*failures), std::string(reason.value_or(""))};
  }
  return out;
}

std::expected<void, CommandError> FeedSchedule::save(const std::string& path) const {
  ValueList list;
  for (const auto& [source, entry] : entries_)
    list.emplace_back(ValueObject{{"source", source}, {"next", entry.next}, {"failures", entry.failures}, {"reason", entry.reason}});
  const auto done = write_file_atomically(path, to_json(Value(ValueObject{{"sources", std::move(list)}})) + "\n");
  if (!done) return std::unexpected(CommandError{ExitCode::outside_away, "disk", done.error().message, {}, {}});
  return {};
}

const FeedSchedule::Entry& FeedSchedule::of(std::string_view source) const {
  static const Entry kNever;
  const auto at = entries_.find(source);
  return at == entries_.end() ? kNever : at->second;
}

void FeedSchedule::answered(std::string_view source, TimeNs now, DurationNs interval, std::string reason) {
  entries_[std::string(source)] = {now + interval, 0, std::move(reason)};
}

void FeedSchedule::failed(std::string_view source, TimeNs now, DurationNs interval, std::optional<DurationNs> retry_after, std::string reason) {
  Entry& entry = entries_[std::string(source)];
  entry.failures = std::min<std::int64_t>(entry.failures + 1, 30);
  const std::int64_t factor = std::int64_t{1} << std::min<std::int64_t>(entry.failures - 1, 10);
  const DurationNs wait = std::min(DurationNs{interval.ns * factor}, kLongestWait);
  entry.next = now + std::max(wait, retry_after ? std::min(*retry_after, kDay) : wait);
  entry.reason = std::move(reason);
}

}  // namespace prom
