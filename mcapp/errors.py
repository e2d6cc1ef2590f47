"""The errors a user can meet, each with the exit code that the process ends with.

    McappError                 70   (never raised itself)
    ├── UsageProblem            2   the options do not fit together
    ├── ConfigProblem           2   mcapp.toml or [tool.mcapp] is wrong
    ├── InputProblem            2   a file or stdin cannot be read
    ├── Refused                 1   the answer is no: it would overwrite, the block has errors
    ├── Undecided               3   network, time-out, inconclusive
    ├── NoKey                   4   no usable App Key or key store
    └── Interrupted           130   Ctrl-C

Anything else that reaches the top is a bug in mcapp: exit code 70.
"""

from typing import ClassVar


class McappError(Exception):
    """An error meant for the user: what is wrong, and what to do about it.

    `code` is the machine-readable name that stands in a JSON report's `errors`, `hint` the next thing to do or type.
    Neither may hold a key; what is printed goes through `redact.mask` all the same.
    """

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, hint: str = "", code: str = "", path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.path = path


class UsageProblem(McappError):
    """The options do not fit together, or one has a value it cannot have."""

    exit_code = 2
    default_code = "usage"


class ConfigProblem(McappError):
    """The configuration file cannot be used."""

    exit_code = 2
    default_code = "config"


class InputProblem(McappError):
    """A file, a folder or standard input cannot be read."""

    exit_code = 2
    default_code = "unreadable"


class Refused(McappError):
    """Understood, but not done: something would be overwritten, or what would be written has errors."""

    exit_code = 1
    default_code = "refused"


class Undecided(McappError):
    """The answer could not be found out: the network, a time-out, an ambiguous answer."""

    exit_code = 3
    default_code = "undecided"


class NoKey(McappError):
    """There is no App Key to work with, or the key store cannot be used."""

    exit_code = 4
    default_code = "no-key"


class Interrupted(McappError):
    """Ctrl-C, or what a command takes for it; what was found until then is reported."""

    exit_code = 130
    default_code = "interrupted"
