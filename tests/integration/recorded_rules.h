// The venues' real instrument lists, from recorded replies of Binance, Bybit and OKX, as instruments of ours. Tests only. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "domain/instrument.h"

namespace prom::test {

struct RecordedRule {
  std::string origin;  ///< file name
  std::string symbol;
  std::string tick, step;  ///< as the venue wrote them
  Instrument instrument;
};

struct RecordedRules {
  std::vector<RecordedRule> rules;
  std::vector<std::string> left_out;  ///< rows without a price or lot filter, and why
};

/// Reads every known file under `folder` (the fixtures' "venues"). Missing files are left out.
RecordedRules read_recorded_rules(const std::filesystem::path& folder);

}  // namespace prom::test
