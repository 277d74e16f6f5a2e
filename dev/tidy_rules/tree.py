# The files that the lints look at, read once, and the C++ text with comments and literals blanked. Used by every rule module.
from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

CPP = (".h", ".hpp", ".cpp", ".cc")
SKIPPED_FOLDERS = {".git", "build", ".cache", "__pycache__", "node_modules"}
# Other people's files, shipped unchanged.
VENDORED = re.compile(r"(^|/)(vendor|third_party)/|\.min\.(js|css)$")

_LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|(?<![A-Za-z0-9_])(?:u8|u|U|L)?R"(?P<delim>[^()\s\\]{0,16})\(.*?\)(?P=delim)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'',
    re.S,
)


@dataclass(frozen=True)
class Fault:
    """One finding: rule, path relative to the root, line (1-based) and a sentence."""

    rule: str
    path: str
    line: int
    message: str


def _blank(match: re.Match) -> str:
    text = match.group(0)
    if text.startswith(("//", "/*")):
        return re.sub(r"[^\n]", " ", text)
    opener, closer = text[: text.find('"') + 1] or "'", text[-1]
    if text.startswith("'"):
        opener = "'"
    middle = text[len(opener) : -1]
    return opener + re.sub(r"[^\n]", " ", middle) + closer


@dataclass
class Source:
    """One text file. `code` is C++ without comments and literals, line for line and column for column like `text`."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def code(self) -> str:
        return _LITERALS.sub(_blank, self.text)

    @cached_property
    def code_lines(self) -> list[str]:
        return self.code.split("\n")

    @property
    def suffix(self) -> str:
        return Path(self.path).suffix

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def is_cpp(self) -> bool:
        return self.suffix in CPP

    @property
    def is_header(self) -> bool:
        return self.suffix in (".h", ".hpp")

    @property
    def is_test(self) -> bool:
        return bool(re.search(r"_(test|fuzz|bench)\.(cpp|h)$", self.name)) or "_test_" in self.name or self.name.startswith("test_")

    @property
    def floor(self) -> str | None:
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    @property
    def inside(self) -> str:
        """Path without the leading src/."""
        return self.path.removeprefix("src/")

    def line_of(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def excused(self, line: int, mark: str) -> bool:
        """True when the line, or a comment line directly above it, carries `// mark: reason` with a reason of at least two words."""
        pattern = re.compile(r"(?://|#|--|<!--)\s*" + mark + r":\s*\S+\s+\S+")
        for number in (line, line - 1):
            if 1 <= number <= len(self.lines):
                text = self.lines[number - 1]
                if pattern.search(text) and (number == line or text.lstrip().startswith(("//", "#", "--", "<!--"))):
                    return True
        return False


@dataclass
class Tree:
    root: Path
    floors: dict
    sources: dict[str, Source] = field(default_factory=dict)

    def cpp(self, *tops: str) -> list[Source]:
        return [s for s in self.sources.values() if s.is_cpp and (not tops or s.path.split("/")[0] in tops)]

    def exists(self, path: str) -> bool:
        return (self.root / path).exists()


def _listed(root: Path) -> list[str]:
    if (root / ".git").exists():
        found = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, text=True, check=False
        )
        if found.returncode == 0:
            return sorted({p for p in found.stdout.split("\0") if p})
    return sorted(
        str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and not SKIPPED_FOLDERS & set(p.relative_to(root).parts)
    )


def load(root: Path, floors: dict) -> Tree:
    """Reads every text file of the project; binary, vendored and very large files are left out."""
    tree = Tree(root, floors)
    for path in _listed(root):
        full = root / path
        if VENDORED.search(path) or not full.is_file() or full.is_symlink() or full.stat().st_size > 2_000_000:
            continue
        try:
            text = full.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            tree.sources[path] = Source(path, text)
    return tree
