// What a rule brain works with: its allowed tools, its reasoning log and its evidence, all for one agent in one decision. A brain knows nothing that did not
// come out of here. One thread at a time; deterministic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/roles.h"
#include "domain/verdict.h"
#include "tools/session.h"

namespace prom {

/// Ids of tool results within a decision: the shared analysis counts from 1, the pair's own calls from here, the desk's arithmetic from kDeskResults.
inline constexpr std::uint32_t kPairResults = 1000;
inline constexpr std::uint32_t kDeskResults = 2000;
/// Lists in the reasoning log keep this many elements; evidence points only into those.
inline constexpr std::size_t kLoggedList = 4;

/// An answered call. `output` is null when the tool answered an error.
struct Answer {
  std::uint32_t id = 0;
  std::string_view tool;
  const ToolOutput* output = nullptr;
  std::optional<ToolError> error;

  explicit operator bool() const { return output != nullptr; }
  std::optional<double> number(std::string_view path) const;
  /// Empty where there is no text.
  std::string_view text(std::string_view path) const;
};

class Toolbox {
 public:
  /// `record`, `context` and `profile` outlive the toolbox. `first_id` is added to the record's ids.
  Toolbox(ToolRecord& record, const ToolContext& context, const AgentProfile& profile, std::uint32_t first_id);

  Answer ask(std::string_view tool, ValueObject arguments = {});
  /// Notes the number at `path` of an answer as evidence; the number, or nothing where there is none.
  std::optional<double> cite(const Answer& answer, std::string_view path, std::string says);
  /// Evidence from a result that was logged elsewhere in the decision (the desk's arithmetic).
  void cite(Evidence evidence) { verdict_.evidence.push_back(std::move(evidence)); }
  void think(std::string text);
  /// A call of the desk's own arithmetic, logged like a tool's.
  void log(ReasoningStep step) { verdict_.steps.push_back(std::move(step)); }

  const AgentProfile& profile() const { return profile_; }
  const ToolContext& context() const { return session_.context(); }
  double setting(std::string_view key) const { return profile_.at(key); }

  /// The verdict with its last line, and how long it took since the toolbox was made; the toolbox is used up.
  Verdict conclude(Stance stance, double confidence, double weight, std::string summary);
  /// Weight 0 and the reason.
  Verdict abstain(std::string reason) { return conclude(Stance::abstain, 0, 0, std::move(reason)); }

 private:
  const AgentProfile& profile_;
  std::vector<std::string_view> allowed_;
  ToolRecord& record_;
  ToolSession session_;
  std::uint32_t first_id_;
  std::int64_t began_;
  Verdict verdict_;
};

/// Numbers in sentences: six significant digits, without an exponent where people would not write one.
std::string in_words(double value);
/// "+1.25 %".
std::string percent_in_words(double percent);
/// A bar length as tools write it: "1h", "4h", "1d".
std::string timeframe_name(DurationNs timeframe);

}  // namespace prom
