#!/usr/bin/env bash
# Generates what the product tells about itself (help of every command, completion, man page) into build/docs, and checks the documentation's commands and links.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

product=build/release/promtrade
out=build/docs
mkdir -p "$out"
"$product" --help >"$out/help.txt"
for command in run backtest runs data agents tools report health migrate check-config keys version; do
  if ! "$product" "$command" --help >"$out/help_$command.txt" 2>&1; then say "$command --help fails"; rm -f "$out/help_$command.txt"; fi
done
dev/generated.sh "$out"
if command -v python3 >/dev/null; then
  python3 dev/check_readme.py
  python3 dev/tidy.py --rule links
fi
say "written: $(find "$out" -type f | wc -l) files in $out"
