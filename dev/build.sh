#!/usr/bin/env bash
# Configures a preset and builds targets in build/PRESET, with as many jobs as memory allows, after saying how long it will take.
# Usage: dev/build.sh PRESET [-DNAME=VALUE]... TARGET...     PROM_KEEP_GOING=1 builds on after an error.
# `dev/build.sh release promtrade` is the product alone: a fresh build folder is configured without tests, an existing one is left as it is.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

preset=${1:?usage: dev/build.sh PRESET [-DNAME=VALUE]... TARGET...}
shift
defines=() targets=()
for argument in "$@"; do
  case "$argument" in -D*) defines+=("$argument") ;; *) targets+=("$argument") ;; esac
done
dir=build/$preset
mkdir -p "$dir"

if [ "${targets[*]}" = promtrade ] && [ ! -f "$dir/CMakeCache.txt" ]; then defines+=(-DPROM_BUILD_TESTS=OFF); fi
# Boost of the system where it is new enough, else the private copy that install_packages.sh unpacked.
boost=""
if [ "$(boost_version /usr/include)" -lt 108100 ] && [ -d build/boost/usr/include ]; then boost="$PROM_ROOT/build/boost/usr/include"; fi
if ! cmake --preset "$preset" -DPROM_BOOST_INCLUDE="$boost" "${defines[@]}" >"$dir/configure.log" 2>&1; then
  cat "$dir/configure.log" >&2
  fail "cmake could not configure $preset (above; missing packages: dev/install_packages.sh run)"
fi

# Objects that are not there yet. (`ninja -n` would say only that CMake may have to run again.)
files=$(ninja -C "$dir" -t inputs "${targets[@]}" 2>/dev/null | sort -u | while read -r file; do
  case "$file" in *.o) if [ ! -e "$dir/$file" ]; then echo; fi ;; esac
done | wc -l)
jobs=$(build_jobs)
if [ "$files" -gt 20 ]; then
  # One probe compile tells how fast this machine is; an average file of ours takes about as long as the probe at -O2, sanitizers and -O0 in proportion.
  case "$preset" in asan|fuzz) tenths=19 ;; dev|tidy) tenths=6 ;; *) tenths=10 ;; esac
  started=$(date +%s%N)
  clang++-19 -std=c++23 -O2 -fsyntax-only -x c++ -w cmake/pch.h 2>/dev/null || true
  probe_ms=$((($(date +%s%N) - started) / 1000000))
  minutes=$((files * probe_ms * tenths / 10 / jobs / 60000 + 1))
  say "building $preset: $files files to compile, $jobs at a time: about $minutes min (less what ccache remembers)"
fi
keep=()
if [ "${PROM_KEEP_GOING:-0}" = 1 ]; then keep=(-k 0); fi
NINJA_STATUS="[%f/%t %p, %es] " ninja -C "$dir" -j "$jobs" "${keep[@]}" "${targets[@]}"
