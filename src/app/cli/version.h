// What this binary is. Constant; any thread.
#pragma once

#include <string_view>

namespace prom {

struct VersionInfo {
  std::string_view version;     ///< "0.1.0"
  std::string_view commit;      ///< of the checkout at configure time; "unknown" outside git
  std::string_view compiler;    ///< "clang 19.1.7"
  std::string_view build_type;  ///< "Release"
  std::string_view sanitizers;  ///< empty in a product build
};
VersionInfo version_info();

}  // namespace prom
