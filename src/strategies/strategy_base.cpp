// Words of signals. Pure; any thread.
#include "strategies/strategy_base.h"

#include <charconv>

namespace prom::strategies {

std::string short_number(double value) {
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 6);
  return std::string(buffer, error == std::errc{} ? end : buffer);
}

std::string fill_in(std::string_view text, std::initializer_list<double> numbers) {
  std::string out;
  auto number = numbers.begin();
  while (!text.empty()) {
    const std::size_t at = text.find("{}");
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    PROM_ASSERT(number != numbers.end(), "a reason lacks a number");
    out += short_number(*number++);
    text.remove_prefix(at + 2);
  }
  return out;
}

SignalIntent intent_of(const LastSignal& last, std::string reason) {
  SignalIntent out;
  out.signal = last.kind();
  if (out.signal == Signal::none) return out;
  out.price = last.price;
  if (last.stop > 0) out.stop_price = last.stop;
  if (last.target > 0) out.targets.push_back({last.target, 1.0});
  out.size_fraction = last.size;
  out.reason = std::move(reason);
  return out;
}

}  // namespace prom::strategies
