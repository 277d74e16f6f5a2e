// run.json: the result document with what the run was made from, written once and read for lists. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "research/registry/run_registry.h"

namespace prom::registry {

/// {"format":1,"run_id","created_at","digests":{...},"result":{the document of backtest --json}}
/// `run_id` stands in place of the result's own.
std::string run_json(const RunResult& result, const std::string& run_id, const RunDigests& digests, TimeNs created_at);
/// Nothing where the text is not what run_json() writes.
std::optional<RunEntry> parse_run_json(std::string_view text);

}  // namespace prom::registry
