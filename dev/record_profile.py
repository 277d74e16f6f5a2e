#!/usr/bin/env python3
"""Makes cmake/hot.profdata, by which a release build optimises the hot folders (PROM_HOT_FOLDERS): how often each branch is taken over the bundled data.

Usage: dev/record_profile.py [--from-built]
Builds build/profile (promtrade alone, with counters), runs the desk, each strategy and a replay with it and merges what they counted. To be run when the engine or the venue has
changed so much that bench/engine_bench lost speed: a function whose branches changed is compiled without its profile until then. No bench takes part, so that benches measure
what others have too. --from-built takes build/profile/promtrade as it is.
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROFILE = ROOT / "cmake/hot.profdata"
SPOT = ["--instrument", "binance:spot:BTCUSDT", "--no-benchmarks"]
FUTURES = ["--no-benchmarks", "--leverage", "2"]


def sets(**values: object) -> list[str]:
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


RUNS = {
    "desk with yardsticks": ["backtest"],
    "desk, replayed": ["run", "--replay", "--speed", "max", "--no-benchmarks", "--fresh", "--http-port", "0"],
    "averages, 1m": ["backtest", *SPOT, "--strategy", "trend_following", *sets(timeframe="1m", fast=10, slow=30)],
    "averages, 1m, many orders": ["backtest", *SPOT, "--strategy", "trend_following", *sets(timeframe="1m", fast=3, slow=8)],
    "averages, 1m, four futures": ["backtest", *FUTURES, "--strategy", "trend_following", *sets(timeframe="1m", fast=5, slow=15)],
    "averages, 5m": ["backtest", *SPOT, "--strategy", "trend_following", *sets(timeframe="5m", fast=20, slow=50)],
    "averages, 15m, four futures": ["backtest", *FUTURES, "--strategy", "trend_following", *sets(timeframe="15m")],
    "averages, 4h": ["backtest", *SPOT, "--strategy", "trend_following"],
    "breakout": ["backtest", *FUTURES, "--strategy", "breakout", *sets(timeframe="15m")],
    "reversion": ["backtest", *FUTURES, "--strategy", "mean_reversion", *sets(timeframe="5m")],
    "structure": ["backtest", *FUTURES, "--strategy", "smc_retest", *sets(timeframe="15m")],
    "reversion, 1m": ["backtest", *SPOT, "--strategy", "mean_reversion", *sets(timeframe="1m")],
    "momentum": ["backtest", *FUTURES, "--strategy", "vol_momentum", *sets(timeframe="1h")],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from-built", action="store_true", help="take build/profile/promtrade as it is")
    arguments = parser.parse_args()
    program = ROOT / "build/profile/promtrade"
    if not arguments.from_built:
        subprocess.run([ROOT / "dev/build.sh", "profile", "promtrade"], check=True)
    if not program.is_file():
        print(f"no {program.relative_to(ROOT)}: run without --from-built", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="prom_profile_") as folder:
        environment = os.environ | {"LLVM_PROFILE_FILE": f"{folder}/%m.profraw"}
        for name, words in RUNS.items():
            print(f"  {name}", flush=True)
            subprocess.run([program, *words, "--state", f"{folder}/state"], check=True, env=environment, stdout=subprocess.DEVNULL)
        # Functions that no run entered are left out: unknown is not the same as cold, and closing a position at a live venue is not cold.
        subprocess.run(["llvm-profdata-19", "merge", "--sparse", "-o", PROFILE, *sorted(Path(folder).glob("*.profraw"))], check=True)
    print(f"{PROFILE.relative_to(ROOT)}: {PROFILE.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
