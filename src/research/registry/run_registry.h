// Every run is kept: STATE/runs/<run_id>/ holds run.json (the result and what it was made from), result.bin and the decisions. One thread each object;
// several processes may save at once.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/verdict.h"
#include "research/report/candles.h"
#include "research/results/run_result.h"

namespace prom {

/// SHA-256, lower-case hex, of what a run was made from. Empty where it does not apply (a strategy has no prompts).
struct RunDigests {
  std::string binary, configuration, data, strategy, prompts;
  friend bool operator==(const RunDigests&, const RunDigests&) = default;
};

/// One line of `runs list`. Where the entry is damaged, only run_id and fault mean anything.
struct RunEntry {
  std::string run_id;
  std::optional<Error> fault;
  std::string created_at;  ///< RFC 3339
  std::string kind, decider, mode, quote, net, digest, from, to;
  std::uint64_t trades = 0, decisions = 0;
  double days = 0;
  RunDigests digests;
};

struct StoredRun {
  RunResult result;  ///< whole, decisions included
  RunDigests digests;
  std::vector<CandleSeries> candles;
};

enum class RunPart : std::uint8_t { binary, configuration, data, strategy, prompts };
std::string_view name_of(RunPart part);

/// The first place at which two runs decided differently; a side is absent where that run had ended or never decided there.
struct DecisionDifference {
  struct Side {
    DecisionId id{};
    TimeNs time{};
    std::string instrument;  ///< code
    DecisionAction action = DecisionAction::hold;
  };
  std::size_t index = 0;  ///< in order of decision, from 0
  std::optional<Side> a, b;
};
struct FillDifference {
  std::size_t index = 0;
  std::optional<std::string> a, b;  ///< the line that the digest is taken over
};
struct RunDiff {
  RunEntry a, b;
  std::vector<RunPart> differing;
  std::optional<DecisionDifference> first_decision;
  std::optional<FillDifference> first_fill;
};

class RunRegistry {
 public:
  /// `state_dir` need not exist before the first save().
  explicit RunRegistry(std::string state_dir);

  /// Keeps the run and returns its id, YYYYMMDD-HHMMSS-NNN by `now`: ids sort by creation, also where the clock was set back. Complete or absent, also
  /// after a kill. The id given in `result` is replaced.
  std::expected<std::string, Error> save(const RunResult& result, const RunDigests& digests, TimeNs now, std::span<const CandleSeries> candles = {});

  /// Oldest first; damaged entries stand among them with their fault.
  std::expected<std::vector<RunEntry>, Error> list() const;
  /// `run` is an id, the beginning of exactly one, or "latest". Codes run_not_found, run_ambiguous.
  std::expected<std::string, Error> resolve(std::string_view run) const;
  std::expected<RunEntry, Error> entry(std::string_view run) const;
  std::expected<StoredRun, Error> load(std::string_view run) const;
  /// Code decision_not_found where the run has no such decision.
  std::expected<DecisionRecord, Error> find_decision(DecisionId id, std::string_view run) const;
  std::expected<RunDiff, Error> diff(std::string_view a, std::string_view b) const;

  /// The stored run.json.
  std::expected<std::string, Error> show_json(std::string_view run) const;
  std::string folder_of(std::string_view run_id) const;

 private:
  std::expected<std::vector<std::string>, Error> ids() const;
  std::string runs_;
};

/// Documents of `runs list --json` and `runs diff --json`.
std::string runs_to_json(const std::vector<RunEntry>& runs);
std::string diff_to_json(const RunDiff& diff);

}  // namespace prom
