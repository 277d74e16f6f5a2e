// The file of sealed venue keys in the state directory (credentials.json), and giving it a new key. The file holds owners in the clear and sealed texts.
// One process at a time; main thread.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "app/keys/seal.h"
#include "base/result.h"

namespace prom {

struct SealedCredential {
  SealOwner owner;
  std::string sealed;
};

/// A missing file is an empty list. Codes: credentials_unreadable, credentials_malformed.
std::expected<std::vector<SealedCredential>, Error> read_credentials(const std::string& path);
/// Replaces the file in one step (mode 0600): after a crash either the old or the new one is there, whole. Code: credentials_not_written.
std::expected<void, Error> write_credentials(const std::string& path, const std::vector<SealedCredential>& credentials);

/// Opens every entry with `before` and seals it again with `after`; nothing is written unless all of them open. The file as it was stays beside it as
/// `<path>.previous` until the next rotation, since the new key is not in the configuration yet. Returns the number of entries. Code: credentials_not_opened.
std::expected<std::size_t, Error> reseal_credentials(const std::string& path, const SealKey& before, const SealKey& after);

}  // namespace prom
