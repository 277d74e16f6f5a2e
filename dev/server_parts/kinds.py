# The servers: how each is set up in its folder, with which command it runs, how it is asked whether it serves, and under which names of the product's
# settings it is found. All listen on 127.0.0.1 only. Passwords are made up at each first start and stand in files that others cannot read.
from __future__ import annotations

import http.client
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .process import Account

HOST = "127.0.0.1"
PROBE_S = 1.0
DEV = Path(__file__).resolve().parent.parent


@dataclass
class Setup:
    """What one server is started with. `place` is its folder under cache, `run` its own folder (data, configuration, log)."""

    place: Path
    run: Path
    account: Account
    port: int
    extra_port: int
    password: str = field(default_factory=lambda: secrets.token_hex(12))

    def write(self, name: str, text: str) -> Path:
        """A file of the server's own, unreadable for others."""
        path = self.run / name
        path.touch(mode=0o600)
        path.write_text(text)
        self.account.own(path)
        return path

    def call(self, arguments: list[str | Path]) -> None:
        done = subprocess.run([str(a) for a in arguments], cwd=self.run, env=environment(self), capture_output=True, text=True, errors="replace", timeout=60,
                              stdin=subprocess.DEVNULL, check=False, **self.account.popen_options())
        if done.returncode != 0:
            words = (done.stderr or done.stdout).strip().split("\n")
            raise RuntimeError(f"{Path(arguments[0]).name} ended with {done.returncode}: {words[-1][:300]}")


@dataclass(frozen=True)
class Kind:
    prepare: Callable[[Setup], None]
    command: Callable[[Setup], list[str]]
    probe: Callable[[dict[str, str]], str]  # "" when it serves, else why not
    settings: Callable[[Setup], dict[str, str]]
    stop_signal: int = signal.SIGTERM


def environment(setup: Setup) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PROM_TEST_RUN")}
    return kept | {"HOME": str(setup.run), "TMPDIR": str(setup.run), "LD_LIBRARY_PATH": str(setup.place / "usr/lib/x86_64-linux-gnu"), "LC_ALL": "C.UTF-8"}


def _connect(port: str) -> socket.socket:
    found = socket.create_connection((HOST, int(port)), timeout=PROBE_S)
    found.settimeout(PROBE_S)
    return found


# ---- Redis: the journal of commands is written at each, so that a killed server comes back with what it had confirmed.
def _redis_prepare(setup: Setup) -> None:
    setup.write("redis.conf", f"bind {HOST}\nport {setup.port}\nprotected-mode yes\ndaemonize no\ndir {setup.run}\nrequirepass {setup.password}\n"
                              "save \"\"\nappendonly yes\nappendfsync always\nmaxmemory 128mb\nmaxmemory-policy noeviction\n")


def _redis_probe(settings: dict[str, str]) -> str:
    with _connect(settings["REDIS_PORT"]) as link:
        link.sendall(f"AUTH {settings['REDIS_PASSWORD']}\r\nPING\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2:
            got = link.recv(1024)
            if not got:
                return "it closed the connection"
            answer += got
    return "" if answer == b"+OK\r\n+PONG\r\n" else answer.decode(errors="replace").split("\r\n")[-2]


# ---- PostgreSQL
def _pg(setup: Setup, program: str) -> Path:
    return setup.place / "pgserver/pginstall/bin" / program


def _postgres_prepare(setup: Setup) -> None:
    if (setup.run / "data/PG_VERSION").exists():
        # The killed one may still be a zombie, which PostgreSQL takes for a living postmaster. Backends that live on are found by their shared memory.
        (setup.run / "data/postmaster.pid").unlink(missing_ok=True)
        return
    password = setup.write("password", setup.password + "\n")
    setup.call([_pg(setup, "initdb"), "-D", setup.run / "data", "-U", "prometheus", "--pwfile", password, "--auth=scram-sha-256", "--no-sync", "-E", "UTF8",
                "--locale=C"])
    # fsync off: a killed process loses nothing by it, and no test cuts the machine's power.
    with (setup.run / "data/postgresql.conf").open("a") as conf:
        conf.write("unix_socket_directories = ''\nfsync = off\nmax_connections = 60\nshared_buffers = 64MB\nlogging_collector = off\n")
    # The database is made by a server of one user, before anybody can connect.
    single = subprocess.run([_pg(setup, "postgres"), "--single", "-D", setup.run / "data", "postgres"], cwd=setup.run, env=environment(setup),
                            input="CREATE DATABASE prometheus\n", capture_output=True, text=True, timeout=60, check=False, **setup.account.popen_options())
    if single.returncode != 0:
        raise RuntimeError(f"could not create the database: {single.stderr.strip()[-300:]}")


def _postgres_probe(settings: dict[str, str]) -> str:
    """A start-up packet: a server that takes connections asks for the password ('R'), one that recovers says so ('E')."""
    body = struct.pack("!i", 196608) + b"user\0" + settings["POSTGRES_USER"].encode() + b"\0database\0" + settings["POSTGRES_DB"].encode() + b"\0\0"
    with _connect(settings["POSTGRES_PORT"]) as link:
        link.sendall(struct.pack("!i", len(body) + 4) + body)
        answer = link.recv(1024)
    if answer[:1] == b"R":
        return ""
    return answer[5:].replace(b"\0", b" ").decode(errors="replace")[:200] or "it closed the connection"


# ---- PostgreSQL 15 of Debian: the oldest that the product takes, with TLS, which the other one was built without, and without pgvector.
def _postgres15(setup: Setup, program: str) -> Path:
    return setup.place / "usr/lib/postgresql/15/bin" / program


def _certificates(setup: Setup) -> None:
    """An authority, a server certificate of it for the name localhost alone, and an authority that signed nothing."""
    def key(name: str) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key"]
    for name in ("ca", "stranger"):
        setup.call(["openssl", "req", "-x509", *key(name), "-out", f"{name}.crt", "-days", "30", "-subj", f"/CN=promtrade test authority {name}"])
    setup.call(["openssl", "req", *key("server"), "-out", "server.csr", "-subj", "/CN=localhost"])
    names = setup.write("names", "subjectAltName=DNS:localhost\n")
    setup.call(["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.crt", "-days", "30",
                "-extfile", names])
    for name in ("ca.crt", "stranger.crt"):
        (setup.run / name).chmod(0o644)
    setup.run.chmod(0o711)  # whoever tests may read those two


def _postgres15_prepare(setup: Setup) -> None:
    if (setup.run / "data/PG_VERSION").exists():
        (setup.run / "data/postmaster.pid").unlink(missing_ok=True)
        return
    password = setup.write("password", setup.password + "\n")
    setup.call([_postgres15(setup, "initdb"), "-D", setup.run / "data", "-U", "prometheus", "--pwfile", password, "--auth=scram-sha-256", "--no-sync", "-E", "UTF8",
                "--locale=C"])
    _certificates(setup)
    with (setup.run / "data/postgresql.conf").open("a") as conf:
        conf.write(f"unix_socket_directories = ''\nfsync = off\nmax_connections = 40\nshared_buffers = 32MB\nssl = on\nssl_cert_file = '{setup.run}/server.crt'\n"
                   f"ssl_key_file = '{setup.run}/server.key'\njit = off\n")
    # Nobody is let in without TLS.
    (setup.run / "data/pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n")


def _postgres15_probe(settings: dict[str, str]) -> str:
    """Asked for TLS ('SSLRequest'), it says that it speaks it. It does so while it recovers too, so a plain start-up packet tells the two apart."""
    with _connect(settings["POSTGRES15_PORT"]) as link:
        link.sendall(struct.pack("!ii", 8, 80877103))
        if link.recv(1) != b"S":
            return "it does not speak TLS"
    body = struct.pack("!i", 196608) + b"user\0prometheus\0database\0postgres\0\0"
    with _connect(settings["POSTGRES15_PORT"]) as link:
        link.sendall(struct.pack("!i", len(body) + 4) + body)
        answer = link.recv(1024)
    return "" if b"28000" in answer else answer[5:].replace(b"\0", b" ").decode(errors="replace")[:200] or "it closed the connection"  # refused: no TLS


# ---- Kafka: one node that is broker and controller (KRaft).
def _java(setup: Setup, *arguments: str) -> list[str]:
    return [shutil.which("java") or "java", "-Xmx320m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Duser.home={setup.run}", "-cp",
            f"{setup.place}/libs/*", *arguments]


def _kafka_tls_port(setup: Setup) -> int:
    """Of the listener with TLS: chosen once, then the server's own."""
    path = setup.run / "tls_port"
    if not path.exists():
        with socket.create_server((HOST, 0)) as probe:
            setup.write("tls_port", str(probe.getsockname()[1]))
    return int(path.read_text())


def _kafka_prepare(setup: Setup) -> None:
    tls_port = _kafka_tls_port(setup)
    if not (setup.run / "server.pem").exists():
        _certificates(setup)
        setup.write("server.pem", (setup.run / "server.key").read_text() + (setup.run / "server.crt").read_text())
    properties = setup.write("server.properties", "\n".join([
        "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{HOST}:{setup.extra_port}",
        f"listeners=PLAINTEXT://{HOST}:{setup.port},SSL://{HOST}:{tls_port},CONTROLLER://{HOST}:{setup.extra_port}",
        f"advertised.listeners=PLAINTEXT://{HOST}:{setup.port},SSL://localhost:{tls_port}", "controller.listener.names=CONTROLLER",
        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL", "inter.broker.listener.name=PLAINTEXT", "ssl.keystore.type=PEM",
        f"ssl.keystore.location={setup.run}/server.pem", f"log.dirs={setup.run}/data",
        "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=4", "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=4", "auto.create.topics.enable=false", "group.initial.rebalance.delay.ms=0", "num.network.threads=2",
        "num.io.threads=2", "log.cleaner.dedupe.buffer.size=16777216", "controlled.shutdown.enable=false", "broker.session.timeout.ms=3000",
        "broker.heartbeat.interval.ms=500", ""]))
    if not (setup.run / "data/meta.properties").exists():
        setup.call(_java(setup, "kafka.tools.StorageTool", "format", "-t", "cHJvbXRyYWRlLXRlc3RzLTE", "-c", str(properties)))


def _kafka_probe(settings: dict[str, str]) -> str:
    """ApiVersions, version 0: the first request that any client sends. The answer begins with our correlation number."""
    request = struct.pack("!hhih", 18, 0, 7, 5) + b"probe"
    with _connect(settings["KAFKA_BROKERS"].rsplit(":", 1)[1]) as link:
        link.sendall(struct.pack("!i", len(request)) + request)
        answer = link.recv(64)
    return "" if len(answer) >= 10 and struct.unpack("!iih", answer[:10])[1:] == (7, 0) else "no answer to ApiVersions"


# ---- ClickHouse: the real engine as a library behind dev/clickhouse_front.py.
def _clickhouse_prepare(setup: Setup) -> None:
    setup.write("front.json", f'{{"port": {setup.port}, "user": "prometheus", "password": "{setup.password}", "library": "{setup.place}/libchdb.so", '
                              f'"data": "{setup.run}/data", "database": "prometheus"}}\n')
    shutil.copy(DEV / "clickhouse_front.py", setup.run)
    (setup.run / "clickhouse_front.py").chmod(0o644)


def _clickhouse_probe(settings: dict[str, str]) -> str:
    link = http.client.HTTPConnection(HOST, int(settings["CLICKHOUSE_PORT"]), timeout=PROBE_S)
    try:
        link.request("GET", "/ping")
        answer = link.getresponse().read()
    finally:
        link.close()
    return "" if answer == b"Ok.\n" else "no answer to /ping"


# ---- ClickHouse 18.16: too old for the product; the case of a wrong version, and another voice on the wire.
def _clickhouse18_prepare(setup: Setup) -> None:
    setup.write("users.xml", f"<yandex><profiles><default/></profiles><quotas><default/></quotas><users><prometheus><password>{setup.password}</password>"
                             "<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></prometheus></users></yandex>\n")
    setup.write("config.xml", f"<yandex><logger><level>warning</level><console>1</console></logger><listen_host>{HOST}</listen_host><http_port>{setup.port}</http_port>"
                              f"<tcp_port>{setup.extra_port}</tcp_port><path>{setup.run}/data/</path><tmp_path>{setup.run}/tmp/</tmp_path>"
                              f"<users_config>{setup.run}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>"
                              "<mark_cache_size>67108864</mark_cache_size></yandex>\n")


def _clickhouse18_probe(settings: dict[str, str]) -> str:
    return _clickhouse_probe({"CLICKHOUSE_PORT": settings["CLICKHOUSE18_PORT"]})


def _python() -> str:
    """An interpreter that an unprivileged account can run: one under somebody's home it may not."""
    return next((path for path in ("/usr/bin/python3", "/usr/local/bin/python3") if os.access(path, os.X_OK)), shutil.which("python3") or "python3")


KINDS = {
    "postgres": Kind(
        _postgres_prepare, lambda s: [str(_pg(s, "postgres")), "-D", f"{s.run}/data", "-h", HOST, "-p", str(s.port)], _postgres_probe,
        lambda s: {"POSTGRES_HOST": HOST, "POSTGRES_PORT": str(s.port), "POSTGRES_USER": "prometheus", "POSTGRES_PASSWORD": s.password,
                   "POSTGRES_DB": "prometheus", "POSTGRES_SSL_MODE": "disable", "POSTGRES_MAX_CONNS": "10"},
        signal.SIGINT),  # "fast": ends sessions instead of waiting for them
    "postgres15": Kind(
        _postgres15_prepare, lambda s: [str(_postgres15(s, "postgres")), "-D", f"{s.run}/data", "-h", HOST, "-p", str(s.port)], _postgres15_probe,
        lambda s: {"POSTGRES15_PORT": str(s.port), "POSTGRES15_PASSWORD": s.password, "POSTGRES15_CA": f"{s.run}/ca.crt",
                   "POSTGRES15_STRANGER": f"{s.run}/stranger.crt"},
        signal.SIGINT),
    "clickhouse": Kind(
        _clickhouse_prepare, lambda s: [_python(), "-B", f"{s.run}/clickhouse_front.py", f"{s.run}/front.json"], _clickhouse_probe,
        lambda s: {"CLICKHOUSE_HOST": HOST, "CLICKHOUSE_PORT": str(s.port), "CLICKHOUSE_USER": "prometheus", "CLICKHOUSE_PASSWORD": s.password,
                   "CLICKHOUSE_DB": "prometheus"}),
    "redis": Kind(
        _redis_prepare, lambda s: [str(s.place / "usr/bin/redis-server"), f"{s.run}/redis.conf"], _redis_probe,
        lambda s: {"REDIS_HOST": HOST, "REDIS_PORT": str(s.port), "REDIS_PASSWORD": s.password, "REDIS_DB": "0"}),
    "kafka": Kind(
        _kafka_prepare, lambda s: _java(s, "kafka.Kafka", f"{s.run}/server.properties"), _kafka_probe,
        lambda s: {"KAFKA_BROKERS": f"{HOST}:{s.port}", "KAFKA_GROUP_ID": "prometheus", "KAFKATLS_BROKERS": f"localhost:{_kafka_tls_port(s)}",
                   "KAFKATLS_CA": f"{s.run}/ca.crt", "KAFKATLS_STRANGER": f"{s.run}/stranger.crt"}),
    "clickhouse18": Kind(
        _clickhouse18_prepare, lambda s: [str(s.place / "usr/sbin/clickhouse-server"), f"--config-file={s.run}/config.xml"], _clickhouse18_probe,
        lambda s: {"CLICKHOUSE18_HOST": HOST, "CLICKHOUSE18_PORT": str(s.port), "CLICKHOUSE18_USER": "prometheus", "CLICKHOUSE18_PASSWORD": s.password}),
}
USUAL = [name for name in KINDS if name not in ("clickhouse18", "postgres15")]  # what a command without names means
