#!/usr/bin/env python3
"""Starts the built product's replay on a free port, reads /metrics and gives it to `promtool check metrics`; stops the product cleanly.

Exit 0 accepted, 1 refused or the product misbehaved, 3 promtool cannot be had (the reason is printed).
"""
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60


def main() -> int:
    found = subprocess.run([ROOT / "dev/promtool.sh"], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        print(found.stderr.strip())
        return 3
    promtool = found.stdout.strip()
    with tempfile.TemporaryDirectory() as state:
        command = [ROOT / "build/release/promtrade", "run", "--replay", "--fresh", "--speed", "1", "--http-port", "0", "--state", state,
                   "--report", f"{state}/report.html"]
        product = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.extend(iter(product.stdout.readline, "")), daemon=True)
        reader.start()
        try:
            return examine(promtool, product, lines)
        finally:
            if product.poll() is None:
                product.send_signal(signal.SIGTERM)
                try:
                    product.wait(30)
                except subprocess.TimeoutExpired:
                    product.kill()
                    product.wait()


def examine(promtool: str, product: subprocess.Popen, lines: list[str]) -> int:
    deadline = time.monotonic() + PATIENCE_S
    address = None
    while address is None and time.monotonic() < deadline and product.poll() is None:
        address = next((m for line in list(lines) if (m := re.search(r"(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)", line))), None)
        time.sleep(0.1)
    if address is None:
        print("the product did not print the port that it listens on:\n" + "".join(lines[-20:]))
        return 1
    with urllib.request.urlopen(f"http://127.0.0.1:{address.group(1)}/metrics", timeout=10) as reply:
        text = reply.read()
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    series = sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))
    print(f"promtool check metrics: exit {checked.returncode} on {series} series of {len(text)} bytes")
    print(checked.stdout.decode() + checked.stderr.decode(), end="")
    if series == 0:
        print("/metrics is empty")
    product.send_signal(signal.SIGTERM)
    status = product.wait(30)
    if status not in (0, 143):
        print(f"after SIGTERM the product ended with {status}, not 143")
    return 0 if checked.returncode == 0 and series and status in (0, 143) else 1


if __name__ == "__main__":
    sys.exit(main())
