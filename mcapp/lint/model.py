"""What a rule is, what it says, and what the user gets to see of it.

A rule is one generator function decorated with `@error`, `@warning` or `@note`. Its name is the rule's name, its
docstring the documentation, its example a test. Nothing is registered: `mcapp.lint.rules.ALL` reads the modules.
NamedTuples, because defining a frozen dataclass costs six times as much at every start.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from mcapp.appjson.facts import Facts
from mcapp.document.places import Change, Edit, Path, Position, Span
from mcapp.terminal.redact import mask

HOME = "https://github.com/mcapp-cli/mcapp"
# The page of every rule, made from the rules: `url` of a finding, helpUri in SARIF.
REFERENCE = f"{HOME}/blob/main/mcapp/lint/rules/README.md"

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)

# How well a fact about ManyChat is known. A rule that rests on I, G or ? alone is never an error.
EVIDENCE = {
    "D": "a ManyChat document says so",
    "S": "seen in a published App JSON or in real code",
    "R": "an Internet standard",
    "C": "ManyChat's own document contradicts itself",
    "X": "the App Key would be lost or exposed",
    "I": "inferred",
    "G": "a guess",
    "?": "an open question",
}

SAFE, UNSAFE = "safe", "unsafe"
LONGEST = 60  # characters of the file in a message


class Fix(NamedTuple):
    """How to fix what a problem points at. `changes` name places in the data, `edits` places in the text."""

    title: str
    changes: tuple[Change, ...] = ()
    edits: tuple[Edit, ...] = ()


class Label(NamedTuple):
    """A second place that matters for a problem, and what to say of it."""

    message: str
    path: Path | None = None
    key: bool = False
    chars: tuple[int, int] | None = None
    span: Span | None = None


class Problem(NamedTuple):
    """What a rule yields: where, and what.

    The place is the value at `path`; with `key` the member's key there; with `chars` the characters [start:end] of the
    decoded string value there; with `span` a piece of the text (for defects of the text, `path` may then be None).
    `message` says what is wrong, `help` what was expected and what to do. `fix` repairs it, with the safety that the
    rule declares. `severity` differs from the rule's where the consequence does.
    """

    path: Path | None
    message: str
    help: str = ""
    key: bool = False
    chars: tuple[int, int] | None = None
    span: Span | None = None
    related: tuple[Label, ...] = ()
    fix: Fix | None = None
    severity: str | None = None


Check = Callable[[Facts], Iterable[Problem]]


class Example(NamedTuple):
    """A text that a rule reports once; nothing else in it may be reported as an error.

    `at` is the place: a JSON pointer, or line and column where the text is broken. `fixed` is what the rule's fix makes
    of it; where there is none, `right` is a text like it that the rule leaves alone. `placeholders` is the setting.
    """

    text: str
    at: str | tuple[int, int]
    fixed: str | None = None
    right: str = ""
    placeholders: str = "manychat"


class Rule(NamedTuple):
    """A rule. The docstring of `check` documents it: a paragraph on what is wrong, some on why that matters, and one on
    the evidence and where it is found: "DR: …".
    """

    severity: str
    code: str
    name: str
    wrong: Example
    fix: str | None  # SAFE, UNSAFE or None
    check: Check

    @property
    def url(self) -> str:
        """Where the rule is documented."""
        return f"{REFERENCE}#{self.code.lower()}"

    @property
    def right(self) -> str:
        """A text that it leaves alone, under the settings of `wrong`."""
        return self.wrong.right if self.wrong.fixed is None else self.wrong.fixed

    @property
    def summary(self) -> str:
        """What is wrong, in a sentence."""
        return self._paragraphs()[0]

    @property
    def why(self) -> str:
        """Why it matters, in paragraphs; empty if the summary says it."""
        return "\n\n".join(self._paragraphs()[1:-1])

    @property
    def evidence(self) -> str:
        """How well it is known: letters of EVIDENCE."""
        return self._paragraphs()[-1].partition(": ")[0]

    @property
    def source(self) -> str:
        """Where the evidence is found."""
        return self._paragraphs()[-1].partition(": ")[2]

    def _paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in (self.check.__doc__ or "").strip().split("\n\n")]


def rule(severity: str, code: str, wrong: Example, *, fix: str | None = None) -> Callable[[Check], Rule]:
    """Make the decorated function a Rule."""
    return lambda check: Rule(severity, code, check.__name__.replace("_", "-"), wrong, fix, check)


error, warning, note = partial(rule, ERROR), partial(rule, WARNING), partial(rule, NOTE)


class FindingFix(NamedTuple):
    """A fix as it is reported, with the edits of the text that carry it out."""

    safety: str
    title: str
    edits: tuple[Edit, ...]


class Related(NamedTuple):
    """A second place of a finding, on the same file."""

    message: str
    span: Span
    place: Position


class Finding(NamedTuple):
    """One thing that is wrong in one place of one file. All texts are masked and on one line.

    `line` and `column` count from 1, columns in code points; the end is exclusive. `pointer` is a JSON pointer
    (RFC 6901), or None where the text is too broken to have one. `span` is the same place in the document's text.
    """

    rule: str
    name: str
    severity: str
    message: str
    help: str
    url: str
    path: str
    pointer: str | None
    line: int
    column: int
    end_line: int
    end_column: int
    span: Span
    related: tuple[Related, ...] = ()
    fix: FindingFix | None = None

    @property
    def place(self) -> Position:
        """Lines and columns."""
        return Position(self.line, self.column, self.end_line, self.end_column)

    @property
    def text(self) -> str:
        """What is wrong, and on a line below it what to do."""
        return f"{self.message}\n{self.help}" if self.help else self.message


def by_place(finding: Finding) -> tuple[str, int, int, str]:
    """The order of findings in every output."""
    return (finding.path, finding.line, finding.column, finding.rule)


def quote(text: str) -> str:
    """`text` in backticks, masked, at most LONGEST characters of it."""
    text = mask(text)  # first: half a key is no longer found
    return f"`{text}`" if len(text) <= LONGEST else f"`{text[: LONGEST - 1]}…`"


def listed(names: Iterable[str]) -> str:
    """`a`, `b` and `c`."""
    return " and ".join(", ".join(map(quote, names)).rsplit(", ", 1))


Rules = tuple[Rule, ...]
Problems = Iterator[Problem]
