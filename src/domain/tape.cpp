// Order, digest and union of tapes.
#include "domain/tape.h"

#include <array>
#include <cmath>
#include <cstring>
#include <iterator>

#include "base/sha256.h"

namespace prom {
namespace {
constexpr std::int64_t kLastTime = 7'258'118'400'000'000'000;
}  // namespace

std::optional<std::string> fault_of(const Tape& tape) {
  if (tape.instrument.empty()) return "it names no instrument";
  if (tape.events.empty()) return "it holds nothing";
  if (tape.events.size() > kMaxTapeEvents) return "it holds more than " + std::to_string(kMaxTapeEvents) + " events";
  TimeNs time{INT64_MIN}, known{INT64_MIN};
  for (const TapeEvent& e : tape.events) {
    const auto said = [&](const char* what) { return "the event at " + format_rfc3339(e.time) + " " + what; };
    // Up to the year 2200, and nothing that is added overflows.
    if (e.time.ns < 0 || e.time.ns > kLastTime || e.late.ns < 0 || e.late.ns > INT64_MAX - kLastTime) return said("has no time that can be");
    if (e.time < time || known_at(e) < known) return said("is out of order");
    if (e.kind > TapeKind::trade || e.side > BookHalf::ask) return said("is of no known kind");
    const bool sound = std::isfinite(e.price) && std::isfinite(e.quantity) && e.price >= 0 && e.quantity >= 0;
    if (!sound || (e.kind != TapeKind::clear && e.price == 0)) return said("has a number that is not sound");
    time = e.time;
    known = known_at(e);
  }
  return std::nullopt;
}

std::string sha256_of(const Tape& tape) {
  constexpr std::size_t kRow = 34;
  Sha256 hash;
  hash.update(tape.instrument + "\n");
  std::string rows;
  for (const TapeEvent& e : tape.events) {
    std::array<char, kRow> row{};
    std::memcpy(row.data(), &e.time.ns, 8);
    std::memcpy(row.data() + 8, &e.late.ns, 8);
    std::memcpy(row.data() + 16, &e.price, 8);
    std::memcpy(row.data() + 24, &e.quantity, 8);
    row[32] = static_cast<char>(e.kind);
    row[33] = static_cast<char>(e.side);
    rows.append(row.data(), row.size());
    if (rows.size() < kRow * 4096) continue;
    hash.update(rows);
    rows.clear();
  }
  hash.update(rows);
  return hash.hex();
}

Tape merge_tapes(std::span<const Tape> parts) {
  Tape out;
  out.instrument = parts.front().instrument;
  for (const Tape& part : parts) {
    out.source += (out.source.empty() ? "" : "; ") + part.source;
    out.tells_trades = out.tells_trades || part.tells_trades;
    out.tells_book = out.tells_book || part.tells_book;
    std::vector<TapeEvent> events;
    events.reserve(part.events.size() + 1);
    if (part.tells_book && !part.events.empty() && part.events.front().kind != TapeKind::clear) {
      const TapeEvent& first = part.events.front();
      events.push_back({first.time, TapeKind::clear, BookHalf::bid, 0, 0, first.late});
    }
    events.insert(events.end(), part.events.begin(), part.events.end());
    std::vector<TapeEvent> both;
    both.reserve(out.events.size() + events.size());
    std::ranges::merge(out.events, events, std::back_inserter(both), {}, &TapeEvent::time, &TapeEvent::time);
    out.events = std::move(both);
  }
  TimeNs known{INT64_MIN};
  for (TapeEvent& e : out.events) {
    known = std::max(known, known_at(e));
    e.late = known - e.time;
  }
  return out;
}

}  // namespace prom
