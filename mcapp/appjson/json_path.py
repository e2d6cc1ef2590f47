"""The JSONPath of a mapping, as far as its form can be judged."""

import re
from typing import TYPE_CHECKING

from mcapp.appjson.placeholders import may_hold

if TYPE_CHECKING:
    from mcapp.appjson.placeholder_uses import Entry
    from mcapp.document.places import Path

# JSONPath as RFC 9535 has it, and as the usual libraries read it (hyphens in names, `.length()`); a path
# with a filter, `[?…]`, is not looked into. What ManyChat itself reads is not documented.
_STEP = r"""
    \.{1,2} (?: \* | [^\s.\[\]()'"/?@]++ (?:\(\))? )
  | (?:\.\.)? \[ \s*+ (?: \*
        | '(?>(?:[^'\\]|\\.)*)' (?>(?:\s*+,\s*+'(?>(?:[^'\\]|\\.)*)')*)
        | "(?>(?:[^"\\]|\\.)*)" (?>(?:\s*+,\s*+"(?>(?:[^"\\]|\\.)*)")*)
        | [-\d:,\s]++
    ) \s*+ \]
"""
_PATH = rf"(?x)\$(?>(?:{_STEP})*)"  # compiled by `re` when it is first used


def rooted(path: str) -> str | None:
    """`path` with the `$` that it lacks, or None if that does not make it a JSONPath."""
    full = f"${path}" if path[:1] in (".", "[") else f"$.{path}"
    return full if path and re.fullmatch(_PATH, full) else None


def odd(mappings: "list[Entry]") -> "list[tuple[Path, str]]":
    """The paths that are no JSONPath as they stand, each with its place."""
    found = []
    for entry in mappings:
        path = entry.data.get("path")
        if not isinstance(path, str) or _is_plain(path):
            continue
        if not re.fullmatch(_PATH, path) and not may_hold(path) and "[?" not in path:
            found.append(((*entry.path, "path"), path))
    return found


def _is_plain(path: str) -> bool:
    """`$.data.id`, as nearly every path is: told without a pattern."""
    return path.startswith("$.") and all(map(str.isidentifier, path[2:].split(".")))
