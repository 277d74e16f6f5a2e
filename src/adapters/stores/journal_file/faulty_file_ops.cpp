// The faulty file system in memory: durability is modelled by a second copy of each file and of the names. Tests only; one thread.
#include "adapters/stores/journal_file/faulty_file_ops.h"

#include <algorithm>
#include <cerrno>

#include "base/assert.h"

namespace prom {

FileResult<FaultyFileOps::Verdict> FaultyFileOps::changing() {
  if (dead_) return err(FileFault{EIO});
  if (++calls_ != plan_.at) return Verdict::go;
  switch (plan_.action) {
    case FaultAction::none: return Verdict::go;
    case FaultAction::fail: return err(FileFault{plan_.code});
    case FaultAction::fail_halfway: return Verdict::half_then_fail;
    case FaultAction::write_short: return Verdict::short_write;
    case FaultAction::power_cut: dead_ = true; return Verdict::cut;
  }
  PROM_UNREACHABLE();
}

void FaultyFileOps::kill() {
  handles_.clear();
  locks_.clear();
  dead_ = false;
  set_plan({});
}

void FaultyFileOps::after_power_cut(File& file, Survival survival, Xoshiro256pp& random) {
  constexpr std::size_t kSector = 512;
  switch (survival) {
    case Survival::none: file.now = file.durable; break;
    case Survival::all: break;
    case Survival::random_prefix: {
      // Only appends are in flight in this twin's users; a truncation that was not synced may be undone.
      if (file.now.size() > file.durable.size()) {
        file.now.resize(file.durable.size() + static_cast<std::size_t>(random.below(file.now.size() - file.durable.size() + 1)));
      } else if (random.chance(1, 2)) {
        file.now = file.durable;
      }
      break;
    }
    case Survival::random_sectors: {
      for (std::size_t at = file.durable.size(); at < file.now.size();) {
        const std::size_t end = std::min(file.now.size(), (at / kSector + 1) * kSector);
        if (random.chance(1, 2))
          std::fill(file.now.begin() + static_cast<std::ptrdiff_t>(at), file.now.begin() + static_cast<std::ptrdiff_t>(end), std::byte{0});
        at = end;
      }
      break;
    }
  }
  file.durable = file.now;
}

void FaultyFileOps::crash(Survival survival, std::uint64_t seed) {
  Xoshiro256pp random(seed);
  const bool names_survive = survival == Survival::all || (survival != Survival::none && random.chance(1, 2));
  if (!names_survive) names_ = durable_names_;
  for (auto& [name, file] : names_) after_power_cut(*file, survival, random);
  durable_names_ = names_;
  kill();
}

std::vector<std::byte>& FaultyFileOps::contents(const std::string& path) {
  const auto found = names_.find(path);
  PROM_ASSERT(found != names_.end(), "no such file in the twin");
  return found->second->now;
}

FileResult<FileHandle> FaultyFileOps::open(const std::string& path, OpenMode mode) {
  if (dead_) return err(FileFault{EIO});
  auto found = names_.find(path);
  if (mode == OpenMode::read && found == names_.end()) return err(FileFault{ENOENT});
  if (mode == OpenMode::replace || (mode == OpenMode::append && found == names_.end())) {
    PROM_TRY(const Verdict verdict, changing());
    if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
    if (found == names_.end()) {
      found = names_.emplace(path, std::make_shared<File>()).first;
    } else {
      found->second->now.clear();
    }
    if (verdict == Verdict::cut) return err(FileFault{EIO});
  }
  const int handle = next_handle_++;
  handles_[handle] = {path, found->second, mode, 0};
  return FileHandle{handle};
}

void FaultyFileOps::close(FileHandle file) {
  const int handle = static_cast<int>(file);
  handles_.erase(handle);
  for (auto lock = locks_.begin(); lock != locks_.end();) lock = lock->second == handle ? locks_.erase(lock) : std::next(lock);
}

FileResult<std::size_t> FaultyFileOps::write(FileHandle file, std::span<const std::byte> bytes) {
  PROM_TRY(const Verdict verdict, changing());
  auto& open = handles_.at(static_cast<int>(file));
  std::size_t count = bytes.size();
  if (verdict == Verdict::half_then_fail || verdict == Verdict::cut) count /= 2;
  if (verdict == Verdict::short_write) count = std::max<std::size_t>(1, count / 2);
  auto& now = open.file->now;
  if (open.mode == OpenMode::append) open.at = now.size();
  now.resize(std::max<std::size_t>(now.size(), open.at + count));
  std::copy_n(bytes.begin(), count, now.begin() + static_cast<std::ptrdiff_t>(open.at));
  open.at += count;
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  return count;
}

FileResult<std::size_t> FaultyFileOps::read_at(FileHandle file, std::uint64_t offset, std::span<std::byte> into) {
  if (dead_) return err(FileFault{EIO});
  const auto& now = handles_.at(static_cast<int>(file)).file->now;
  if (offset >= now.size()) return std::size_t{0};
  const std::size_t count = std::min<std::size_t>(into.size(), now.size() - static_cast<std::size_t>(offset));
  bytes_read_ += count;
  std::copy_n(now.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
  return count;
}

FileResult<std::uint64_t> FaultyFileOps::size(FileHandle file) {
  if (dead_) return err(FileFault{EIO});
  const std::uint64_t bytes = handles_.at(static_cast<int>(file)).file->now.size();
  if (const auto then = std::exchange(after_size_, nullptr)) then();
  return bytes;
}

FileResult<void> FaultyFileOps::truncate(FileHandle file, std::uint64_t bytes) {
  PROM_TRY(const Verdict verdict, changing());
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  handles_.at(static_cast<int>(file)).file->now.resize(static_cast<std::size_t>(bytes));
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  return {};
}

FileResult<void> FaultyFileOps::sync_data(FileHandle file) {
  PROM_TRY(const Verdict verdict, changing());
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  auto& content = *handles_.at(static_cast<int>(file)).file;
  content.durable = content.now;
  return {};
}

FileResult<void> FaultyFileOps::sync_directory(const std::string& directory) {
  PROM_TRY(const Verdict verdict, changing());
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  const auto inside = [&](const std::string& path) { return path.starts_with(directory + "/"); };
  std::erase_if(durable_names_, [&](const auto& entry) { return inside(entry.first); });
  for (const auto& [name, file] : names_) {
    if (inside(name)) durable_names_[name] = file;
  }
  return {};
}

FileResult<void> FaultyFileOps::make_directories(const std::string&) {
  PROM_TRY(const Verdict verdict, changing());
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  return {};
}

FileResult<void> FaultyFileOps::rename(const std::string& from, const std::string& to) {
  PROM_TRY(const Verdict verdict, changing());
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  const auto found = names_.find(from);
  if (found == names_.end()) return err(FileFault{ENOENT});
  names_[to] = found->second;
  names_.erase(from);
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  return {};
}

FileResult<void> FaultyFileOps::remove(const std::string& path) {
  PROM_TRY(const Verdict verdict, changing());
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  if (names_.erase(path) == 0) return err(FileFault{ENOENT});
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  return {};
}

FileResult<std::vector<std::string>> FaultyFileOps::list(const std::string& directory) {
  if (dead_) return err(FileFault{EIO});
  std::vector<std::string> out;
  for (const auto& [name, file] : names_) {
    if (name.starts_with(directory + "/")) out.push_back(name.substr(directory.size() + 1));
  }
  return out;
}

FileResult<FileHandle> FaultyFileOps::lock(const std::string& path) {
  PROM_TRY(const Verdict verdict, changing());
  if (verdict == Verdict::half_then_fail) return err(FileFault{plan_.code});
  if (verdict == Verdict::cut) return err(FileFault{EIO});
  if (locks_.contains(path)) return err(FileFault{EWOULDBLOCK});
  auto& file = names_[path];
  if (file == nullptr) file = std::make_shared<File>();
  const std::string pid = "4711\n";
  file->now.assign(reinterpret_cast<const std::byte*>(pid.data()), reinterpret_cast<const std::byte*>(pid.data() + pid.size()));
  const int handle = next_handle_++;
  handles_[handle] = {path, file, OpenMode::append, 0};
  locks_[path] = handle;
  return FileHandle{handle};
}

}  // namespace prom
