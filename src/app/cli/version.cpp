// The only file that is compiled anew with each commit.
#include "app/cli/version.h"

namespace prom {

VersionInfo version_info() { return {PROM_VERSION, PROM_COMMIT, "clang " __clang_version__, PROM_BUILD_TYPE, PROM_SANITIZERS}; }

}  // namespace prom
