"""MC0xx: the text itself. Each defect that the reader finds (mcapp.document) becomes one problem."""

from mcapp.appjson.facts import Facts
from mcapp.lint.model import SAFE, UNSAFE, Example, Fix, Label, Problem, Problems, error, warning
from mcapp.lint.rules.samples import ACTIONS, APP, app


def _defects(facts: Facts, kind: str, title: str = "") -> Problems:
    for defect in facts.defects.get(kind, ()):
        yield Problem(
            defect.path,
            defect.cause,
            help=defect.help,
            key=defect.path is not None,
            span=defect.span,
            related=tuple(Label(label, span=span) for span, label in defect.related),
            fix=Fix(title, edits=defect.edits) if title and defect.edits else None,
        )


@error("MC001", Example(APP.replace("null,", "null"), (2, 15), fixed=APP), fix=UNSAFE)
def invalid_json(facts: Facts) -> Problems:
    """The text is not JSON.

    ManyChat's editor accepts strict JSON only. The finding names the cause: a key without quotes, single quotes, a
    missing comma or colon, an extra bracket, `True` or `None` from another language, a line break inside a string.
    Mistakes that come from copying have their own rules. The rest of the file is read and checked all the same.

    DR: RFC 8259; Quick Start: the editor accepts strict JSON only
    """
    return _defects(facts, "invalid-json", "correct the syntax")


@error("MC002", Example(APP.replace("null,", "null, // none"), (2, 17), fixed=APP), fix=SAFE)
def comment(facts: Facts) -> Problems:
    """The text contains a comment.

    JSON has no comments, and ManyChat's editor refuses them. The help article prints its sample with comments, so
    they come along when it is copied.

    DR: RFC 8259; Quick Start: the editor accepts strict JSON only; "Obtaining API Access through Apps" has comments
    """
    return _defects(facts, "comment", "remove the comment")


@error("MC003", Example(APP.replace("\n}", ",\n}"), (3, 3 + len(ACTIONS)), fixed=APP), fix=SAFE)
def trailing_comma(facts: Facts) -> Problems:
    """A comma follows the last entry of an object or array.

    JavaScript and Python allow it, JSON does not.

    R: RFC 8259; Quick Start: the editor accepts strict JSON only
    """
    return _defects(facts, "trailing-comma", "remove the comma")


_SOURCES = app('"sources": [\n    {"name": "sizes", "type": "enum:rpc"}\n  ]', ACTIONS)


@error("MC004", Example(_SOURCES.replace("\n  ],", ""), (3, 14), fixed=_SOURCES), fix=UNSAFE)
def unclosed_bracket(facts: Facts) -> Problems:
    """A bracket or brace is never closed.

    The finding points to where it was opened. The keys that follow and the indentation show where it should have
    been closed. Nothing is reported as missing inside it, because that may have been lost as well.

    DR: RFC 8259; Quick Start: the editor accepts strict JSON only; brackets are lost in a widespread copy of the sample
    """
    return _defects(facts, "unclosed-bracket", "close the bracket")


@error("MC005", Example(APP.replace('"auth"', "“auth”"), (2, 3), fixed=APP), fix=UNSAFE)
def typographic_quote(facts: Facts) -> Problems:
    """A string has typographic quotes.

    Word processors, chats and wikis turn straight quotes into curly ones. JSON accepts only straight quotes around
    a string; inside a string curly ones are ordinary text.

    R: RFC 8259; Quick Start: the editor accepts strict JSON only
    """
    return _defects(facts, "typographic-quote", "write straight quotes")


@error("MC006", Example(APP.replace("Ping", "Pr\udcfcfen"), (3, 44), right=APP))
def wrong_encoding(facts: Facts) -> Problems:
    """The file is not UTF-8.

    Text that was saved as UTF-16 or in a Windows code page is read wrongly by other programs, or not at all.

    R: RFC 8259, section 8.1: JSON is UTF-8
    """
    return _defects(facts, "wrong-encoding")


@error("MC007", Example(app(ACTIONS, '"limit": NaN'), (4, 12), right=APP))
def not_a_number(facts: Facts) -> Problems:
    """A number is `NaN` or infinite.

    JavaScript and Python print such values, and some parsers read them; JSON cannot represent them.

    R: RFC 8259, section 6
    """
    return _defects(facts, "not-a-number")


@error("MC008", Example(f'"auth": null,\n{ACTIONS}\n', (1, 1), fixed=f'{{\n"auth": null,\n{ACTIONS}\n}}\n'), fix=UNSAFE)
def missing_braces(facts: Facts) -> Problems:
    """The outer braces are missing.

    The help article prints the `request` block as a fragment. A fragment is not JSON: put it into `auth`, or into
    braces to check it alone. It is checked as if the braces were there.

    DS: "Obtaining API Access through Apps", and copies of its sample: the sample is a fragment
    """
    return _defects(facts, "missing-braces", "add the braces")


@error(
    "MC009",
    Example(app(ACTIONS, f'"x": {"[" * 300}{"]" * 300}'), (4, 263), right=app(ACTIONS, f'"x": {"[" * 250}{"]" * 250}')),
)
def too_deep(facts: Facts) -> Problems:
    """Objects and arrays are nested too deeply.

    Parsers limit the depth, and an App JSON needs only a few levels. Anything deeper than 256 levels is not read.

    R: RFC 8259, section 9: a parser may limit the depth
    """
    return _defects(facts, "too-deep")


@error("MC010", Example(app(ACTIONS, f'"x": {"1" * 5000}'), (4, 8), right=app(ACTIONS, f'"x": {"1" * 400}')))
def too_large(facts: Facts) -> Problems:
    """The file or a number in it is too large.

    No App JSON comes near 20 MB, and no number near 4,300 digits. Anything larger is not read.

    R: RFC 8259, section 9: a parser may limit the size of texts and the range of numbers
    """
    return _defects(facts, "too-large")


@warning("MC011", Example(f"\ufeff{APP}", (1, 1), fixed=APP), fix=SAFE)
def byte_order_mark(facts: Facts) -> Problems:
    """The file begins with a byte order mark.

    Some editors on Windows write it. It is invisible, and many parsers fail on it.

    R: RFC 8259, section 8.1: JSON must not begin with a byte order mark
    """
    return _defects(facts, "byte-order-mark", "remove the byte order mark")


@warning("MC012", Example(app('"auth": {}', ACTIONS), "/auth", right=APP))
def duplicate_key(facts: Facts) -> Problems:
    """An object has the same key twice.

    Most parsers keep the last value and silently drop the others, so part of what was written is lost. The last one
    is checked.

    R: RFC 8259, section 4: what a parser makes of equal names is open
    """
    return _defects(facts, "duplicate-key")
