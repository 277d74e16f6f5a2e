// An ObservationView over observations in memory: the command line, replay and tests read feeds through it. Immutable once made; any thread.
#pragma once

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

 private:
  std::vector<Observation> rows_;  // by series, then event time, subject, source, id, available_at
};

}  // namespace prom
