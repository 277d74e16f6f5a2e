// Cost of the base operations that sit on hot paths: Decimal, hashes, checksums, generators, queue, deterministic maths.
#include <benchmark/benchmark.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <vector>

#include "base/bounded_queue.h"
#include "base/crc32c.h"
#include "base/decimal.h"
#include "base/detmath.h"
#include "base/hash.h"
#include "base/on_grid.h"
#include "base/prng.h"
#include "base/sha256.h"
#include "base/time.h"

namespace {

using namespace prom;
using namespace prom::literals;

constexpr std::size_t kCount = 1024;

struct Pairs {
  std::vector<Decimal> a;
  std::vector<Decimal> b;
};

// Prices of 100..200,000 at 0.01 and quantities of 0.001..100 at 0.001: what fills are made of.
Pairs price_and_quantity() {
  Xoshiro256pp random(1);
  Pairs out;
  for (std::size_t i = 0; i < kCount; ++i) {
    out.a.push_back(Decimal::from_units(random.range(10'000, 20'000'000), 2));
    out.b.push_back(Decimal::from_units(random.range(1, 100'000), 3));
  }
  return out;
}

// Operands beyond 64 bits of mantissa (more than 18 million units): the 256-bit path.
Pairs wide_operands() {
  Xoshiro256pp random(2);
  Pairs out;
  for (std::size_t i = 0; i < kCount; ++i) {
    out.a.push_back(Decimal::from_units(random.range(20'000'000'000, 90'000'000'000), 2));
    out.b.push_back(Decimal::from_units(random.range(20'000'000'000, 90'000'000'000), 3));
  }
  return out;
}

template <Decimal (*kOperation)(Decimal, Decimal, Round)>
void run_pairs(benchmark::State& state, const Pairs& pairs, Round round) {
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kOperation(pairs.a[i], pairs.b[i], round));
    i = (i + 1) % kCount;
  }
}

// Throughput: independent operations.
void decimal_mul(benchmark::State& state) { run_pairs<mul>(state, price_and_quantity(), Round::half_even); }
void decimal_div(benchmark::State& state) { run_pairs<div>(state, price_and_quantity(), Round::half_even); }
void decimal_mul_wide(benchmark::State& state) { run_pairs<mul>(state, wide_operands(), Round::half_even); }
void decimal_div_wide(benchmark::State& state) { run_pairs<div>(state, wide_operands(), Round::half_even); }
BENCHMARK(decimal_mul);
BENCHMARK(decimal_div);
BENCHMARK(decimal_mul_wide);
BENCHMARK(decimal_div_wide);

// Latency: each operation waits for the one before.
void decimal_mul_chain(benchmark::State& state) {
  const Decimal factor = "1.000000000001"_dec;
  Decimal value = "65000.25"_dec;
  for (auto _ : state) {
    value = mul(value, factor, Round::down);
    benchmark::DoNotOptimize(value);
  }
}
void decimal_div_chain(benchmark::State& state) {
  Decimal value = "65000.25"_dec;
  for (auto _ : state) {
    value = div("90000.5"_dec, value, Round::down);
    benchmark::DoNotOptimize(value);
  }
}
BENCHMARK(decimal_mul_chain);
BENCHMARK(decimal_div_chain);

void decimal_add(benchmark::State& state) {
  const Pairs pairs = price_and_quantity();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(pairs.a[i] + pairs.b[i]);
    i = (i + 1) % kCount;
  }
}
BENCHMARK(decimal_add);

// The same multiplication by Boost's checked 256-bit integers, for comparison in the same run.
void peer_boost_cpp_int_mul(benchmark::State& state) {
  using Wide = boost::multiprecision::int256_t;
  const Pairs pairs = price_and_quantity();
  std::vector<Wide> a;
  std::vector<Wide> b;
  for (std::size_t i = 0; i < kCount; ++i) {
    a.emplace_back(pairs.a[i].mantissa());
    b.emplace_back(pairs.b[i].mantissa());
  }
  std::size_t i = 0;
  for (auto _ : state) {
    Wide product = a[i] * b[i] / Decimal::kScale;
    benchmark::DoNotOptimize(product);
    i = (i + 1) % kCount;
  }
}
BENCHMARK(peer_boost_cpp_int_mul);

void decimal_parse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Decimal::parse("65000.25"));
}
void decimal_to_string(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize("65000.25"_dec.to_string());
}
void decimal_to_double(benchmark::State& state) {
  const Pairs pairs = price_and_quantity();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(pairs.a[i].to_double());
    i = (i + 1) % kCount;
  }
}
void grid_door(benchmark::State& state) {
  double value = 65'000.37;
  for (auto _ : state) {
    benchmark::DoNotOptimize(value);
    benchmark::DoNotOptimize(on_grid(value, 10, 2, Round::down));
  }
}
BENCHMARK(decimal_parse);
BENCHMARK(decimal_to_string);
BENCHMARK(decimal_to_double);
BENCHMARK(grid_door);

void hash_words(benchmark::State& state) {
  BlockHash hash;
  std::uint64_t i = 0;
  for (auto _ : state) {
    hash.update_words(i, i + 1, i + 2, i + 3);
    ++i;
  }
  benchmark::DoNotOptimize(hash.digest());
  state.SetBytesProcessed(state.iterations() * 32);
}
BENCHMARK(hash_words);

template <auto kFunction>
void bytes_of(benchmark::State& state) {
  const std::string data(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(kFunction(std::string_view(data)));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
void hash_block(benchmark::State& state) {
  bytes_of<[](std::string_view text) { return hash_bytes(text); }>(state);
}
void checksum_crc32c(benchmark::State& state) {
  bytes_of<[](std::string_view text) { return crc32c(text); }>(state);
}
void digest_sha256(benchmark::State& state) {
  bytes_of<[](std::string_view text) { return sha256_hex(text); }>(state);
}
BENCHMARK(hash_block)->Arg(64)->Arg(65536);
BENCHMARK(checksum_crc32c)->Arg(64)->Arg(65536);
BENCHMARK(digest_sha256)->Arg(64)->Arg(65536);

void random_below(benchmark::State& state) {
  Xoshiro256pp random(3);
  for (auto _ : state) benchmark::DoNotOptimize(random.below(1000));
}
void time_format(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(format_rfc3339(TimeNs{1'746'372'780'000'000'000}));
}
void queue_push_pop(benchmark::State& state) {
  BoundedQueue<std::uint64_t> queue(64);
  std::uint64_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(queue.try_push(++i));
    benchmark::DoNotOptimize(queue.try_pop());
  }
}
BENCHMARK(random_below);
BENCHMARK(time_format);
BENCHMARK(queue_push_pop);

template <double (*kFunction)(double)>
void maths(benchmark::State& state) {
  double x = 0.1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kFunction(x));
    x = x < 20 ? x + 0.1 : 0.1;
  }
}
BENCHMARK(maths<detmath::exp>)->Name("detmath_exp");
BENCHMARK(maths<std::exp>)->Name("peer_libm_exp");
BENCHMARK(maths<detmath::log>)->Name("detmath_log");
BENCHMARK(maths<std::log>)->Name("peer_libm_log");
BENCHMARK(maths<detmath::normal_cdf>)->Name("detmath_normal_cdf");

}  // namespace
