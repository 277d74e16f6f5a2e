// Events through bus, store and stream together: a bounded queue, the journal file (group commit), the publisher beside it, streams in process, a reader that commits.
// Each part on a thread of its own, as in the product. PROM_SOAK_SECONDS (600) is how long `paced` sends 10,000 events a second; it runs with PROM_BENCH_LARGE=1.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/streams/local_stream/local_stream.h"
#include "base/bounded_queue.h"
#include "runtime/streams/stream_publisher.h"

namespace prom {
namespace {

using Clock = std::chrono::steady_clock;

/// A tick becomes known: one event of market.prices.
Input bar_closed(std::uint64_t number) {
  const auto price = static_cast<std::int64_t>(9'500'000 + number % 1'000);
  const TimeNs open{static_cast<std::int64_t>(number) * kMinute.ns};
  return {open + kMinute, number, BarClosed{InstrumentIx{0}, kMinute, Bar{open, {price}, {price + 5}, {price - 5}, {price + 1}, {1'000}}}};
}

Instrument instrument() {
  Instrument out;
  out.symbol = out.venue_symbol = "BTCUSDT";
  out.price_digits = 2;
  out.quantity_digits = 3;
  out.contract_value = kDecimalOne;
  return out;
}

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "prom_pipeline_bench_XXXXXX").string()) { made_ = ::mkdtemp(path_.data()) != nullptr; }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  bool made() const { return made_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

/// What came out at the end.
struct Passed {
  std::uint64_t read = 0, doubled = 0, lost = 0;
  std::vector<double> latency_ms;  ///< from the bus to the reader, of every 1,000th event
};

struct Load {
  std::uint64_t events = 0;
  double a_second = 0;                    ///< 0: as fast as the bus takes them
  std::function<void(std::uint64_t)> at;  ///< called with the number sent, every 10,000
};

using SentAt = std::vector<std::atomic<std::int64_t>>;  ///< of every 1,000th event, steady clock

/// False where the consumer failed. One instrument is one key is one partition: numbers come in order, each once.
bool read_back(StreamConsumer& consumer, std::uint64_t events, const SentAt& sent_at, const std::atomic<bool>& failed, Passed& passed) {
  std::uint64_t next = 1;
  std::optional<StreamPosition> done;
  while (passed.read < events && !failed) {
    const auto record = consumer.poll({100 * kMillisecond.ns});
    if (!record) return false;
    if (!*record) continue;
    // {"seq":N,...}: the first frame registers the instrument.
    const std::uint64_t number = static_cast<std::uint64_t>(std::strtoull((*record)->event.payload.c_str() + 7, nullptr, 10)) - 1;
    if (number < next) ++passed.doubled;
    if (number > next) ++passed.lost;
    next = number + 1;
    if (number % 1'000 == 0) passed.latency_ms.push_back(static_cast<double>(Clock::now().time_since_epoch().count() - sent_at[number / 1'000].load()) * 1e-6);
    done = (*record)->at;
    if (++passed.read % 500 == 0 && !consumer.commit(*done)) return false;
  }
  return !done || consumer.commit(*done).has_value();
}

/// Nothing where a part failed.
std::optional<Passed> run(const Load& load) {
  const Folder folder;
  if (!folder.made()) return std::nullopt;
  auto writer = open_journal_writer({.directory = folder.path()});
  const auto reader = open_journal_reader(folder.path());
  if (!writer) return std::nullopt;
  const auto stream = LocalStream::create({.events_a_partition = 65'536});
  auto consumer = stream->consumer({"bench", {Topic::market_prices}, 3, {}});
  if (!consumer) return std::nullopt;
  StreamPublisher publisher(*reader, [&](OnDelivery told) { return stream->producer(std::move(told)); }, {.run = "bench"});

  BoundedQueue<Input> bus(8'192);
  std::atomic<bool> failed = false;
  SentAt sent_at(load.events / 1'000 + 1);
  std::thread shard([&] {
    std::vector<Input> batch;
    Frame frame;
    std::uint64_t seq = 0;
    const auto append = [&](Input&& input) {
      frame.seq = ++seq;
      frame.input = std::move(input);
      if (!(*writer)->append(frame)) failed = true;
    };
    append({TimeNs{1}, 1, InstrumentRegistered{instrument()}});
    frame.events = {InputTaken{}};
    while (!failed) {
      batch.clear();
      if (bus.pop_batch(batch, 1'024, std::chrono::milliseconds(100)) == 0 && bus.closed()) break;
      for (Input& input : batch) append(std::move(input));
      const auto durable = (*writer)->commit();
      if (!durable) {
        failed = true;
      } else {
        publisher.poke(*durable);
      }
    }
  });
  Passed passed;
  std::thread last([&] {
    if (!read_back(**consumer, load.events, sent_at, failed, passed)) failed = true;
  });
  const auto began = Clock::now();
  for (std::uint64_t number = 1; number <= load.events && !failed; ++number) {
    if (number % 1'000 == 0) sent_at[number / 1'000] = Clock::now().time_since_epoch().count();
    Input input = bar_closed(number);
    while (bus.push_wait(std::move(input), std::chrono::seconds(1)) != PushResult::pushed && !failed) {
    }
    if (load.a_second > 0 && number % 100 == 0)
      std::this_thread::sleep_until(began + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(number) / load.a_second * 1e9)));
    if (load.at && number % 10'000 == 0) load.at(number);
  }
  bus.close();
  shard.join();
  last.join();
  publisher.finish(kMinute);
  if (failed) return std::nullopt;
  return passed;
}

void report(benchmark::State& state, std::uint64_t sent, Passed& passed) {
  state.counters["events/s"] = benchmark::Counter(static_cast<double>(sent), benchmark::Counter::kIsRate);
  state.counters["lost"] = static_cast<double>(passed.lost);
  state.counters["doubled"] = static_cast<double>(passed.doubled);
  std::sort(passed.latency_ms.begin(), passed.latency_ms.end());
  const auto at = [&](double q) {
    return passed.latency_ms.empty() ? 0 : passed.latency_ms[static_cast<std::size_t>(q * static_cast<double>(passed.latency_ms.size() - 1))];
  };
  state.counters["p50_ms"] = at(0.5);
  state.counters["p99_ms"] = at(0.99);
}

void full_speed(benchmark::State& state) {
  const auto events = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t sent = 0;
  Passed all;
  for (auto _ : state) {
    auto passed = run({.events = events, .a_second = 0, .at = {}});
    if (!passed || passed->read != events) return state.SkipWithError("a part failed");
    sent += events;
    all.doubled += passed->doubled;
    all.lost += passed->lost;
    all.latency_ms.insert(all.latency_ms.end(), passed->latency_ms.begin(), passed->latency_ms.end());
  }
  report(state, sent, all);
}
BENCHMARK(full_speed)->Arg(400'000)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096 / (1 << 20);
}

/// 10,000 events a second for minutes: nothing lost, nothing doubled, memory as in the first minute.
void paced(benchmark::State& state) {
  if (std::getenv("PROM_BENCH_LARGE") == nullptr) return state.SkipWithError("minutes long: set PROM_BENCH_LARGE=1");
  const char* seconds = std::getenv("PROM_SOAK_SECONDS");
  const std::uint64_t events = 10'000ULL * static_cast<std::uint64_t>(std::max(1, seconds != nullptr ? std::atoi(seconds) : 600));
  double early = 0, most = 0;
  Passed all;
  for (auto _ : state) {
    auto passed = run({.events = events, .a_second = 10'000, .at = [&](std::uint64_t number) {
                         if (number * 10 <= events) early = std::max(early, resident_mib());
                         most = std::max(most, resident_mib());
                       }});
    if (!passed || passed->read != events) return state.SkipWithError("a part failed");
    all = std::move(*passed);
  }
  report(state, events, all);
  state.counters["MiB_first_tenth"] = early;
  state.counters["MiB_most"] = most;
}
BENCHMARK(paced)->Iterations(1)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace prom
