#!/usr/bin/env bash
# Installs the Debian packages that are missing: names them first, uses sudo when not root, removes no package, starts no service.
# Usage: dev/install_packages.sh run|test [--simulate]      (test = run + what the tests need)
# Where everything is there already, apt is not called at all. PROM_SKIP_INSTALL=1 checks nothing and installs nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

set_name=${1:-run}
mode=${2:-install}
case "$set_name" in run|test) ;; *) fail "usage: dev/install_packages.sh run|test [--simulate]" ;; esac
if [ "${PROM_SKIP_INSTALL:-0}" = 1 ]; then say "PROM_SKIP_INSTALL=1: packages are not checked"; exit 0; fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  fail "this is not a Debian system. Install what dev/packages.run and dev/packages.test name, then set PROM_SKIP_INSTALL=1"
fi

boost_package=libboost1.81-dev
private_boost=build/boost/usr/include

list_packages() {
  local files=(dev/packages.run)
  if [ "$set_name" = test ]; then files+=(dev/packages.test); fi
  sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "${files[@]}"
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

have_boost() { [ "$(boost_version /usr/include)" -ge 108100 ] || [ "$(boost_version "$private_boost")" -ge 108100 ]; }

missing=()
while read -r package; do
  case "$package" in *=*)
    if command -v "${package%%=*}" >/dev/null; then continue; fi
    package=${package#*=} ;;
  esac
  if [ "$package" = "$boost_package" ]; then
    have_boost || missing+=("$package")
  else
    is_installed "$package" || missing+=("$package")
  fi
done < <(list_packages)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
say "missing Debian packages (${#missing[@]}): ${missing[*]}"

# What runs as root. The environment is named because sudo drops it; needrestart (if there) may restart nothing.
as_root() {
  local keep=(DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none)
  local name
  for name in http_proxy https_proxy no_proxy; do
    if [ -n "${!name:-}" ]; then keep+=("$name=${!name}"); fi
  done
  if [ "$(id -u)" = 0 ]; then
    env "${keep[@]}" "$@"
  elif command -v sudo >/dev/null; then
    if [ -t 0 ]; then sudo env "${keep[@]}" "$@"; else sudo -n env "${keep[@]}" "$@"; fi
  else
    fail "neither root nor sudo. Ask for: apt-get install --no-install-recommends ${missing[*]}"
  fi
}

options=(-y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
plan() { LC_ALL=C apt-get install -s --no-install-recommends "$@" 2>&1; }
removes() { grep -E '^(Remv|E: Packages need to be removed)' <<<"$1" || true; }

ensure_lists() {
  if plan "${missing[@]}" >/dev/null; then return; fi
  say "apt does not know all of them yet: apt-get update"
  as_root apt-get update -qq || fail "apt-get update failed. By hand, as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
}

# Boost 1.81's package conflicts with Debian's default 1.74: there its headers are unpacked under build/, and nobody's package is removed.
unpack_boost() {
  say "$boost_package would replace the Boost that is installed: its headers are unpacked under build/boost instead"
  [ "$mode" = --simulate ] && return
  rm -rf build/boost && mkdir -p build/boost
  (cd build/boost && apt-get download -qq "$boost_package" && dpkg -x ./libboost1.81-dev_*.deb .)
  rm -f build/boost/*.deb
  [ "$(boost_version "$private_boost")" -ge 108100 ] || fail "could not unpack $boost_package under build/boost"
}

ensure_lists
simulation=$(plan "${missing[@]}") || true
if [ -n "$(removes "$simulation")" ]; then
  rest=()
  for package in "${missing[@]}"; do [ "$package" = "$boost_package" ] || rest+=("$package"); done
  [ ${#rest[@]} -lt ${#missing[@]} ] || fail "installing would remove packages of yours; nothing was done: $(removes "$simulation")"
  unpack_boost
  missing=("${rest[@]}")
  if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
  simulation=$(plan "${missing[@]}") || true
  [ -z "$(removes "$simulation")" ] || fail "installing would remove packages of yours; nothing was done: $(removes "$simulation")"
fi
grep -q '^Inst ' <<<"$simulation" || fail "apt cannot install them: $(grep -E '^(E:| )' <<<"$simulation" | tail -5)"
say "apt will install $(grep -c '^Inst ' <<<"$simulation") packages and remove none"
if [ "$mode" = --simulate ]; then exit 0; fi
as_root apt-get install -qq "${options[@]}" "${missing[@]}" >/dev/null ||
  fail "could not install. By hand, as root: apt-get install --no-install-recommends ${missing[*]}"
say "installed"
