#!/usr/bin/env bash
# Prints the path of promtool. Its Debian package would start a server, so it is unpacked privately under build/promtool, never installed.
# Exit 3 with a reason where it cannot be had.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if command -v promtool >/dev/null; then command -v promtool; exit 0; fi
tool=build/promtool/usr/bin/promtool
if [ ! -x "$tool" ]; then
  mkdir -p build/promtool
  if ! (cd build/promtool && apt-get download -qq prometheus && dpkg -x ./prometheus_*.deb .) >build/promtool/fetch.log 2>&1; then
    echo "promtool cannot be fetched: $(tail -1 build/promtool/fetch.log)" >&2
    exit 3
  fi
  rm -f build/promtool/*.deb
fi
echo "$PROM_ROOT/$tool"
