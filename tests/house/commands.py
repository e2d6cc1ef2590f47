"""Every command there is, subcommands too, as the words that call it: `("schema",)`, `("keys", "add")`."""

from typing import Any

from mcapp.cli.application import COMMANDS, Root


def command(*words: str) -> Any:
    """The command that these words call."""
    found: Any = Root()
    for word in words:
        found = found.get_command(None, word)
    return found


def options(*words: str) -> dict[str, Any]:
    """The visible options of a command by their longest name."""
    return {
        max(param.opts, key=len): param
        for param in command(*words).params
        if param.opts[0].startswith("-") and not getattr(param, "hidden", False)
    }


GROUPS = [(name,) for name in COMMANDS if hasattr(command(name), "commands")]
LEAVES = [
    words
    for name in COMMANDS
    for words in ([(name, sub) for sub in command(name).commands] if (name,) in GROUPS else [(name,)])
]


def spelled(words: object) -> str:
    """A parametrised test's name: `keys-add`."""
    return "-".join(words) if isinstance(words, tuple) else ""
