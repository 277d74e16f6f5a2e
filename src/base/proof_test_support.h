// For tests only: leaves in the test's XML what a comparison has shown about a tool. dev/tool_accuracy.py makes docs/tool_accuracy.md of it. Test threads only.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace prom::test {

enum class ProofKind {
  outside,   // against results that other people or programs published or computed
  second,    // against an own second implementation, where nothing outside answers the same question
  contract,  // no number of its own to compare: what the test holds it to
};

struct Proof {
  std::string_view tool;
  ProofKind kind = ProofKind::outside;
  std::string_view against;  // whose results, or what the contract test shows
  std::string_view outputs = {};
  std::size_t values = 0;
  double worst = 0;                  // largest |error| / max(|expected|, typical size of the output)
  std::string_view difference = {};  // of definition, and whose; empty where both define the same
};

// `|` separates the parts: none of them may hold one.
inline void record_proof(const Proof& proof) {
  static constexpr std::string_view kKinds[] = {"outside", "second", "contract"};
  char worst[32];
  std::snprintf(worst, sizeof worst, "%.0e", proof.worst);
  std::string text(kKinds[static_cast<std::size_t>(proof.kind)]);
  for (const std::string_view part : {proof.tool, proof.against, proof.outputs}) text += '|' + std::string(part);
  text += '|' + std::to_string(proof.values) + '|' + worst + '|' + std::string(proof.difference);
  std::string key = "proof " + std::string(proof.tool) + ' ' + std::string(proof.against) + ' ' + std::string(proof.outputs);
  ::testing::Test::RecordProperty(key, text);
}

// A tool without a number of its own to compare; `holds` says what the test has shown of it.
inline void record_contract(std::string_view tool, std::string_view holds) { record_proof({tool, ProofKind::contract, holds}); }

// Collects |actual - expected| of one output and says the largest against the larger of |expected| and the output's root mean square.
class WorstError {
 public:
  void add(double actual, double expected) {
    errors_.push_back({std::fabs(actual - expected), std::fabs(expected)});
    squares_ += expected * expected;
  }
  std::size_t values() const { return errors_.size(); }
  double worst() const {
    const double typical = errors_.empty() ? 0 : std::sqrt(squares_ / static_cast<double>(errors_.size()));
    double worst = 0;
    for (const auto& [error, size] : errors_) {
      if (!(error <= 0)) worst = std::max(worst, error / std::max(size, typical));
    }
    return worst;
  }

 private:
  struct Error {
    double error, size;
  };
  std::vector<Error> errors_;
  double squares_ = 0;
};

}  // namespace prom::test
