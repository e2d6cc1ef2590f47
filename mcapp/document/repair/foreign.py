"""Text that is not JSON at all, and what stands around a document: prose, a line of JavaScript, a Markdown fence."""

import re

from mcapp.document.places import Defect, Edit, Span

# A bracket that is not the beginning of a placeholder, or a key.
_BEGINNING = re.compile(r'(?<!\{)\{(?!\{)|(?<!\[)\[(?!\[[ ]*+[A-Za-z_])|(?<![{\[])"[^"\r\n]*+"[ \t]*+:')
_FENCE = re.compile(r"(?:```|~~~)[\w-]*[ \t]*(?:\r\n?|\n|\Z)")
_LINE = re.compile(r"[^\r\n]*+")
# How much of a text is looked at to tell what it is.
_HEAD = 20_000

_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_MAIL = (
    r"(?:From |(?:Received|Return-Path|Subject|From|To|Date|MIME-Version):).*\r?\n"
    r"(?:[A-Z][\w-]*: .*\r?\n|[ \t]+.*\r?\n)+\r?\n"
)
_DIFF = r"(?:.*\n)?(?:diff --git |Index: |--- \S.*\n\+\+\+ |@@ -\d)"
_SKIPPED = r"(?>(?:[ \t]*+(?:#[^\n]*+)?\r?\n)*)"  # comments and empty lines
_YAML_KEY = r"[A-Za-z_][\w-]*:"
_YAML_BLOCK = rf"{_SKIPPED}{_YAML_KEY}[ \t]*\r?\n{_SKIPPED}(?:[ \t]+{_YAML_KEY}|[ \t]*- )"
# What a text may be instead: (how it begins, what it is, what to do).
_KINDS = (
    (re.compile(r"\s*<[!?/A-Za-z]"), "HTML or XML", "save the App JSON itself"),
    (re.compile(_DIFF), "a diff", "apply it, and check the file that comes out"),
    (re.compile(_MAIL), "a mail", "save the App JSON itself"),
    (re.compile(r"(?:[ \t]*>.*(?:\n|\Z)){2}"), "quoted mail", "remove the `>` at the beginning of each line"),
    (re.compile(rf"{_SKIPPED}(?:%YAML|---[ \t]*\r?\n)"), "YAML", "write it as JSON"),
    (re.compile(_YAML_BLOCK), "YAML", "write it as JSON"),
    (re.compile(rf"{_SKIPPED}{_YAML_KEY}[ \t]+[^\s\"'{{\[,][^,{{\[\n]*\n{_YAML_KEY}"), "YAML", "write it as JSON"),
)  # fmt: skip


def kind_of(text: str, begin: int) -> Defect | None:
    """What the text is if it is nothing like JSON: one defect, which stands for everything else."""
    head = text[begin : begin + _HEAD]
    for pattern, what, advice in _KINDS:
        if pattern.match(head):
            line = _LINE.match(text, begin + len(head) - len(head.lstrip()))
            span = Span(*line.span()) if line else Span(begin, begin)
            return Defect("invalid-json", span, f"this is {what}, not JSON", advice)
    conflict = _CONFLICT.search(text) if "<<<<<<<" in text else None
    middle = text.find("\n=======", conflict.start()) if conflict else -1
    if conflict and middle >= 0 and text.find("\n>>>>>>> ", middle) >= 0:
        line = _LINE.match(text, conflict.start())
        span = Span(*line.span()) if line else Span(begin, begin)
        cause = "a conflict of git that was not resolved"
        return Defect("invalid-json", span, cause, "decide between the two versions, and remove the three marker lines")
    return None


def leading(text: str, start: int) -> tuple[int | None, Defect]:
    """Where the document begins behind other text that starts at `start` (None: nowhere), and what to say of that."""
    line = _LINE.match(text, start)
    line_end = line.end() if line else start
    found = _BEGINNING.search(text, start)
    if not found:
        return None, Defect("invalid-json", Span(start, line_end), "this is not JSON", "begin with `{`")
    fence = _FENCE.match(text, start)
    edits = (Edit(*fence.span(), ""),) if fence else ()
    span = Span(start, min(line_end, found.start()))
    return found.start(), Defect("invalid-json", span, "text before the document", "remove it", edits=edits)


def trailing(text: str, end: int, start: int) -> Defect:
    """What to say of the text at `start`, behind the `end` of the document."""
    line_end = text.find("\n", start)
    span = Span(start, len(text) if line_end < 0 else line_end)
    rest = text[end:].strip()
    if rest == ",":
        cause = "a comma after the end of the document"
        return Defect("trailing-comma", Span(start, start + 1), cause, "remove it", edits=(Edit(start, start + 1, ""),))
    edits = (Edit(end, len(text.rstrip()), ""),) if rest in ("```", "~~~", ";") else ()
    return Defect("invalid-json", span, "more text after the end of the document", "remove it", edits=edits)
