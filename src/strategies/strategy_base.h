// What the five strategies share: gathering timeframe bars, the last decision, copying and state. Internal to strategies/.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "strategies/operators.h"
#include "strategies/strategy.h"

namespace prom::strategies {

/// Numbers of the last signal, kept so that intent() can say why without slowing on_bar.
struct LastSignal {
  std::int64_t signal = 0;
  double price = 0, stop = 0, target = 0, size = 1;
  std::array<double, 4> why{};
  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& visitor) {
    visitor("signal", self.signal);
    for (auto* field : {&self.price, &self.stop, &self.target, &self.size}) visitor("number", *field);
    for (auto& number : self.why) visitor("why", number);
  }
  Signal kind() const { return static_cast<Signal>(signal); }
  /// Remembers and returns the signal.
  Signal fire(Signal what, double at) {
    *this = {};
    signal = static_cast<std::int64_t>(what);
    price = at;
    return what;
  }
  /// With a stop. A stop at or below zero is no price, and without a stop there is no entry: nothing is remembered then and `none` returned.
  Signal enter(Signal what, double at, double stop_at) {
    if (!(stop_at > 0)) return Signal::none;
    fire(what, at);
    stop = stop_at;
    return what;
  }
};

/// Distance of the stop below a long or above a short.
inline double stop_from(Signal entry, double price, double distance) { return entry == Signal::go_long ? price - distance : price + distance; }

/// `%.Ng`-free number for reasons: shortest text of the double rounded to 6 significant digits.
std::string short_number(double value);
/// Replaces each "{}" in turn.
std::string fill_in(std::string_view text, std::initializer_list<double> numbers);
SignalIntent intent_of(const LastSignal& last, std::string reason);

/// Derived must offer kName, Params with digest-able visit_fields, `params_`, and a static visit_state(self, visitor) over all its changing members.
template <class Derived>
class StrategyBase : public Strategy {
 public:
  std::string_view name() const final { return Derived::kName; }
  std::size_t run(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, Signal& signal) override {
    signal = Signal::none;
    auto& strategy = static_cast<Derived&>(*this);  // a final class: no virtual call a bar
    for (std::size_t i = from; i < to; ++i) {
      signal = strategy.on_bar(StrategyBar::of(bars, i), context);
      if (signal != Signal::none) [[unlikely]]
        return i + 1;
    }
    return to;
  }
  std::unique_ptr<Strategy> clone() const final { return std::make_unique<Derived>(self()); }

  void save(ByteWriter& writer) const final {
    writer.string(Derived::kName);
    writer.u64(parameter_digest());
    StateWriter out(writer);
    Derived::visit_state(self(), [&](const auto& field) { out.put(field); });
  }
  std::optional<StateFault> load(ByteReader& reader) final {
    const std::string_view who = reader.string();
    const std::uint64_t digest = reader.u64();
    if (!reader.ok()) return StateFault::truncated;
    if (who != Derived::kName) return StateFault::wrong_strategy;
    if (digest != parameter_digest()) return StateFault::wrong_parameters;
    Derived fresh(self());
    StateReader in(reader);
    Derived::visit_state(fresh, [&](auto& field) { in.get(field); });
    if (!reader.ok()) return StateFault::truncated;
    static_cast<Derived&>(*this) = std::move(fresh);
    return std::nullopt;
  }

 private:
  friend Derived;
  StrategyBase() = default;

  const Derived& self() const { return static_cast<const Derived&>(*this); }
  std::uint64_t parameter_digest() const {
    std::vector<std::byte> bytes;
    ByteWriter writer(bytes);
    StateWriter out(writer);
    out.put(self().params());
    return hash_bytes(bytes);
  }
};

}  // namespace prom::strategies
