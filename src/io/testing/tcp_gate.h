// A gate between a client and a real server on loopback that does to the bytes what networks do. Tests only. Any thread changes the mode.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace prom {

class TcpGate {
 public:
  enum class Mode : std::uint8_t {
    pass,
    late,       ///< every byte comes `kLate` later, both ways
    drip,       ///< towards the client four bytes at a time, `kDrip` apart
    garbage,    ///< towards the client other bytes of the same number
    half_open,  ///< nothing is delivered either way and nothing closes
    deaf,       ///< the client's bytes reach the server, its answers reach nobody: what was asked is done, and nobody knows
    cut,        ///< all connections close at once, and new ones as soon as they come
  };
  static constexpr std::chrono::milliseconds kLate{40};
  static constexpr std::chrono::milliseconds kDrip{20};

  /// Listens on a free port of 127.0.0.1 and leads to `server_port` there.
  explicit TcpGate(std::uint16_t server_port);
  ~TcpGate();
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;
  std::uint16_t port() const { return port_; }
  void set(Mode mode) { mode_ = mode; }
  /// When the client next sends something with `text` in it the mode changes to this one, from those bytes on: with `deaf` they still reach the server, with
  /// `half_open` they do not.
  void trap(const std::string& text, Mode mode);
  /// Whether the text of the last trap has come.
  bool sprung();
  /// Closes what is connected now, with all that is under way in it, and returns when that is done; the mode stays.
  void cut_now() { cut_to(std::nullopt); }
  /// The same; whoever connects again does so in this mode, and nobody sees it before.
  void cut_to(std::optional<Mode> mode);

 private:
  struct Pair;
  void work();
  Mode mode_for(const std::string& from_client);
  void make_cuts(std::vector<std::unique_ptr<Pair>>& pairs);

  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<Mode> mode_ = Mode::pass;
  std::atomic<bool> stopping_ = false;
  std::mutex cut_mutex_;
  std::condition_variable cut_done_;
  std::uint64_t cuts_asked_ = 0;
  std::uint64_t cuts_made_ = 0;
  std::optional<Mode> after_cut_;
  std::mutex trap_mutex_;
  std::string trap_text_;
  Mode trap_mode_ = Mode::pass;
  std::thread thread_;
};

}  // namespace prom
