"""Unified diffs, as `--diff` shows them."""

from mcapp.terminal.console import Style, visible


def unified(before: str | None, after: str, name: str) -> str:
    """What turns `before` (None: there is no file) into `after`; empty if nothing does.

    The form that `patch` and `git apply` read, a missing newline at the end included.
    """
    from difflib import unified_diff

    path = name.lstrip("/")
    old = "/dev/null" if before is None else f"a/{path}"
    lines = unified_diff(_lines(before or ""), _lines(after), visible(old), visible(f"b/{path}"))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: a lone carriage return, or what Unicode calls a line end, is part of its line."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def colored(diff: str, style: Style) -> str:
    """The same for people: in the usual colours, control characters shown instead of obeyed."""
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
