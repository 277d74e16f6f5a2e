// TA-Lib's C library as a peer for the indicator bench, loaded at run time from PROM_TALIB (the .so in the PyPI wheel TA-Lib, folder ta_lib.libs).
// One thread.
#pragma once
#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <utility>

namespace prom::bench {

class TalibLibrary {
 public:
  static const TalibLibrary& instance() {
    static const TalibLibrary kLibrary;
    return kLibrary;
  }
  [[nodiscard]] bool ready() const { return reason_.empty(); }
  [[nodiscard]] const std::string& reason() const { return reason_; }

  // Calls TA_<name>(0, n - 1, arguments..., &begin, &count, outputs...); the caller names argument types exactly (const double*, int, double, double*).
  template <class... Args>
  int call(const char* name, Args... arguments) const {
    using Function = int (*)(Args...);
    // dlsym hands out functions as data pointers; POSIX says that the cast is right.
    const auto function = reinterpret_cast<Function>(::dlsym(handle_, name));
    return function == nullptr ? -1 : function(arguments...);
  }

 private:
  TalibLibrary() {
    const char* path = std::getenv("PROM_TALIB");
    if (path == nullptr) {
      reason_ = "PROM_TALIB does not name libta-lib.so: not compared";
      return;
    }
    handle_ = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) {
      reason_ = std::string("cannot load it: ") + ::dlerror();
    } else if (call("TA_Initialize") != 0) {
      reason_ = "TA_Initialize failed";
    }
  }
  void* handle_ = nullptr;
  std::string reason_;
};

}  // namespace prom::bench
