// See the header. The file is lines of `export NAME=value`, quoted as a shell has it where that is needed.
#include "io/testing/test_servers.h"

#include <cstdlib>
#include <fstream>

namespace prom {
namespace {

std::string unquoted(const std::string& text) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'' && !inside) {
      inside = true;
    } else if (text[i] == '\'') {
      inside = false;
    } else if (text[i] == '"' && !inside) {
      // shlex.quote writes a quote inside quotes as '"'"'.
      const std::size_t end = text.find('"', i + 1);
      out += text.substr(i + 1, end - i - 1);
      i = end == std::string::npos ? text.size() : end;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

TestServers::TestServers() : root_(PROM_SOURCE_DIR) {
  const char* set = std::getenv("PROM_SERVERS_AS");  // dev/servers.py reads it too
  std::ifstream file(root_ + "/build/servers/" + (set != nullptr ? set : "") + "/env");
  constexpr std::string_view kExport = "export ";
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (!line.starts_with(kExport) || equals == std::string::npos) continue;
    settings_[line.substr(kExport.size(), equals - kExport.size())] = unquoted(line.substr(equals + 1));
  }
}

std::optional<std::string> TestServers::setting(const std::string& name) const {
  const auto found = settings_.find(name);
  if (found == settings_.end()) return std::nullopt;
  return found->second;
}

std::string TestServers::why_not(const std::string& server) const {
  std::string upper = server;
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (const auto reason = setting("PROM_SKIPPED_" + upper)) return server + " cannot be had: " + *reason;
  return server + " does not run: dev/servers.py up " + server;
}

int TestServers::command(const std::string& arguments) const {
  const std::string line = "cd '" + root_ + "' && python3 -B dev/servers.py " + arguments + " >/dev/null 2>&1";
  return std::system(line.c_str());
}

}  // namespace prom
