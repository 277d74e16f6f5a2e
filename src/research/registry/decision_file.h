// The decisions of a kept run: whole records in compressed blocks, and an index small enough to compare two runs by. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "domain/verdict.h"

namespace prom::registry {

/// What the index knows of a decision, and where the whole of it lies.
struct DecisionEntry {
  DecisionId id{};
  TimeNs time{};
  PairIx pair{};
  InstrumentIx instrument{};
  DecisionAction action = DecisionAction::hold;
  std::uint64_t digest = 0;           ///< digest_of(record)
  std::uint64_t block = 0;            ///< offset of the block's record in decisions.bin
  std::uint32_t begin = 0, size = 0;  ///< bytes inside the block once decompressed
  PROM_FIELDS(id, time, pair, instrument, action, digest, block, begin, size)
};

/// Writes FOLDER/decisions.bin and FOLDER/decisions.idx, in the order given.
std::expected<void, Error> write_decisions(const std::string& folder, const std::vector<DecisionRecord>& decisions);
std::expected<std::vector<DecisionEntry>, Error> read_decision_index(const std::string& folder);
std::expected<DecisionRecord, Error> read_decision(const std::string& folder, const DecisionEntry& entry);
std::expected<std::vector<DecisionRecord>, Error> read_decisions(const std::string& folder);

}  // namespace prom::registry
