// Reading, replacing and re-sealing credentials.json: {"version":1,"credentials":[{"user","account","sealed"}]}.
#include "app/keys/credential_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>

namespace prom {
namespace {

using nlohmann::json;

Error malformed(const std::string& path, const std::string& why) {
  return {"credentials_malformed", path + ": " + why, "restore it from a backup; this program writes it whole or not at all"};
}
Error not_written(const std::string& path) {
  return {"credentials_not_written", path + ": cannot be written: " + std::strerror(errno), "the file is as it was before"};
}

bool write_synced(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  bool sound = true;
  while (sound && !text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    sound = written > 0;
    if (sound) text.remove_prefix(static_cast<std::size_t>(written));
  }
  sound = sound && ::fsync(file) == 0;
  return ::close(file) == 0 && sound;
}

}  // namespace

std::expected<std::vector<SealedCredential>, Error> read_credentials(const std::string& path) {
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return std::vector<SealedCredential>{};
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(Error{"credentials_unreadable", path + ": cannot be read: " + std::strerror(errno), ""});
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || document.value("version", json()) != 1) return std::unexpected(malformed(path, "this is no credentials file of version 1"));
  const auto list = document.find("credentials");
  if (list == document.end() || !list->is_array()) return std::unexpected(malformed(path, "the list of credentials is missing"));
  std::vector<SealedCredential> out;
  for (const json& entry : *list) {
    const auto member = [&](const char* name) { return entry.is_object() && entry.contains(name) && entry[name].is_string(); };
    if (!member("user") || !member("account") || !member("sealed")) {
      return std::unexpected(malformed(path, "entry " + std::to_string(out.size() + 1) + " lacks user, account or sealed"));
    }
    out.push_back({{entry["user"].get<std::string>(), entry["account"].get<std::string>()}, entry["sealed"].get<std::string>()});
  }
  return out;
}

std::expected<void, Error> write_credentials(const std::string& path, const std::vector<SealedCredential>& credentials) {
  json list = json::array();
  for (const SealedCredential& entry : credentials) {
    list.push_back({{"user", entry.owner.user}, {"account", entry.owner.account}, {"sealed", entry.sealed}});
  }
  const std::string text = json{{"version", 1}, {"credentials", std::move(list)}}.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  const std::string temporary = path + ".new";
  if (!write_synced(temporary, text) || std::rename(temporary.c_str(), path.c_str()) != 0) return std::unexpected(not_written(path));
  return {};
}

std::expected<std::size_t, Error> reseal_credentials(const std::string& path, const SealKey& before, const SealKey& after) {
  PROM_TRY(std::vector<SealedCredential> credentials, read_credentials(path));
  if (credentials.empty()) return std::size_t{0};
  const std::vector<SealedCredential> previous = credentials;
  for (SealedCredential& entry : credentials) {
    const auto plain = before.open(entry.owner, entry.sealed);
    const auto sealed = plain ? after.seal(entry.owner, *plain) : std::unexpected(plain.error());
    if (!sealed) {
      return std::unexpected(
          Error{"credentials_not_opened",
                path + ": the entry of user " + entry.owner.user + ", account " + entry.owner.account + ": " + std::string(describe(sealed.error())),
                "set ENCRYPTION_KEY to the key that the file was sealed with; nothing was changed"});
    }
    entry.sealed = *sealed;
  }
  PROM_CHECK_OK(write_credentials(path + ".previous", previous));
  PROM_CHECK_OK(write_credentials(path, credentials));
  return credentials.size();
}

}  // namespace prom
