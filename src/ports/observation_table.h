// An ObservationView over observations in memory: the command line, replay and tests read feeds through it. Immutable once made; any thread.
#pragma once

#include <span>
#include <vector>

#include "ports/observations.h"

namespace prom {

class ObservationTable final : public ObservationView {
 public:
  ObservationTable() = default;
  /// Takes sound observations in any order (see fault_of).
  explicit ObservationTable(std::vector<Observation> rows);
  std::vector<const Observation*> known(const ObservationQuery& query) const override;
  std::size_t size() const { return rows_.size(); }
  /// All of them, revisions too.
  std::span<const Observation> rows() const { return rows_; }

 private:
  std::vector<Observation> rows_;  // by series, then event time, subject, source, id, available_at
};

}  // namespace prom
