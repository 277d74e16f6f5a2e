#!/usr/bin/env bash
# Runs every bench of a release build and prints the machine beside the numbers. Results: build/bench/{NAME.json,table.txt}.
# Usage: dev/bench.sh [--no-build] [FILTER]   FILTER: regular expression on bench programs' names. PROM_BENCH_LARGE=1 adds the large data sets.
# Read the p50 and p99 that the benches report themselves; the time column is Google Benchmark's median of repetitions.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ "${1:-}" = --no-build ]; then
  shift
else
  dev/install_packages.sh test
  dev/build.sh release -DPROM_BUILD_TESTS=ON benches
fi
filter=${1:-.}
out=build/bench
mkdir -p "$out"
[ -s build/release/benches.txt ] || fail "no bench is declared (prom_bench in a CMakeLists.txt)"
if [ "${PROM_BENCH_LARGE:-0}" = 1 ]; then say "PROM_BENCH_LARGE=1: the benches use the large data sets where they are there"; fi

commit=$(git rev-parse --short HEAD 2>/dev/null || echo none)
if [ -n "$(git status --porcelain 2>/dev/null | head -1)" ]; then commit="$commit+changes"; fi
{
  echo "date      $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "cpu       $(awk -F ': ' '/^model name/ {print $2; exit}' /proc/cpuinfo)"
  echo "cores     $(nproc) used of $(getconf _NPROCESSORS_ONLN)"
  echo "memory    $(awk '/^MemTotal/ {printf "%.1f GB", $2 / 1e6}' /proc/meminfo)"
  echo "load      $(cut -d ' ' -f 1-3 /proc/loadavg)"
  echo "kernel    $(uname -sr)"
  echo "compiler  $(clang++-19 --version | head -1)"
  echo "flags     $(grep -m1 -o -E -- '"command": .*' build/release/compile_commands.json | grep -o -E -- ' -(O[0-9s]|g[0-9]?|std=[^ ]*|march=[^ ]*|ffp-contract=[^ ]*|f?no-fast-math)' | sort -u | tr -d '\n')"
  echo "commit    $commit"
} | tee "$out/host.txt"

failed=0
: >"$out/table.txt"
while read -r program; do
  name=$(basename "$program")
  [[ "$name" =~ $filter ]] || continue
  [ -x "$program" ] || { say "$name is not built"; failed=$((failed + 1)); continue; }
  echo "== $name" | tee -a "$out/table.txt"
  if ! "$program" --benchmark_out="$out/$name.json" --benchmark_out_format=json --benchmark_context=commit="$commit" \
      --benchmark_counters_tabular=true 2>"$out/$name.err" | tee -a "$out/table.txt"; then
    tail -5 "$out/$name.err"
    say "$name failed"
    failed=$((failed + 1))
  fi
done <build/release/benches.txt
say "results in $out (host.txt, table.txt, one JSON file a program); $failed failed"
[ "$failed" = 0 ]
