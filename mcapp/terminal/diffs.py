"""Unified diffs, as `--diff` shows them."""

from mcapp.terminal.console import Style, visible


def unified(before: str | None, after: str, name: str) -> str:
    """The changes from `before` (None: a new file) to `after`; empty if the texts are equal.

    `patch` and `git apply` accept it, also where the final newline is missing.
    """
    from difflib import unified_diff

    path = name.lstrip("/")
    old = "/dev/null" if before is None else f"a/{path}"
    lines = unified_diff(_lines(before or ""), _lines(after), visible(old), visible(f"b/{path}"))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Split at line feeds only: a lone carriage return or a Unicode line separator belongs to its line."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def colored(diff: str, style: Style) -> str:
    """The diff for people: coloured, with control characters made visible."""
    return "\n".join(_paint(line, style) for line in diff.split("\n"))


def _paint(line: str, style: Style) -> str:
    shown = "\t".join(visible(part) for part in line.removesuffix("\r").split("\t"))
    if shown.startswith(("--- ", "+++ ")):
        return style.bold(shown)
    if shown.startswith("@@"):
        return style.note(shown)
    if shown.startswith("-"):
        return style.removed(shown)
    return style.added(shown) if shown.startswith("+") else shown
