// Checks on the way in, so that readers need none.
#include "ports/observations.h"

#include <cmath>

namespace prom {

std::string_view name_of(TrustTier tier) {
  switch (tier) {
    case TrustTier::official: return "official";
    case TrustTier::aggregator: return "aggregator";
    case TrustTier::publisher: return "publisher";
    case TrustTier::crowd: return "crowd";
  }
  PROM_UNREACHABLE();
}

std::optional<std::string> fault_of(const Observation& o) {
  if (o.series.empty() || o.source.empty()) return "an observation needs a series and a source";
  for (const std::string* name : {&o.series, &o.subject, &o.source, &o.id}) {
    if (name->size() > kMaxObservationName) return "a name of an observation has " + std::to_string(name->size()) + " bytes, at most 512 are kept";
  }
  if (o.text.size() > kMaxObservationText) return "a text of " + std::to_string(o.text.size()) + " bytes, at most 4096 are kept";
  if (o.value && !std::isfinite(*o.value)) return "a value that is not a finite number";
  if (!o.value && o.text.empty()) return "an observation with neither value nor text";
  return std::nullopt;
}

}  // namespace prom
