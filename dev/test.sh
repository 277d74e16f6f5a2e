#!/usr/bin/env bash
# Installs what tests need, then runs the stages of dev/run_tests.py. Arguments are passed on; without any, everything that CI runs.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
dev/install_packages.sh test
exec python3 dev/run_tests.py "$@"
