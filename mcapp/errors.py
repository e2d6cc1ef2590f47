"""The errors meant for the user, each with the exit code that the process ends with, and "did you mean".

    McappError            70   the common base; never raised itself
    ├── UsageProblem       2   options that do not fit together, or a value that an option does not accept
    ├── ConfigProblem      2   mcapp.toml or [tool.mcapp] is wrong
    ├── InputProblem       2   a file, a folder or standard input that cannot be read or written
    ├── Refused            1   the answer is no: a file would be overwritten, the block has errors
    ├── Undecided          3   network error, time-out, inconclusive answer
    ├── NoKey              4   no usable App Key or key store
    └── Interrupted      130   Ctrl-C

Any other exception that reaches the top is a bug in mcapp: exit code 70.
"""

from collections.abc import Iterable
from typing import ClassVar, NamedTuple

BROKEN_PIPE = 141  # the reader of stdout went away, which is not an error: 128 + SIGPIPE, as a shell reports it

_LONGEST = 60  # characters: nobody mistypes more, and comparing takes time that grows with the square of the length
_ALIKE = 0.75  # of 1; at 0.6, difflib's own default, most short words are near some other


def nearest(word: str, known: Iterable[str], *, alone: bool = False) -> str | None:
    """The one of `known` that `word` was probably meant to be, or None if there is none.

    Letters and digits count, case and separators do not: `APP.json` is near `app.json`, `appToken` near `app_token`.
    With `alone` it is None as well where two are equally near: a fix does not guess.
    """
    plain = _plain(word[: _LONGEST + 1])
    if not plain or len(word) > _LONGEST:
        return None
    from difflib import SequenceMatcher, get_close_matches  # 3 ms, and only where something is misspelt

    forms = {each: _plain(each) for each in known}
    found = get_close_matches(plain, forms.values(), 2, _ALIKE)
    if alone and len(found) == 2 and len({SequenceMatcher(None, each, plain).ratio() for each in found}) == 1:
        return None
    return next((each for each, form in forms.items() if [form] == found[:1]), None)


def suggestion(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The hint for a word that is not one of `known`: `did you mean X?`, or `otherwise` if none is near."""
    meant = nearest(word, known)
    return f"did you mean {meant}?" if meant else otherwise


def in_words(error: Exception) -> str:
    """What the system or a library says about an error, to follow a colon."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))


class Failure(NamedTuple):
    """An error in a report: its machine-readable code, what is wrong, what to do next, and the file it is about."""

    code: str
    message: str
    hint: str = ""
    path: str | None = None


class McappError(Exception):
    """An error meant for the user: what is wrong, and what to do about it.

    `code` is the machine-readable name in a JSON report's `errors`, `hint` the next thing to do or to type, `path` the
    file concerned. None of them may hold a key; what is printed is masked all the same.
    """

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, hint: str = "", code: str = "", path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.path = path

    @property
    def failure(self) -> Failure:
        """The error as a report holds it."""
        return Failure(self.code, self.message, self.hint, self.path)


class UsageProblem(McappError):
    """The options do not fit together, or one has a value that it does not accept."""

    exit_code = 2
    default_code = "usage"


class ConfigProblem(McappError):
    """The configuration file cannot be used."""

    exit_code = 2
    default_code = "config"


class InputProblem(McappError):
    """A file, a folder or standard input cannot be read, or a file cannot be written."""

    exit_code = 2
    default_code = "unreadable"


class Refused(McappError):
    """Understood but not done: something would be overwritten, or what would be written has errors."""

    exit_code = 1
    default_code = "refused"


class Undecided(McappError):
    """The question could not be decided: a network error, a time-out, an ambiguous answer."""

    exit_code = 3
    default_code = "undecided"


class NoKey(McappError):
    """No usable App Key, or a key store that cannot be used."""

    exit_code = 4
    default_code = "no-key"


class Interrupted(McappError):
    """Ctrl-C, or a signal that a command treats like it; what was found until then is reported."""

    exit_code = 130
    default_code = "interrupted"
