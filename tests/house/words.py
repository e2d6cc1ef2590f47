"""The words that mcapp does not use, and where they are looked for.

Run it (`python -m tests.house.words`) to list every place; tests/house/test_words.py fails if there is one.
"""

import ast
import io
import json
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.harness import ROOT

# Pattern -> what to write instead. Each was found in this program, in a sentence at which a native reader stops.
AVOIDED = {
    r"mend(?:s|ed|ing)?": "fix, repair: nobody mends a file",
    r"(?<!there )(?:is|are|was|were|be) no(?= \w)(?! (?:longer|more|less|such|matter)\b)": "is not a …; has no …",
    r"(?<!there )(?<!if )(?:is|are|was|were) none\b": "is not one, does not exist",
    r"told(?! apart)": "said, reported, printed; or `text`, `message`",
    r"tells? of": "reports, says",
    r"judg(?:e|es|ed|ing|ement|ment)": "check, validate, classify",
    r"odd(?:ly|ity|ities)?": "suspicious, malformed, unexpected, unknown: say what it is",
    r"heed(?:s|ed|ing)?": "follow, respect, use",
    r"shall": "must, is",
    r"blanks?(?! line)": "space, whitespace",
    r"stead": "instead",
    r"l(?:ies|ie|ay|ying) (?:in|at|on|below|above|beside|there|outside|inside|deeper|ready|under)": "is in",
    r"by (?:itself|themselves)": "on its own, alone, automatically",
    r"(?:nothing|none) that (?:is|are|was|were) (?:not|no)": "turn the sentence round",
    r"as (?:it is|they are)(?=[.,;:)]| and )": "unchanged: `as it is` is a puzzle",
    r"who(?:so)?ever": "anyone who; if you …",
    r"alone(?= |[.,;:])(?<=auth.request alone)": "only in",
    r"thereof|therein|thereby|whence|hence|lest|albeit|upon|thus|amid|amiss|whereupon|henceforth|hitherto": "archaic",
    r"put(?:s|ting)? (?:\w+ )?right": "repair, fix",
    r"cut short": "interrupted",
    r"(?:it is|is) said (?:what|which|that|where|how|so)": "mcapp says …: turn the sentence round",
    r"so often(?! that)": "that many times",
    r"let(?:ting|s)? (?:it |them )?be (?:seen|known)": "find out",
    r"bear(?:s|ing)? (?:being|to|it)": "cope with, tolerate",
    r"comes? to (?:nothing|this|an end)": "result, end",
    r"came to(?! an? )": "resulted in, returned",
    r"sees? to it": "makes sure",
    r"surroundings": "environment",
    r"complain(?:s|ed|ing|ts?)?(?: of)": "report, complain about",
    r"for (?:naught|nought)|naught|nought": "nothing, zero",
    r"such as it is|so to speak|as it were": "leave it out",
    r"own up": "report",
    r"(?:fain|ere|yon|verily|nay|oft)": "archaic",
}
_WORDS = {
    re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE): reason for pattern, reason in AVOIDED.items()
}
# ManyChat's own words, other people's names, and the field's terms.
ALLOWED = re.compile(r"cannot be blank|be \(\?:blank|\b(?:is|are|was|were) None\b")


class Place(NamedTuple):
    """A word that should not be there: the file and line, the word, what to write instead."""

    where: str
    word: str
    instead: str


class Text(NamedTuple):
    """A piece of prose and where it stands."""

    where: str
    text: str


def found(texts: Iterator[Text]) -> Iterator[Place]:
    """Every avoided word in the texts."""
    for where, text in dict.fromkeys(texts):
        flat = ALLOWED.sub("", " ".join(text.split()))
        for pattern, instead in _WORDS.items():
            for match in pattern.finditer(flat):
                yield Place(where, flat[max(0, match.start() - 30) : match.end() + 20], instead)


def source(path: Path) -> Iterator[Text]:
    """Comments, docstrings, messages and help texts of a Python file, and the words of its names."""
    code = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield Text(f"{name}:{token.start[0]}", token.string.lstrip("# "))
    names: dict[str, int] = {}
    tree = ast.parse(code)
    joined = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.JoinedStr):
            yield Text(f"{name}:{line}", "".join(_part(value) for value in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in joined:
            yield Text(f"{name}:{line}", node.value)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.setdefault(node.name, line)
        elif isinstance(node, ast.arg):
            names.setdefault(node.arg, line)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, line)
    for own, line in names.items():
        yield Text(f"{name}:{line}", " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+", own)))


def _part(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "…"


def data(path: Path) -> Iterator[Text]:
    """Every string in a JSON or TOML file."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()

    def strings(node: Any) -> Iterator[Text]:
        if isinstance(node, str):
            yield Text(name, node)
        elif isinstance(node, dict):
            for value in node.values():
                yield from strings(value)
        elif isinstance(node, list):
            for value in node:
                yield from strings(value)

    yield from strings(json.loads(text) if path.suffix == ".json" else tomllib.loads(text))


def document(path: Path) -> Iterator[Text]:
    """The paragraphs of a document; what is quoted as code is somebody else's text."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    text = re.sub(r"```.*?```", lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL)
    line = 1
    for paragraph in text.split("\n\n"):
        yield Text(f"{name}:{line}", paragraph)
        line += paragraph.count("\n") + 2


def everything() -> Iterator[Text]:
    """All of mcapp, the schemas, the documents."""
    for path in sorted((ROOT / "mcapp").rglob("*.py")):
        yield from source(path)
    for path in (*sorted((ROOT / "schemas").glob("*.json")), *sorted((ROOT / "mcapp").rglob("*.toml"))):
        yield from data(path)
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "mcapp").rglob("*.md")), ROOT / "tests" / "README.md"):
        yield from document(path)


if __name__ == "__main__":
    for place in found(everything()):
        print(f"{place.where}: …{place.word}… -> {place.instead}")  # noqa: T201  # it is what this program is for
