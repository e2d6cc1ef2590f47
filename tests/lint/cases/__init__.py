"""Further cases of the rules, by the rule's name: examples that it reports, and texts that it leaves alone."""

from typing import NamedTuple

from mcapp.lint.model import Example


class Alone(NamedTuple):
    """A text that the rule leaves alone under a setting."""

    text: str
    placeholders: str = "manychat"


Cases = dict[str, list[Example | Alone | str]]  # a text alone is left alone under the usual setting
