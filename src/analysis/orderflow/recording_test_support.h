// For the tests of the stream detectors only: a recorded stretch of a futures book, and labelled patterns inserted into it as a venue would
// have shown them. Test threads only.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/orderflow/stream.h"

namespace prom::orderflow::test_stream {

enum class EventKind { seed, level, best, trade };

// Prices in ticks and quantities in steps until a detector is fed, so that sums are exact.
struct Event {
  std::int64_t time_ms = 0;
  EventKind kind = EventKind::level;
  BookSideKind side = BookSideKind::bid;  // of a trade: the passive side
  std::int64_t ticks = 0, steps = 0;
};

inline constexpr double kTick = 0.1, kStep = 0.001;

inline LevelChange level_of(const Event& e) {
  return {e.time_ms * 1'000'000, e.side, static_cast<double>(e.ticks) * kTick, static_cast<double>(e.steps) * kStep};
}
inline BestPrice best_of(const Event& e) { return {e.time_ms * 1'000'000, e.side, static_cast<double>(e.ticks) * kTick, static_cast<double>(e.steps) * kStep}; }
inline TradePrint trade_of(const Event& e) {
  const Aggressor aggressor = e.side == BookSideKind::ask ? Aggressor::buyer : Aggressor::seller;
  return {e.time_ms * 1'000'000, static_cast<double>(e.ticks) * kTick, static_cast<double>(e.steps) * kStep, aggressor};
}

// Lines `dt_ms kind price_ticks_since_last quantity_steps`; tests/fixtures/orderflow/ORIGIN.md says what the kinds are.
inline std::vector<Event> load_recording(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::vector<Event> events;
  std::string line;
  std::int64_t time = 0, ticks = 0;
  while (std::getline(in, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream parts(line);
    std::int64_t dt = 0, price = 0, steps = 0;
    char kind = 0;
    parts >> dt >> kind >> price >> steps;
    time += dt, ticks += price;
    const auto side = kind == 'x' || kind == 'd' || kind == 'b' || kind == 'S' ? BookSideKind::bid : BookSideKind::ask;
    const auto what = kind == 'x' || kind == 'y'   ? EventKind::seed
                      : kind == 'd' || kind == 'u' ? EventKind::level
                      : kind == 'b' || kind == 'a' ? EventKind::best
                                                   : EventKind::trade;
    events.push_back({time, what, side, ticks, steps});
  }
  return events;
}

// What was inserted.
struct Label {
  BookSideKind side = BookSideKind::bid;
  std::int64_t from_ms = 0, to_ms = 0, ticks = 0;
};
struct Labelled {
  std::vector<Event> events;
  std::vector<Label> labels;
};

// Inserted patterns are built from pieces: quantity standing additionally at one price of one side, and additional trades.
class Overlay {
 public:
  explicit Overlay(std::vector<Event> recorded) : recorded_(std::move(recorded)) {}

  [[nodiscard]] const std::vector<Event>& recorded() const { return recorded_; }
  // From then on `steps` more stand there (0 ends it), shown by an event of `kind` (level or best).
  void stand(std::int64_t time_ms, EventKind kind, const Label& at, std::int64_t steps) { changes_.push_back({time_ms, kind, at.side, at.ticks, steps}); }
  void trade(std::int64_t time_ms, const Label& at, std::int64_t steps) { changes_.push_back({time_ms, EventKind::trade, at.side, at.ticks, steps}); }
  // Recorded and inserted events in order of time; recorded quantities are raised where something additional stands.
  [[nodiscard]] std::vector<Event> merged() const {
    std::vector<std::pair<std::size_t, Event>> changes;
    for (std::size_t i = 0; i < changes_.size(); ++i) changes.emplace_back(i, changes_[i]);
    std::sort(changes.begin(), changes.end(),
              [](const auto& a, const auto& b) { return std::pair(a.second.time_ms, a.first) < std::pair(b.second.time_ms, b.first); });
    std::map<std::pair<int, std::int64_t>, std::int64_t> extra, level;
    std::map<int, std::pair<std::int64_t, std::int64_t>> best;
    std::vector<Event> out;
    std::size_t next = 0;
    const auto insert_until = [&](std::int64_t time_ms) {
      for (; next < changes.size() && changes[next].second.time_ms < time_ms; ++next) {
        Event e = changes[next].second;
        const int side = static_cast<int>(e.side);
        if (e.kind != EventKind::trade) {
          extra[{side, e.ticks}] = e.steps;
          e.steps += e.kind == EventKind::best ? (best[side].first == e.ticks ? best[side].second : 0) : level[{side, e.ticks}];
        }
        out.push_back(e);
      }
    };
    for (Event e : recorded_) {
      insert_until(e.time_ms);
      const int side = static_cast<int>(e.side);
      if (e.kind == EventKind::best) best[side] = {e.ticks, e.steps};
      if (e.kind == EventKind::level || e.kind == EventKind::seed) level[{side, e.ticks}] = e.steps;
      const auto more = extra.find({side, e.ticks});
      if (e.kind != EventKind::trade && more != extra.end()) e.steps += more->second;
      out.push_back(e);
    }
    return out;
  }

 private:
  std::vector<Event> recorded_, changes_;
};

// The recorded best prices of a side over time.
class BestPath {
 public:
  BestPath(const std::vector<Event>& events, BookSideKind side) {
    for (const Event& e : events) {
      if (e.kind == EventKind::best && e.side == side) path_.emplace_back(e.time_ms, e.ticks);
    }
  }
  // Lowest and highest best price from the one in force at from_ms to to_ms.
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> range(std::int64_t from_ms, std::int64_t to_ms) const {
    auto it = std::upper_bound(path_.begin(), path_.end(), std::pair(from_ms, INT64_MAX));
    if (it != path_.begin()) --it;
    std::int64_t low = it->second, high = it->second;
    for (; it != path_.end() && it->first <= to_ms; ++it) low = std::min(low, it->second), high = std::max(high, it->second);
    return {low, high};
  }
  [[nodiscard]] std::int64_t at(std::int64_t time_ms) const { return range(time_ms, time_ms).first; }

 private:
  std::vector<std::pair<std::int64_t, std::int64_t>> path_;
};

// Precision and recall over runs.
struct Score {
  std::size_t alarms = 0, true_alarms = 0, labels = 0, found = 0;
  std::size_t own = 0;  // false alarms that the recording raises without anything inserted too
  [[nodiscard]] double precision() const { return alarms == 0 ? 0 : static_cast<double>(true_alarms) / static_cast<double>(alarms); }
  [[nodiscard]] double precision_without_own() const { return alarms == own ? 0 : static_cast<double>(true_alarms) / static_cast<double>(alarms - own); }
  [[nodiscard]] double recall() const { return labels == 0 ? 0 : static_cast<double>(found) / static_cast<double>(labels); }
};
struct Alarm {
  std::int64_t time_ms = 0, ticks = 0;
  BookSideKind side = BookSideKind::bid;
};
enum class MatchPrice { yes, no };
struct Matching {
  std::int64_t grace_ms = 0;
  MatchPrice price = MatchPrice::yes;
};
// An alarm is true when it lies in a label's time, or up to grace_ms after it, on its side (and at its price).
inline void add_score(Score& score, const Labelled& run, const std::vector<Alarm>& alarms, const std::vector<Alarm>& untouched, const Matching& matching) {
  const auto matches = [&](const Alarm& a, const Label& l) {
    const bool in_time = a.time_ms >= l.from_ms && a.time_ms <= l.to_ms + matching.grace_ms;
    return a.side == l.side && in_time && (matching.price == MatchPrice::no || a.ticks == l.ticks);
  };
  const auto is_true = [&](const Alarm& a) { return std::any_of(run.labels.begin(), run.labels.end(), [&](const Label& l) { return matches(a, l); }); };
  const auto is_own = [&](const Alarm& a) {
    return std::any_of(untouched.begin(), untouched.end(), [&](const Alarm& u) {
      return a.side == u.side && std::abs(a.time_ms - u.time_ms) <= 2000 && (matching.price == MatchPrice::no || a.ticks == u.ticks);
    });
  };
  score.alarms += alarms.size();
  score.labels += run.labels.size();
  for (const Alarm& a : alarms) {
    score.true_alarms += is_true(a) ? 1 : 0;
    score.own += !is_true(a) && is_own(a) ? 1 : 0;
  }
  for (const Label& l : run.labels) score.found += std::any_of(alarms.begin(), alarms.end(), [&](const Alarm& a) { return matches(a, l); }) ? 1 : 0;
}

}  // namespace prom::orderflow::test_stream
