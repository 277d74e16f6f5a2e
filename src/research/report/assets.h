// Page, style and scripts of the report, compiled in from assets/web (embed_assets.cmake), so that an installed program needs no path. Any thread.
#pragma once

#include <string_view>

namespace prom::report {

struct Assets {
  std::string_view page, style, script;
  std::string_view chart_style, chart_script;  ///< uPlot, as vendored
};
const Assets& assets();

}  // namespace prom::report
