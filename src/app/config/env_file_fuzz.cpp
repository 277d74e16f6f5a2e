// Fuzz target of the .env reader: keys are well-formed and unique, lines ascend, faults have a line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/config/env_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [lines, faults] = prom::parse_env({reinterpret_cast<const char*>(data), size});
  std::uint32_t last = 1;
  for (const auto& fault : faults) {
    if (fault.line < last || fault.message.empty()) std::abort();
    last = fault.line;
  }
  last = 0;
  for (const auto& line : lines) {
    if (line.key.empty() || line.line < last || line.key.find_first_of("= \n") != std::string::npos) std::abort();
    last = line.line;
  }
  return 0;
}
