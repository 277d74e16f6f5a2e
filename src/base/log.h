// Structured logging: one JSON object a line, {"time":..,"level":..,"event":..,"correlation_id":..,fields...}.
// Any thread. app/ sets the sink and the clock at start-up; base itself reads no clock. A Secret does not convert to a LogField.
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"

namespace prom {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
std::string_view to_string(LogLevel level);

// One field; refers to the caller's key and text, so it lives only as long as the log_event call.
// Integers, doubles (NaN and infinity become null), Decimals (as a string, exact) and text; a truth value by LogField::flag.
class LogField {
 public:
  enum class Kind : std::uint8_t { text, signed_integer, unsigned_integer, real, flag, decimal };

  LogField(std::string_view key, std::string_view text) : key_(key), kind_(Kind::text), text_(text) {}
  LogField(std::string_view key, const char* text) : LogField(key, std::string_view(text)) {}
  template <std::signed_integral T>
    requires(!std::same_as<T, char> && sizeof(T) <= 8)
  LogField(std::string_view key, T value) : key_(key), kind_(Kind::signed_integer), signed_(value) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8)
  LogField(std::string_view key, T value) : key_(key), kind_(Kind::unsigned_integer), unsigned_(value) {}
  LogField(std::string_view key, double value) : key_(key), kind_(Kind::real), real_(value) {}
  LogField(std::string_view key, Decimal value) : key_(key), kind_(Kind::decimal), decimal_(value) {}
  LogField(std::string_view key, bool value) = delete;  // use flag(): pointers turn into bool without a word
  LogField(std::string_view key, const void* value) = delete;
  static LogField flag(std::string_view key, bool value) { return LogField(key, Kind::flag, value ? 1 : 0); }

  void append_json(std::string& out) const;  // "key":value

 private:
  LogField(std::string_view key, Kind kind, std::uint64_t value) : key_(key), kind_(kind), unsigned_(value) {}
  std::string_view key_;
  Kind kind_;
  std::string_view text_;
  std::int64_t signed_ = 0;
  std::uint64_t unsigned_ = 0;
  double real_ = 0;
  Decimal decimal_;
};

// `event` is a short snake_case word that names what happened ("order_sent"). Lines below the level set are dropped.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// Receives each line with its newline; calls come one at a time. nullptr restores the default, stderr.
using LogSink = void (*)(std::string_view line);
void set_log_sink(LogSink sink);
// Supplies "time"; nullptr (the default) leaves it out.
using LogClock = TimeNs (*)();
void set_log_clock(LogClock clock);
// Lowest level written; default info.
void set_log_level(LogLevel level);

// Gives every line of the calling thread, while it lives, this correlation id; nested scopes restore the outer one.
// `id` must outlive the scope.
class LogCorrelation {
 public:
  explicit LogCorrelation(std::string_view id);
  ~LogCorrelation();
  LogCorrelation(const LogCorrelation&) = delete;
  LogCorrelation& operator=(const LogCorrelation&) = delete;

 private:
  std::string_view outer_;
};

}  // namespace prom
