// Fuzz target over the whole loader: the input's first byte says where promtrade.toml ends and .env begins. Every answer is a checked configuration or
// problems with a sentence; accessors of a loaded one never assert.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/config/config.h"
#include "app/config/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = text.size() * data[0] / 255;
  prom::ConfigSources sources;
  sources.toml = prom::ConfigSources::File{"promtrade.toml", std::string(text.substr(0, cut))};
  sources.env = prom::ConfigSources::File{".env", std::string(text.substr(cut))};
  const auto config = prom::load_config(std::move(sources));
  if (!config) {
    if (config.error().empty()) std::abort();
    for (const auto& problem : config.error()) {
      if (problem.message.empty() || problem.place.empty()) std::abort();
    }
    return 0;
  }
  (void)config->integer("http.port");
  (void)config->decimal("run.cash");
  (void)config->duration("run.desk_interval");
  (void)config->optional_decimal("risk.max_drawdown");
  (void)config->list("run.instruments");
  (void)prom::to_json(prom::Value(config->describe()));
  return 0;
}
