# Sourced by the scripts of dev/: where the project lies, how many jobs fit, how to speak.
# shellcheck shell=bash
set -euo pipefail
PROM_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$PROM_ROOT"

say() { printf '%s\n' "promtrade: $*"; }
fail() { printf '%s\n' "promtrade: $*" >&2; exit 1; }

# Bytes of memory that new processes can have: the machine's, or the container's where that is less.
available_memory() {
  local free limit used
  free=$(awk '/^MemAvailable:/ {printf "%.0f", $2 * 1024}' /proc/meminfo)
  if [ -r /sys/fs/cgroup/memory.max ]; then
    limit=$(cat /sys/fs/cgroup/memory.max)
    used=$(cat /sys/fs/cgroup/memory.current 2>/dev/null || echo 0)
    if [ "$limit" != max ] && [ $((limit - used)) -lt "$free" ]; then free=$((limit - used)); fi
  fi
  echo "$free"
}

# The heaviest file (Beast with TLS, CLI11) takes a little over 1 GB to compile: one job per 1.2 GB, at least one, at most one a core.
build_jobs() {
  local cores jobs
  cores=$(nproc)
  jobs=$(($(available_memory) / 1200000000))
  if [ "$jobs" -gt "$cores" ]; then jobs=$cores; fi
  if [ "$jobs" -lt 1 ]; then jobs=1; fi
  echo "${PROM_JOBS:-$jobs}"
}

# The Boost version in the given include folder as BOOST_VERSION has it (108100 is 1.81.0), 0 where there is none.
boost_version() {
  awk '/^#define BOOST_VERSION / {v = $3} END {print v + 0}' "$1/boost/version.hpp" 2>/dev/null || echo 0
}
