// Each PROM_CASE must be refused by the compiler, for the reason that CMakeLists.txt names; PROM_CASE 0 is the control that must compile,
// so that a broken include path or header cannot pass for a refusal. Never linked.
#include <fmt/format.h>

#include <sstream>

#include "base/log.h"
#include "base/secret.h"

std::string use(const prom::SecretString& secret) {
#if PROM_CASE == 0
  prom::log_event(prom::LogLevel::info, "key_loaded", {{"length", secret.expose().size()}});
  return fmt::format("{}", secret.expose().size());
#elif PROM_CASE == 1
  std::ostringstream out;
  out << secret;
  return out.str();
#elif PROM_CASE == 2
  return fmt::format("{}", secret);
#elif PROM_CASE == 3
  prom::log_event(prom::LogLevel::info, "key_loaded", {{"key", secret}});
  return {};
#elif PROM_CASE == 4
  const std::string_view text = secret;
  return std::string(text);
#elif PROM_CASE == 5
  const prom::SecretString copy = secret;
  return std::string(copy.expose());
#elif PROM_CASE == 6
  prom::log_event(prom::LogLevel::info, "key_loaded", {{"loaded", true}});
  return std::string(secret.expose());
#endif
}
