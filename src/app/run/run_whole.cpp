// See the header.
#include "app/run/run_whole.h"

namespace prom {

std::expected<void, std::string> check_whole(const Simulation& simulation, Ledger& ledger, std::uint64_t durable_seq) {
  const bool begun = simulation.state().epoch > 0;
  const SimHistory told = simulation.venue().history();
  if (!begun && told == SimHistory::lived) return std::unexpected("the journal is gone, the venue file is not");
  if (begun && told == SimHistory::none) return std::unexpected("the venue file is gone, the journal is not");
  if (durable_seq > 0) return {};
  const auto applied = ledger.applied_seq();
  if (!applied) return std::unexpected("the ledger cannot be asked what it holds: " + applied.error().detail);
  if (*applied > 0) return std::unexpected("the journal is gone, the ledger is not");
  return {};
}

}  // namespace prom
