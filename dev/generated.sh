#!/usr/bin/env bash
# Writes shell completion and the man page into a folder: from the product (`promtrade completion SHELL`, `promtrade man`), else from deploy/ and docs/.
# Usage: dev/generated.sh DIR     What neither source has is left out and said.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=${1:?usage: dev/generated.sh DIR}
mkdir -p "$out"
generate() {  # file, fallback, arguments of the product...
  local file=$out/$1 fallback=$2
  shift 2
  if timeout 10 build/release/promtrade "$@" >"$file" 2>/dev/null </dev/null && [ -s "$file" ]; then return; fi
  if [ -f "$fallback" ]; then cp "$fallback" "$file"; return; fi
  rm -f "$file"
  say "no $(basename "$file"): neither promtrade $* nor $fallback"
}
generate promtrade.bash deploy/completions/promtrade.bash completion bash
generate _promtrade deploy/completions/_promtrade completion zsh
generate promtrade.fish deploy/completions/promtrade.fish completion fish
generate promtrade.1 docs/promtrade.1 man
