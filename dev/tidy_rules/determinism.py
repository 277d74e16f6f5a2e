# What deterministic floors may not use, and where double may not stand for money.
# `// det-ok: reason` excuses a line from determinism and libm, `// tidy-ok(money_double): reason` from money_double.
import re
from collections.abc import Iterator

from .tree import Fault, Tree

_CLOCKS = [
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock|file_clock)\b"), "a clock: time arrives inside events"),
    (re.compile(r"(?<![\w.>:])(::|std::)?(time|gettimeofday|clock_gettime|localtime|localtime_r|gmtime|mktime)\s*\(\s*(nullptr|NULL|0|&|CLOCK_)|(?<!\w)(std)?::clock\s*\(\s*\)"),
     "a clock call: time arrives inside events"),
    (re.compile(r"\bstd::(random_device|default_random_engine)\b|(?<![\w.>])(::|std::)?((rand|drand48)\s*\(\s*\)|(?<=::)random\s*\(\s*\)|(srand|srandom|getrandom|getentropy)\s*\()"),
     "randomness from outside: use the seeded generator of base"),
]
_OTHERS = [
    (re.compile(r"\bstd::(jthread|thread|mutex|timed_mutex|recursive_mutex|shared_mutex|condition_variable(_any)?|async|future|promise)\b"),
     "a thread or lock"),
    (re.compile(r"(?<![\w.>])(::|std::)?(secure_)?getenv\s*\("), "getenv: configuration is passed in"),
    (re.compile(r"\bstd::(pmr::)?unordered_(multi)?(map|set)\b"), "unordered container: its order depends on the library and the hash"),
    (re.compile(r"\bstd::(pmr::)?(multi)?(map|set)\s*<\s*(const\s+)?[\w:]+(\s+const)?\s*\*\s*[,>]"), "pointer keys: their order depends on the allocator"),
    (re.compile(r"\bstd::hash\s*<[^<>]*\*\s*>"), "hash of a pointer"),
]
_LIBM = "exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|sinh|cosh|tanh|asin|acos|atan|atan2|asinh|acosh|atanh|cbrt|hypot|erf|erfc|tgamma|lgamma"
_LIBM_CALL = re.compile(rf"\bstd::({_LIBM})[fl]?\s*\(|(?<![\w.>:])(::)?({_LIBM})[fl]?\s*\(\s*(?!std::string|const\b)")
_DECLARES = re.compile(rf"\b(double|float|void|auto|bool|int)\s+({_LIBM})[fl]?\s*\(")
_MONEY = re.compile(
    r"\b(?:double|float)\s*(?:const\s*)?[&*]?\s*(\w*(?:balance|equity|pnl|fee|fees|cash|notional|margin|cost|proceeds)\w*)", re.I
)
_NOT_MONEY = re.compile(r"(rate|ratio|fraction|bps|pct|percent|weight|share|factor|count|index|curve|score|log)s?_?$", re.I)


def determinism(tree: Tree) -> Iterator[Fault]:
    """Tests may use threads and containers freely, but no clock and no randomness that a seed does not reproduce."""
    for source in tree.cpp("src"):
        if source.floor not in tree.floors["deterministic"]:
            continue
        patterns = _CLOCKS if source.is_test else _CLOCKS + _OTHERS
        for number, line in enumerate(source.code_lines, 1):
            for pattern, why in patterns:
                if pattern.search(line) and not line.lstrip().startswith("#") and not source.excused(number, "det-ok"):
                    yield Fault("determinism", source.path, number, why)
                    break


def libm(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src"):
        if source.floor not in tree.floors["deterministic"] or source.is_test or source.name.startswith("detmath"):
            continue
        for number, line in enumerate(source.code_lines, 1):
            match = _LIBM_CALL.search(line)
            if match and not _DECLARES.search(line) and not source.excused(number, "det-ok"):
                name = match.group(1) or match.group(3)
                yield Fault("libm", source.path, number, f"{name}() of the C library differs between CPUs: use base/detmath.h")


def money_double(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src"):
        if source.floor not in ("domain", "engine") or source.is_test:
            continue
        for number, line in enumerate(source.code_lines, 1):
            for match in _MONEY.finditer(line):
                if "on_grid" in line or _NOT_MONEY.search(match.group(1)) or source.excused(number, r"tidy-ok\(money_double\)"):
                    continue
                yield Fault("money_double", source.path, number, f"double {match.group(1)}: money is Decimal; doubles come back through on_grid only")


RULES = [determinism, libm, money_double]
