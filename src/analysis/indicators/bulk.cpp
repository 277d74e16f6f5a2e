// Which batch loops this process uses, and the smoother that runs on them. Pure but for one look at the CPU and the environment; any thread.
#include "analysis/indicators/bulk.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "analysis/indicators/bulk_formulas.h"
#include "analysis/indicators/carried_sum.h"
#include "analysis/indicators/smoother.h"

namespace prom::indicators {

const BulkKernels& bulk_kernels() {
  static const BulkKernels& kChosen = [] -> const BulkKernels& {
    const char* cpu = std::getenv("PROM_CPU");  // det-ok: both choices give the same bits
    const bool baseline = cpu != nullptr && std::string_view(cpu) == "baseline";
    const BulkKernels* avx2 = bulk_kernels_avx2();
    return baseline || avx2 == nullptr ? bulk_kernels_baseline() : *avx2;
  }();
  return kChosen;
}

namespace {

// Single pushes until the smoother stands between fours; how many.
std::size_t to_a_four(Smoother& smoother, const double* in, double* out, std::size_t n) {
  std::size_t i = 0;
  for (; i < n && smoother.to_fours() != 0; ++i) {
    smoother.push(in[i]);
    out[i] = smoother.value();
  }
  return i;
}

}  // namespace

void Smoother::run(const double* in, double* out, std::size_t n) {
  std::size_t i = to_a_four(*this, in, out, n);
  if (const std::size_t whole = (n - i) / 4 * 4; whole > 0) {
    begin(bulk_kernels().smooth(weights_, base_, in + i, out + i, whole));
    i += whole;
  }
  for (; i < n; ++i) {
    push(in[i]);
    out[i] = value_;
  }
}

void Smoother::run_ranges(const BarPointers& bars, double* out, std::size_t n) {
  const auto one = [&](std::size_t i) {
    push(range_from(bars.high[i], bars.low[i], bars.close[static_cast<std::ptrdiff_t>(i) - 1]));
    out[i] = value_;
  };
  std::size_t i = 0;
  for (; i < n && to_fours() != 0; ++i) one(i);
  if (const std::size_t whole = (n - i) / 4 * 4; whole > 0) {
    begin(bulk_kernels().smooth_ranges(weights_, base_, {bars.high + i, bars.low + i, bars.close + i, bars.volume}, out + i, whole));
    i += whole;
  }
  for (; i < n; ++i) one(i);
}

void Smoother::run_gap(Smoother& fast, Smoother& slow, const double* in, double* out, std::size_t n) {
  const auto one = [&](std::size_t i) {
    fast.push(in[i]);
    slow.push(in[i]);
    out[i] = fast.value_ - slow.value_;
  };
  std::size_t i = 0;
  for (; i < n && (fast.to_fours() != 0 || slow.to_fours() != 0); ++i) one(i);
  if (const std::size_t whole = (n - i) / 4 * 4; whole > 0) {
    double bases[2] = {fast.base_, slow.base_};
    bulk_kernels().smooth_gap(fast.weights_, slow.weights_, bases, in + i, out + i, whole);
    fast.begin(bases[0]);
    slow.begin(bases[1]);
    i += whole;
  }
  for (; i < n; ++i) one(i);
}

void Smoother::run_flow_gap(RunningTotal& line, Smoother& fast, Smoother& slow, const BarPointers& bars, double* out, std::size_t n) {
  const auto one = [&](std::size_t i) {
    line.add(flow_multiplier(bars.high[i], bars.low[i], bars.close[i]) * bars.volume[i]);
    fast.push(line.value());
    slow.push(line.value());
    out[i] = fast.value_ - slow.value_;
  };
  std::size_t i = 0;
  for (; i < n && (line.to_eights() != 0 || fast.to_fours() != 0 || slow.to_fours() != 0); ++i) one(i);
  if (const std::size_t whole = (n - i) / RunningTotal::kStride * RunningTotal::kStride; whole > 0) {
    double bases[2] = {fast.base_, slow.base_};
    CarriedSum sum = line.whole();
    const BarPointers from{bars.high + i, bars.low + i, bars.close + i, bars.volume + i};
    const double last = bulk_kernels().flow_gap(from, sum, fast.weights_, slow.weights_, bases, out + i, whole);
    line.go_on(sum, last);
    fast.begin(bases[0]);
    slow.begin(bases[1]);
    i += whole;
  }
  for (; i < n; ++i) one(i);
}

void AffineLine::run(const double* kept, const double* pulled, double* out, std::size_t n) {
  std::size_t i = 0;
  const auto one = [&] {
    push(kept[i], pulled[i]);
    out[i] = value_;
    ++i;
  };
  while (i < n && place_ != 0) one();
  if (const std::size_t whole = (n - i) / 4 * 4; whole > 0) {
    begin(bulk_kernels().affine_line(kept + i, pulled + i, base_, out + i, whole));
    i += whole;
  }
  while (i < n) one();
}

void Smoother::run_two(Smoother& a, const double* in_a, double* out_a, Smoother& b, const double* in_b, double* out_b, std::size_t n) {
  const std::size_t head_a = to_a_four(a, in_a, out_a, n), head_b = to_a_four(b, in_b, out_b, n), whole = (n - std::max(head_a, head_b)) / 4 * 4;
  if (whole > 0) {
    double bases[2] = {a.base_, b.base_};
    bulk_kernels().smooth_two({&a.weights_, in_a + head_a, out_a + head_a}, {&b.weights_, in_b + head_b, out_b + head_b}, bases, whole);
    a.begin(bases[0]);
    b.begin(bases[1]);
  }
  a.run(in_a + head_a + whole, out_a + head_a + whole, n - head_a - whole);
  b.run(in_b + head_b + whole, out_b + head_b + whole, n - head_b - whole);
}

}  // namespace prom::indicators
