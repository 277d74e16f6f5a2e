// Preloaded into the product by kill_loop.py: ends the process with SIGKILL at its n-th call that changes a file, before it, half way through it or after
// it. So crashes hit every boundary between two writes, not only the moments that a clock happens to find. Any thread.
//   KILL_AT_WRITE=n       0 or absent: never
//   KILL_HOW=before|half|after
//   KILL_TEXT=text        only calls that write this text are counted
//   KILL_COUNT_FILE=path  receives the number of calls when the process ends by itself
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum class How { before, half, after };

struct Plan {
  long at = 0;
  How how = How::before;
  const char* count_file = nullptr;
  const char* text = nullptr;
  Plan() {
    if (const char* given = std::getenv("KILL_AT_WRITE")) at = std::atol(given);
    if (const char* given = std::getenv("KILL_HOW"))
      how = std::strcmp(given, "half") == 0 ? How::half : std::strcmp(given, "after") == 0 ? How::after : How::before;
    count_file = std::getenv("KILL_COUNT_FILE");
    text = std::getenv("KILL_TEXT");
  }
};

const Plan& plan() {
  static const Plan the_plan;
  return the_plan;
}

std::atomic<long> calls{0};

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

template <class Function>
Function next(const char* name) {
  void* found = ::dlsym(RTLD_NEXT, name);
  Function function = nullptr;
  static_assert(sizeof function == sizeof found);
  std::memcpy(&function, &found, sizeof found);
  return function;
}

/// Whether a call that writes these bytes is one of those that the plan counts.
bool concerns(const void* bytes, size_t size) { return plan().text == nullptr || ::memmem(bytes, size, plan().text, std::strlen(plan().text)) != nullptr; }

// Runs `whole`, or part of it, as the plan says; `half` may be the same as `whole` where a call has no half.
template <class Whole, class Half>
auto around(bool counts, Whole whole, Half half) {
  if (!counts || (plan().at == 0 && plan().count_file == nullptr)) return whole();
  const bool now = ++calls == plan().at;
  if (now && plan().how == How::before) die();
  if (now && plan().how == How::half) {
    half();
    die();
  }
  const auto result = whole();
  if (now) die();
  return result;
}

struct AtExit {
  ~AtExit() {
    if (plan().count_file == nullptr) return;
    if (std::FILE* out = std::fopen(plan().count_file, "w")) {
      std::fprintf(out, "%ld\n", calls.load());
      std::fclose(out);
    }
  }
} at_exit;

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (fd <= 2) return real(fd, bytes, size);
  return around(concerns(bytes, size), [&] { return real(fd, bytes, size); }, [&] { real(fd, bytes, size / 2); });
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  static const auto real = next<ssize_t (*)(int, const struct iovec*, int)>("writev");
  if (fd <= 2) return real(fd, parts, count);
  return around(plan().text == nullptr, [&] { return real(fd, parts, count); }, [&] { real(fd, parts, (count + 1) / 2); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return around(concerns(bytes, size), [&] { return real(fd, bytes, size, at); }, [&] { real(fd, bytes, size / 2, at); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return around(concerns(bytes, size), [&] { return real(fd, bytes, size, at); }, [&] { real(fd, bytes, size / 2, at); });
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return around(plan().text == nullptr, [&] { return real(fd, size); }, [&] { real(fd, size); });
}

int ftruncate64(int fd, off64_t size) noexcept {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  return around(plan().text == nullptr, [&] { return real(fd, size); }, [&] { real(fd, size); });
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return around(plan().text == nullptr, [&] { return real(from, to); }, [&] { real(from, to); });
}

}  // extern "C"
