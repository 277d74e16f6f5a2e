# Brings the programs of each server under build/servers/cache by the ordinary client of its registry, pinned by version and checksum.
# Nothing is installed, no service is started. A registry that cannot be reached is a Missing with its reason: a skip, never a failure of the others.
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

REDIS_PACKAGES = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"]
# With the libraries that it links, so that it runs where none of them is installed; what every Debian 12 has is left out.
CLICKHOUSE18_PACKAGES = (
    "clickhouse-server clickhouse-common libboost-filesystem1.74.0 libboost-program-options1.74.0 libcapnp-0.9.2 libcctz2 libcpuinfo0 libdouble-conversion3 "
    "libfarmhash0 libicu72 libjemalloc2 libltdl7 libmariadb3 libmetrohash1 libodbc2 libodbcinst2 libpococrypto80 libpocodata80 libpocodataodbc80 "
    "libpocofoundation80 libpocojson80 libpocomongodb80 libpoconet80 libpoconetssl80 libpocoutil80 libpocoxml80 librdkafka1 libre2-9").split()
POSTGRES15_PACKAGES = ["postgresql-15", "libicu72", "libxml2", "libldap-2.5-0", "libsasl2-2", "libssl3"]
PGSERVER = "pgserver==0.1.4"
PGSERVER_SHA256 = "d595789b47624a3d963aa9aa6359da9be31beb7e61f1a45541953242068b8813"  # the cp311 wheel; the native programs in it suit any Python
CHDB = "@chdb/lib-linux-x64-gnu@26.5.3"
CHDB_SHA256 = "b874e449710950da3abd7e20376f7bb3387d9e03adcc7082f022be18dfdf316a"
KAFKA = "3.9.0"
KAFKA_SHA256 = "01df8e925c4ba033025cd4f08f4a94fb9fcc1095c0f496802efe5c824db5ef24"  # of the list "sha256  name" of all jars, by name
LIMIT_S = 240
_POM = f"""<project><modelVersion>4.0.0</modelVersion><groupId>promtrade.test</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{KAFKA}</version></dependency></dependencies></project>
"""


class Missing(Exception):
    """What a server needs is not to be had here; the text is the reason that a skip shows."""


def command(arguments: list[str], where: Path, what: str) -> str:
    try:
        done = subprocess.run(arguments, cwd=where, capture_output=True, text=True, errors="replace", timeout=LIMIT_S, stdin=subprocess.DEVNULL, check=False)
    except FileNotFoundError as error:
        raise Missing(f"{what}: {arguments[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Missing(f"{what}: {arguments[0]} did not end within {LIMIT_S} s") from error
    if done.returncode != 0:
        words = [line.strip() for line in (done.stderr + "\n" + done.stdout).split("\n") if line.strip()]
        told = next((line for line in words if "error" in line.lower() or line.startswith("E:")), words[-1] if words else "it said nothing")
        raise Missing(f"{what}: {arguments[0]} ended with {done.returncode}: {told[:300]}")
    return done.stdout


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_sha256(path: Path, expected: str) -> None:
    found = sha256(path)
    if found != expected:
        raise Missing(f"{path.name} has SHA-256 {found}, expected {expected}: it is not what was pinned and is not used")


def jars_digest(folder: Path) -> str:
    lines = [f"{sha256(jar)}  {jar.name}\n" for jar in sorted(folder.glob("*.jar"))]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def debian(place: Path, packages: list[str], what: str) -> None:
    """Unpacks packages of Debian under `place`; apt checks their signatures."""
    options = ["-o", "APT::Sandbox::User=root"] if os.getuid() == 0 else []
    download = ["apt-get", "download", "-qq", *options, *packages]
    try:
        command(download, place, what)
    except Missing:
        if os.getuid() != 0:
            raise
        command(["apt-get", "update", "-qq"], place, what)  # lists that are missing or name packages replaced since
        command(download, place, what)
    for package in sorted(place.glob("*.deb")):
        command(["dpkg", "-x", package.name, "."], place, what)
        package.unlink()


def require_libraries(program: Path, place: Path, what: str) -> None:
    environment = {"LD_LIBRARY_PATH": str(place / "usr/lib/x86_64-linux-gnu"), "PATH": os.environ["PATH"]}
    needed = subprocess.run(["ldd", program], capture_output=True, text=True, env=environment, check=False).stdout
    lost = [line.split()[0] for line in needed.split("\n") if "not found" in line]
    if lost or not needed:
        raise Missing(f"{what}: this system lacks {', '.join(lost) or program.name}")


def fetch_redis(place: Path) -> str:
    debian(place, REDIS_PACKAGES, "Redis")
    require_libraries(place / "usr/bin/redis-server", place, "Redis")
    return "redis-server of Debian"


def fetch_clickhouse18(place: Path) -> str:
    debian(place, CLICKHOUSE18_PACKAGES, "ClickHouse 18.16")
    require_libraries(place / "usr/sbin/clickhouse-server", place, "ClickHouse 18.16")
    return "clickhouse-server 18.16 of Debian"


def fetch_postgres(place: Path) -> str:
    pip = [sys.executable, "-m", "pip"] if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0 else ["pip"]
    command([*pip, "download", "-q", "--no-deps", "--disable-pip-version-check", "--only-binary", ":all:", "--python-version", "3.11", "--platform",
             "manylinux2014_x86_64", "-d", ".", PGSERVER], place, "PostgreSQL")
    wheel = next(place.glob("pgserver-*.whl"), None)
    if wheel is None:
        raise Missing("PostgreSQL: pip brought no wheel of pgserver")
    require_sha256(wheel, PGSERVER_SHA256)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    wheel.unlink()
    for program in (place / "pgserver/pginstall/bin").iterdir():
        program.chmod(0o755)
    return "PostgreSQL 16.2 with pgvector 0.6.2"


def fetch_postgres15(place: Path) -> str:
    debian(place, POSTGRES15_PACKAGES, "PostgreSQL 15")
    require_libraries(place / "usr/lib/postgresql/15/bin/postgres", place, "PostgreSQL 15")
    if not shutil.which("openssl"):
        raise Missing("PostgreSQL 15: openssl, which makes its certificates, is not installed")
    return "PostgreSQL 15 of Debian, with TLS and without pgvector"


def fetch_kafka(place: Path) -> str:
    if not shutil.which("java"):
        raise Missing("Kafka: java is not installed (apt-get install openjdk-17-jre-headless)")
    (place / "pom.xml").write_text(_POM)
    command(["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"], place, "Kafka")
    found = jars_digest(place / "libs")
    if found != KAFKA_SHA256:
        raise Missing(f"Kafka: the jars have the digest {found}, expected {KAFKA_SHA256}: they are not what was pinned and are not used")
    return f"Apache Kafka {KAFKA}"


def fetch_clickhouse(place: Path) -> str:
    command(["npm", "pack", "--silent", CHDB], place, "ClickHouse")
    package = next(place.glob("*.tgz"), None)
    if package is None:
        raise Missing("ClickHouse: npm brought no package of chDB")
    require_sha256(package, CHDB_SHA256)
    with tarfile.open(package) as archive:
        member = archive.getmember("package/libchdb.so")
        member.name = "libchdb.so"
        archive.extract(member, place)
    package.unlink()
    return "ClickHouse engine of chDB 26.5.3"


FETCHERS: dict[str, Callable[[Path], str]] = {"postgres": fetch_postgres, "clickhouse": fetch_clickhouse, "redis": fetch_redis, "kafka": fetch_kafka,
                                                "clickhouse18": fetch_clickhouse18, "postgres15": fetch_postgres15}
# A pin that changes makes what lies in the cache stale.
PINS = {"postgres": PGSERVER + PGSERVER_SHA256, "clickhouse": CHDB + CHDB_SHA256, "redis": " ".join(REDIS_PACKAGES), "kafka": KAFKA + KAFKA_SHA256,
        "clickhouse18": " ".join(CLICKHOUSE18_PACKAGES), "postgres15": " ".join(POSTGRES15_PACKAGES)}


def fetched(cache: Path, name: str) -> bool:
    mark = cache / name / "fetched"
    return mark.exists() and mark.read_text().split("\n")[0] == PINS[name]


def fetch(cache: Path, name: str) -> str:
    """Idempotent; whole or not at all (a folder of its own, renamed at the end). Returns what there is, in words."""
    place = cache / name
    if fetched(cache, name):
        return (place / "fetched").read_text().split("\n")[1]
    part = cache / f"{name}.part-{os.getpid()}-{time.monotonic_ns()}"
    part.mkdir(parents=True)
    try:
        words = FETCHERS[name](part)
        (part / "fetched").write_text(f"{PINS[name]}\n{words}\n")
        os.chmod(part, 0o755)
        if place.exists():
            shutil.rmtree(place)
        part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return words
