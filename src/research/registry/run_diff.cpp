// Where two kept runs part ways. One thread.
#include <algorithm>

#include "research/exports/run_lookup.h"
#include "research/registry/decision_file.h"
#include "research/registry/run_registry.h"
#include "research/registry/stored_run.h"
#include "research/results/fill_digest.h"

namespace prom {
namespace {

using registry::DecisionEntry;

std::vector<RunPart> differing_parts(const RunDigests& a, const RunDigests& b) {
  std::vector<RunPart> out;
  if (a.binary != b.binary) out.push_back(RunPart::binary);
  if (a.configuration != b.configuration) out.push_back(RunPart::configuration);
  if (a.data != b.data) out.push_back(RunPart::data);
  if (a.strategy != b.strategy) out.push_back(RunPart::strategy);
  if (a.prompts != b.prompts) out.push_back(RunPart::prompts);
  return out;
}

std::optional<DecisionDifference::Side> side_of(const std::vector<DecisionEntry>& index, std::size_t i, const RunResult& result) {
  if (i >= index.size()) return std::nullopt;
  const DecisionEntry& e = index[i];
  return DecisionDifference::Side{e.id, e.time, code_of(result, e.instrument), e.action};
}

std::vector<std::string> fill_lines(const RunResult& r) {
  std::vector<std::string> lines;
  for (const Fill& fill : r.fills) {
    const Instrument* instrument = find_instrument(r, fill.instrument);
    lines.push_back(instrument == nullptr ? std::string() : fill_line(fill, *instrument, asset_of(r, fill.fee.asset)));
  }
  return lines;
}

std::optional<FillDifference> first_fill(const RunResult& a, const RunResult& b) {
  const std::vector<std::string> x = fill_lines(a), y = fill_lines(b);
  const auto [i, j] = std::ranges::mismatch(x, y);
  if (i == x.end() && j == y.end()) return std::nullopt;
  FillDifference out;
  out.index = static_cast<std::size_t>(i - x.begin());
  if (i != x.end()) out.a = *i;
  if (j != y.end()) out.b = *j;
  return out;
}

}  // namespace

std::expected<RunDiff, Error> RunRegistry::diff(std::string_view a, std::string_view b) const {
  RunDiff out;
  PROM_TRY(out.a, entry(a));
  PROM_TRY(out.b, entry(b));
  out.differing = differing_parts(out.a.digests, out.b.digests);
  PROM_TRY(const registry::StoredResult x, registry::read_result(folder_of(out.a.run_id) + "/result.bin"));
  PROM_TRY(const registry::StoredResult y, registry::read_result(folder_of(out.b.run_id) + "/result.bin"));
  PROM_TRY(const std::vector<DecisionEntry> left, registry::read_decision_index(folder_of(out.a.run_id)));
  PROM_TRY(const std::vector<DecisionEntry> right, registry::read_decision_index(folder_of(out.b.run_id)));
  const auto same = [](const DecisionEntry& p, const DecisionEntry& q) { return p.id == q.id && p.digest == q.digest; };
  const auto [i, j] = std::ranges::mismatch(left, right, same);
  if (i != left.end() || j != right.end()) {
    const auto index = static_cast<std::size_t>(i - left.begin());
    out.first_decision = DecisionDifference{index, side_of(left, index, x.result), side_of(right, index, y.result)};
  }
  out.first_fill = first_fill(x.result, y.result);
  return out;
}

}  // namespace prom
