// Any text as arguments of any tool: a typed error or a result, never a crash. The first byte picks the tool. One thread.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tools/tool.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto tools = prom::all_tools();
  const prom::Tool& tool = tools[data[0] % tools.size()];
  const auto value = prom::parse_json_value(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  if (!value) return 0;
  const prom::ToolContext context;  // no source: everything but the checks of arguments is absent
  const auto result = prom::call_tool(tool.info.name, context, {*value, prom::SeriesWanted::no});
  if (!result && result.error().message.empty()) __builtin_trap();
  return 0;
}
