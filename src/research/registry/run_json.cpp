// JSON of kept runs. Any thread.
#include "research/registry/run_json.h"

#include <nlohmann/json.hpp>

#include "domain/enum_text.h"
#include "research/exports/exports.h"

namespace prom {
namespace {

using Json = nlohmann::ordered_json;

Json digests_json(const RunDigests& d) {
  return {{"binary", d.binary}, {"configuration", d.configuration}, {"data", d.data}, {"strategy", d.strategy}, {"prompts", d.prompts}};
}

Json entry_json(const RunEntry& e) {
  Json out = {{"run_id", e.run_id}};
  if (e.fault) {
    out["error"] = {{"code", e.fault->code}, {"message", e.fault->message}, {"hint", e.fault->hint}};
    return out;
  }
  out["created_at"] = e.created_at;
  out["kind"] = e.kind;
  out["mode"] = e.mode;
  out["decider"] = e.decider;
  out["from"] = e.from;
  out["to"] = e.to;
  out["days"] = e.days;
  out["trades"] = e.trades;
  out["decisions"] = e.decisions;
  out["net"] = e.net;
  out["quote"] = e.quote;
  out["digest"] = e.digest;
  out["digests"] = digests_json(e.digests);
  return out;
}

Json side_json(const std::optional<DecisionDifference::Side>& side) {
  if (!side) return nullptr;
  return {{"id", side->id.v}, {"time", format_rfc3339(side->time)}, {"instrument", side->instrument}, {"action", std::string(enum_text(side->action))}};
}

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

std::string dump(const Json& doc) { return doc.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string runs_to_json(const std::vector<RunEntry>& runs) {
  Json list = Json::array();
  for (const RunEntry& e : runs) list.push_back(entry_json(e));
  return dump({{"runs", std::move(list)}});
}

std::string diff_to_json(const RunDiff& diff) {
  Json parts = Json::array();
  for (const RunPart part : diff.differing) parts.push_back(name_of(part));
  Json doc = {{"a", entry_json(diff.a)}, {"b", entry_json(diff.b)}, {"differing", std::move(parts)}, {"same_digest", diff.a.digest == diff.b.digest}};
  doc["first_differing_decision"] = nullptr;
  if (const auto& d = diff.first_decision) doc["first_differing_decision"] = {{"index", d->index}, {"a", side_json(d->a)}, {"b", side_json(d->b)}};
  doc["first_differing_fill"] = nullptr;
  if (const auto& f = diff.first_fill) doc["first_differing_fill"] = {{"index", f->index}, {"a", text_or_null(f->a)}, {"b", text_or_null(f->b)}};
  return dump(doc);
}

namespace registry {

std::string run_json(const RunResult& result, const std::string& run_id, const RunDigests& digests, TimeNs created_at) {
  Json doc = {{"format", 1}, {"run_id", run_id}, {"created_at", format_rfc3339(created_at)}, {"digests", digests_json(digests)}};
  doc["result"] = Json::parse(result_to_json(result));
  doc["result"]["run_id"] = run_id;
  return dump(doc);
}

std::optional<RunEntry> parse_run_json(std::string_view text) {
  try {
    const Json doc = Json::parse(text);
    if (doc.at("format") != 1) return std::nullopt;
    RunEntry e;
    e.run_id = doc.at("run_id");
    e.created_at = doc.at("created_at");
    const Json& d = doc.at("digests");
    e.digests = {d.at("binary"), d.at("configuration"), d.at("data"), d.at("strategy"), d.at("prompts")};
    const Json& r = doc.at("result");
    e.kind = r.at("kind");
    e.decider = r.at("decider");
    e.mode = r.at("mode");
    e.quote = r.at("quote");
    e.net = r.at("net");
    e.digest = r.at("digest");
    e.from = r.at("data").at("from");
    e.to = r.at("data").at("to");
    e.trades = r.at("trades");
    e.decisions = r.at("decisions");
    e.days = r.at("days");
    return e;
  } catch (const Json::exception&) {
    return std::nullopt;  // the caller names the file
  }
}

}  // namespace registry
}  // namespace prom
