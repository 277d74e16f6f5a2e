// The batch loops as the build's baseline compiles them. Pure, any thread.
#include "analysis/indicators/bulk_loops.h"

namespace prom::indicators {

const BulkKernels& bulk_kernels_baseline() { return kLoops; }

}  // namespace prom::indicators
