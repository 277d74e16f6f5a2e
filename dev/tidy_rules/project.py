# The project around the code: dead files, READMEs, unfinished words, data files, secrets, links, threads that TSan must see.
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

from .tree import Fault, Tree

MAX_README_LINES = 40
# Written in halves so that this file does not accuse itself.
_UNFINISHED = re.compile(r"\b(" + "|".join(a + b for a, b in (("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("HA", "CK"))) + r")\b")
_DATA = (".csv", ".tsv", ".jsonl", ".svg")
# Inputs of tests, meant to be odd: nobody's prose or configuration.
_CORPUS = re.compile(r"(^|/)(\w*corpus|broken|fixtures|testdata)/|^tests/data/")
_SECRETS = [
    ("private key", re.compile(r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----")),
    ("AWS key", re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
    ("Anthropic or OpenAI key", re.compile(r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{24,}\b")),
    ("GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,})\b")),
    ("Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("Slack token", re.compile(r"\bxox[baprs]-[A-Za-z0-9-]{16,}")),
    ("Telegram bot token", re.compile(r"(?<![\w:])\d{8,10}:[A-Za-z0-9_-]{35}\b")),
    ("key or password", re.compile(r"(?i)\b(?:api_?key|api_?secret|secret|token|password|passphrase)\w*\s*[:=]\s*[\"'][A-Za-z0-9+/_=-]{32,}[\"']")),
]
_LINK = re.compile(r"(?<!\!)\[[^\]\[]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
_THREADS = re.compile(r"\bstd::j?thread\b|\bstd::async\b|\bthread_pool\b")


def dead_files(tree: Tree) -> Iterator[Fault]:
    """Every .cpp of src, tests and bench is named (with or without its suffix) in a CMakeLists.txt of its folder or of one above."""
    lists = {p.removesuffix("CMakeLists.txt").rstrip("/"): re.sub(r"#[^\n]*", "", s.text) for p, s in tree.sources.items() if p.endswith("CMakeLists.txt")}
    for folder, text in lists.items():
        # Folders and corpora may be found by a pattern; sources may not.
        glob = re.search(r"\bfile\s*\(\s*GLOB[^)]*\.(?:cpp|cc|h)\b", text)
        if glob:
            yield Fault("dead_files", f"{folder}/CMakeLists.txt".lstrip("/"), text.count("\n", 0, glob.start()) + 1, "sources are listed one by one, not globbed")
    for source in tree.cpp("src", "tests", "bench"):
        if source.suffix not in (".cpp", ".cc"):
            continue
        stem = source.name.removesuffix(source.suffix)
        named = re.compile(rf"(?<![\w-]){re.escape(stem)}(?:\.(?:cpp|cc))?(?![\w-])")
        above = [str(f) if str(f) != "." else "" for f in PurePosixPath(source.path).parents]
        if not any(named.search(lists[folder]) for folder in above if folder in lists):
            kind = "a dead test" if source.is_test else "a dead file"
            yield Fault("dead_files", source.path, 1, f"{kind}: no CMakeLists.txt names it")


def readmes(tree: Tree) -> Iterator[Fault]:
    """Folders with headers, and the floors themselves; a folder of sources only (compile-fail tests, corpora) explains itself."""
    folders = {str(PurePosixPath(s.path).parent) for s in tree.cpp("src") if s.is_header or s.path.count("/") == 2}
    for folder in sorted(folders):
        parts = folder.split("/")
        deepest = 4 if len(parts) > 1 and parts[1] == "adapters" else 3
        if 2 <= len(parts) <= deepest and not tree.exists(f"{folder}/README.md"):
            yield Fault("readmes", folder, 1, f"no README.md (purpose, main types, which thread; at most {MAX_README_LINES} lines)")
    for path, source in tree.sources.items():
        count = len(source.text.rstrip("\n").split("\n"))
        if path.startswith("src/") and path.endswith("/README.md") and count > MAX_README_LINES:
            yield Fault("readmes", path, MAX_README_LINES + 1, f"{count} lines; at most {MAX_README_LINES}")


def unfinished(tree: Tree) -> Iterator[Fault]:
    for source in tree.sources.values():
        if source.suffix in _DATA or _CORPUS.search(source.path):
            continue
        for number, line in enumerate(source.lines, 1):
            match = _UNFINISHED.search(line)
            if match and not source.excused(number, r"tidy-ok\(unfinished\)"):
                yield Fault("unfinished", source.path, number, f"{match.group(1)}: finish it, or write an issue")


def whitespace(tree: Tree) -> Iterator[Fault]:
    for source in tree.sources.values():
        if source.suffix in _DATA or _CORPUS.search(source.path):
            continue
        for number, line in enumerate(source.lines, 1):
            if line != line.rstrip():
                yield Fault("whitespace", source.path, number, "carriage return" if line.endswith("\r") else "trailing whitespace")
                break
        if source.text and not source.text.endswith("\n"):
            yield Fault("whitespace", source.path, len(source.lines), "no newline at the end of the file")


def data_files(tree: Tree) -> Iterator[Fault]:
    for source in tree.sources.values():
        if _CORPUS.search(source.path):
            continue
        try:
            if source.suffix == ".json":
                json.loads(source.text)
            elif source.suffix == ".toml":
                tomllib.loads(source.text)
        except ValueError as error:
            line = re.search(r"line (\d+)", str(error))
            yield Fault("data_files", source.path, int(line.group(1)) if line else 1, f"does not parse: {error}")


def secrets(tree: Tree) -> Iterator[Fault]:
    for source in tree.sources.values():
        for number, line in enumerate(source.lines, 1):
            for kind, pattern in _SECRETS:
                if pattern.search(line) and not source.excused(number, r"tidy-ok\(secrets\)"):
                    yield Fault("secrets", source.path, number, f"looks like a {kind}")
                    break


def _anchors(text: str) -> set[str]:
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(slug if slug not in found else f"{slug}-1")
    found.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    return found


def links(tree: Tree) -> Iterator[Fault]:
    """Relative links of Markdown lead to a file that is there, and to a heading that it has."""
    for path, source in tree.sources.items():
        if not path.endswith(".md"):
            continue
        text = re.sub(r"^```.*?^```|`[^`\n]+`", lambda m: re.sub(r"[^\n]", " ", m.group(0)), source.text, flags=re.M | re.S)
        for match in _LINK.finditer(text):
            target = match.group(1) or match.group(2)
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            name, _, anchor = target.partition("#")
            parts: list[str] = [] if name.startswith("/") else list(PurePosixPath(path).parent.parts)
            for part in PurePosixPath(name.lstrip("/")).parts if name else []:
                if part == "..":
                    parts = parts[:-1]
                else:
                    parts.append(part)
            place = "/".join(parts) if name else path
            line = source.line_of(match.start())
            if place and not tree.exists(place):
                yield Fault("links", path, line, f"leads nowhere: {target}")
            elif anchor and place in tree.sources and place.endswith(".md") and anchor not in _anchors(tree.sources[place].text):
                yield Fault("links", path, line, f"no such heading: {target}")


def tsan_targets(tree: Tree) -> Iterator[Fault]:
    """A folder whose code starts threads is one that `make test` runs under ThreadSanitizer."""
    listed = tree.sources.get("dev/tsan_targets.txt")
    folders = {re.sub(r"#.*", "", line).strip() for line in listed.lines} if listed else set()
    accused = set()
    for source in tree.cpp("src"):
        folder = str(PurePosixPath(source.path).parent)
        if folder in folders or folder in accused or any(folder.startswith(f + "/") for f in folders if f):
            continue
        for number, line in enumerate(source.code_lines, 1):
            if _THREADS.search(line) and "hardware_concurrency" not in line and not source.excused(number, r"tidy-ok\(tsan_targets\)"):
                accused.add(folder)
                yield Fault("tsan_targets", source.path, number, f"{folder} has threads: name it in dev/tsan_targets.txt")
                break
    for number, line in enumerate(listed.lines if listed else [], 1):
        folder = re.sub(r"#.*", "", line).strip()
        if folder and not tree.exists(folder):
            yield Fault("tsan_targets", "dev/tsan_targets.txt", number, f"there is no folder {folder}")


RULES = [dead_files, readmes, unfinished, whitespace, data_files, secrets, links, tsan_targets]
