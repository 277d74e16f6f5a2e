#!/usr/bin/env bash
# Installs a built product: bin/promtrade, share/promtrade (assets, licences), completion and man page where there are some.
# Usage: dev/install.sh PREFIX (DESTDIR included). Builds nothing, so that it can run as root after `make build` as a user.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

prefix=${1:?usage: dev/install.sh PREFIX}
[ -x build/release/promtrade ] || fail "nothing is built: make build"
install -Dm755 build/release/promtrade "$prefix/bin/promtrade"
mkdir -p "$prefix/share/promtrade"
if [ -d assets ]; then cp -R --no-preserve=ownership assets/. "$prefix/share/promtrade/"; fi
for file in LICENSE DATA_LICENCES.md assets/DATA_LICENCES.md; do
  if [ -f "$file" ]; then install -Dm644 "$file" "$prefix/share/doc/promtrade/$(basename "$file")"; fi
done
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
dev/generated.sh "$generated"
put() { if [ -f "$generated/$1" ]; then install -Dm644 "$generated/$1" "$prefix/$2"; fi; }
put promtrade.bash share/bash-completion/completions/promtrade
put _promtrade share/zsh/site-functions/_promtrade
put promtrade.fish share/fish/vendor_completions.d/promtrade.fish
put promtrade.1 share/man/man1/promtrade.1
say "installed under $prefix"
