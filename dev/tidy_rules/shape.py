# Shape of C++ files: lengths, guards, first lines, swallowed exceptions, bool parameters, default in enum switches.
import re
from collections.abc import Iterator

from .tree import Fault, Source, Tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70
_CONTROL = re.compile(r"^\s*(?:\}?\s*else\s+)?(?:if|for|while|switch|catch|do|else|try|return|co_return)\b")
_NOT_FUNCTION = re.compile(r"(^|[\s;}])(namespace|class|struct|enum|union|concept)\s[^()]*$|\bextern\s+\"[^\"]*\"\s*$|=\s*$|\breturn\s*$")
_FUNCTION_END = re.compile(
    r"\)(?:\s*(?:const\b|noexcept\b(?:\s*\([^()]*\))?|override\b|final\b|mutable\b|&&?|->\s*[\w:<>,\s*&()]+|requires\b.*|(?<!:):(?!:)[^;]*))*\s*$", re.S
)
# The brace that initialises a member in a constructor's list: `A(int a) : b_(a), c_{`.
_MEMBER_INIT = re.compile(r"\)\s*(?:noexcept\s*)?(?<!:):(?!:)[^;]*[\w>]\s*$")
_BOOL_PARAMETER = re.compile(r"(?P<before>[(,])\s*(?:const\s+)?(?P<type>bool)\s*(?:const\s+)?(?P<ref>[&*]?)\s*(?P<name>\w*)\s*(?:=\s*\w+\s*)?(?=[,)])")
_EMPTY_CATCH = re.compile(r"\bcatch\s*\([^)]*\)\s*\{\s*\}")
_SWITCH = re.compile(r"\bswitch\s*\(")


def file_length(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src", "tests", "bench", "cmake"):
        count = len(source.lines) - (source.lines[-1] == "")
        if count > MAX_FILE_LINES:
            yield Fault("file_length", source.path, MAX_FILE_LINES + 1, f"{count} lines; at most {MAX_FILE_LINES}")


def functions(code: str) -> Iterator[tuple[int, int, str]]:
    """(offset of the opening brace, offset of the closing one, text before it) of each outermost function body, best effort."""
    kinds: list[str] = []  # what each open brace began: function, member (a brace initialiser in a constructor's list) or other
    inside, parens, head = 0, 0, 0
    opener = (0, "")
    for match in re.finditer(r"[{};()]|^[ \t]*#[^\n]*", code, re.M):
        char = match.group(0)
        if char == "(":
            parens += 1
        elif char == ")":
            parens = max(0, parens - 1)
        elif char == "{":
            before = code[head : match.start()]
            kind = "other"
            if not inside and parens == 0 and not _CONTROL.match(before):
                if _MEMBER_INIT.search(before):
                    kind = "member"
                elif _FUNCTION_END.search(before) and not _NOT_FUNCTION.search(before):
                    kind = "function"
                    opener = (match.start(), before)
            inside += kind == "function"
            kinds.append(kind)
            if kind != "member":
                head = match.end()
        elif char == "}":
            kind = kinds.pop() if kinds else "other"
            if kind == "function":
                inside -= 1
                yield opener[0], match.start(), opener[1]
            if kind != "member":
                head = match.end()
        elif char == ";":
            if parens == 0:
                head = match.end()
        else:
            head = max(head, match.end())


def function_length(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src", "tests", "bench", "cmake"):
        for opened, closed, before in functions(source.code):
            first = source.line_of(opened)
            count = source.line_of(closed) - first + 1
            if count > MAX_FUNCTION_LINES and not source.excused(first, r"tidy-ok\(function_length\)"):
                name = re.findall(r"([~\w:]+)\s*\(", before)
                yield Fault("function_length", source.path, first, f"{name[0] if name else 'a function'}: {count} lines; at most {MAX_FUNCTION_LINES}")


def pragma_once(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp("src", "tests", "bench"):
        if source.is_header and "#pragma once" not in source.text:
            yield Fault("pragma_once", source.path, 1, "a header begins with #pragma once")


def first_comment(tree: Tree) -> Iterator[Fault]:
    for source in tree.sources.values():
        if source.is_cpp and not source.text.startswith("//"):
            yield Fault("first_comment", source.path, 1, "the first line is a comment: what, why, which thread")
        elif source.suffix == ".sh" and len(source.lines) > 1 and source.lines[0].startswith("#!") and not source.lines[1].startswith("#"):
            yield Fault("first_comment", source.path, 2, "the line after #! is a comment: what and why")


def empty_catch(tree: Tree) -> Iterator[Fault]:
    for source in tree.cpp():
        for match in _EMPTY_CATCH.finditer(source.code):
            line = source.line_of(match.start())
            if not source.excused(line, r"tidy-ok\(empty_catch\)"):
                yield Fault("empty_catch", source.path, line, "an exception is swallowed: handle it, or say why not (tidy-ok)")


def bool_parameter(tree: Tree) -> Iterator[Fault]:
    """Declarations in headers only: a call site that reads f(x, true) says nothing."""
    for source in tree.cpp("src"):
        if not source.is_header or source.is_test:
            continue
        for match in _BOOL_PARAMETER.finditer(source.code):
            line = source.line_of(match.start("type"))
            text_before = source.code[: match.start()].rstrip()
            # A bool that is the datum itself (a serialiser's value, a setter's) is no mode; nor is an out-parameter.
            if match.group("name") in ("value", "v") or match.group("ref") or re.search(r"\b(sizeof|decltype|static_cast<|if|while)$|<$", text_before):
                continue
            if not match.group("name") and re.search(r"[\w>]\s*$", text_before) is None and match.group("before") == "(":
                continue
            inside_template = re.search(r"<[^<>()]*$", text_before) and match.group("before") == ","
            if not inside_template and not source.excused(line, r"tidy-ok\(bool_parameter\)"):
                yield Fault("bool_parameter", source.path, line, f"bool parameter {match.group('name')}: use an enum with two names".replace("  ", " "))


def _block(code: str, opening: int) -> int:
    """Offset after the brace that closes the one at `opening`."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, opening):
        depth += 1 if match.group(0) == "{" else -1
        if depth == 0:
            return match.end()
    return len(code)


def enum_default(tree: Tree) -> Iterator[Fault]:
    """A switch over a scoped enum (a label with ::, or an enumerator's bare name) has no default: a new enumerator must not compile."""
    for source in tree.cpp("src"):
        code = source.code
        for match in _SWITCH.finditer(code):
            opening = code.find("{", match.end())
            if opening < 0:
                continue
            body = code[opening + 1 : _block(code, opening) - 1]
            while re.search(r"\{[^{}]*\}", body):  # labels of nested blocks are not ours
                body = re.sub(r"\{[^{}]*\}", lambda m: re.sub(r"[^\n]", " ", m.group(0)), body)
            labels = re.findall(r"\bcase\s+([^:]+(?:::[^:]+)*?)\s*:(?!:)", body)
            default = re.search(r"\bdefault\s*:", body)
            named = [label for label in labels if re.fullmatch(r"[A-Za-z_][\w:]*", label) and not re.match(r"k[A-Z]|[A-Z0-9_]+$", label.split("::")[-1])]
            if default and named:
                line = source.line_of(opening + 1 + default.start())
                if not source.excused(line, r"tidy-ok\(enum_default\)"):
                    yield Fault("enum_default", source.path, line, "default in a switch over an enum: name every enumerator")


RULES = [file_length, function_length, pragma_once, first_comment, empty_catch, bool_parameter, enum_default]
