# Includes: who may include whom (dev/floors.toml), from where paths count, and which libraries stay out of headers or in one folder.
import re
from collections.abc import Iterator

from .tree import Fault, Source, Tree

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
_HEAVY = re.compile(r"^(boost/(asio|beast)|nlohmann/|CLI/|spdlog/|fmt/|toml\+\+/|gtest/|gmock/)")
_NETWORK = re.compile(r"^boost/(asio|beast)")
_STANDARD = re.compile(r"^[a-z0-9_]+$|^(sys|arpa|netinet|net|linux)/|^(unistd|fcntl|poll|signal|errno|pthread|dirent|termios|time|stdint|stddef)\.h$")


def includes(source: Source) -> Iterator[tuple[int, str, str]]:
    """(line, '<' or '"', name) of each include directive that is not commented out."""
    for number, (line, code) in enumerate(zip(source.lines, source.code_lines), 1):
        match = _INCLUDE.match(line)
        if match and "#" in code:
            yield number, match.group(1), match.group(2)


def floors(tree: Tree) -> Iterator[Fault]:
    table = tree.floors["may_include"]
    for source in tree.cpp("src"):
        here = source.floor
        if here is None:
            continue
        if here not in table:
            yield Fault("floors", source.path, 1, f"src/{here} is not a floor of dev/floors.toml")
            continue
        narrower = [n for n in tree.floors.get("narrower", []) if source.inside.startswith(n["path"] + "/")]
        for line, _, name in includes(source):
            there = name.split("/")[0]
            if "/" not in name or there not in table:
                continue
            if narrower:
                if not name.startswith(narrower[0]["path"] + "/") and there not in narrower[0]["may_include"]:
                    yield Fault("floors", source.path, line, f"{narrower[0]['path']} may not include {name}")
            elif there != here and there not in table[here]:
                yield Fault("floors", source.path, line, f"floor {here} may not include {name} (dev/floors.toml)")


def sibling_adapters(tree: Tree) -> Iterator[Fault]:
    shared = tree.floors.get("adapters", {}).get("shared", [])
    for source in tree.cpp("src"):
        own = source.inside.split("/")
        if own[0] != "adapters" or len(own) < 4:
            continue
        for line, _, name in includes(source):
            other = name.split("/")
            if other[0] == "adapters" and len(other) >= 4 and other[1:3] != own[1:3]:
                folder = "/".join(other[:3])
                if not (folder in shared and other[1] == own[1]):
                    yield Fault("sibling_adapters", source.path, line, f"an adapter never includes its sibling {folder}")


def include_root(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src", "tests", "bench"):
        for line, kind, name in includes(source):
            if kind != '"':
                continue
            if name.startswith(".") or "../" in name:
                yield Fault("include_root", source.path, line, f"include from the src/ root, not {name}")
            elif name.split("/")[0] in tree.floors["may_include"] and not tree.exists(f"src/{name}"):
                yield Fault("include_root", source.path, line, f"there is no src/{name}")


def heavy_headers(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src"):
        for line, _, name in includes(source):
            if source.excused(line, r"tidy-ok\(heavy_headers\)"):
                continue
            # Contract suites are headers that every implementation's test includes.
            suite = source.is_test or re.search(r"contract|testing|fixture", source.path)
            if source.is_header and _HEAVY.match(name) and not (suite and name.startswith(("gtest/", "gmock/"))):
                yield Fault("heavy_headers", source.path, line, f"<{name}> in a header: every file that includes it pays; move it to a .cpp")
            elif _NETWORK.match(name) and source.floor not in tree.floors["network"]:
                yield Fault("heavy_headers", source.path, line, f"<{name}> outside the .cpp files of {', '.join(tree.floors['network'])}")


def wrapped_libraries(tree: Tree) -> Iterator[Fault]:
    """A library that costs seconds in each file is included in one folder, which has a thin header over it for everybody else."""
    for source in tree.cpp("src", "tests", "bench"):
        for line, _, name in includes(source):
            home = next((folder for beginning, folder in tree.floors.get("wrapped", {}).items() if name.startswith(beginning)), None)
            if home and not source.path.startswith(f"src/{home}/") and not source.excused(line, r"tidy-ok\(wrapped_libraries\)"):
                yield Fault("wrapped_libraries", source.path, line, f"<{name}> outside src/{home}, which wraps it (dev/floors.toml)")


def adapter_headers(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src"):
        private = re.search(r"_internal\.h$|/(internal|detail)/", source.path)
        if source.floor != "adapters" or not source.is_header or source.is_test or private:
            continue
        for line, kind, name in includes(source):
            ours = name.split("/")[0] in tree.floors["may_include"]
            if not ours and not _STANDARD.match(name) and not source.excused(line, r"tidy-ok\(adapter_headers\)"):
                yield Fault("adapter_headers", source.path, line, f"third-party <{name}> in a public header of an adapter")


RULES = [floors, sibling_adapters, include_root, heavy_headers, wrapped_libraries, adapter_headers]
