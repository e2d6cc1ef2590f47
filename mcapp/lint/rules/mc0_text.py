"""MC0xx: the text itself. What the reader found wrong with it (mcapp.document) becomes a problem as it is."""

from mcapp.appjson.facts import Facts
from mcapp.lint.model import ERROR, SAFE, UNSAFE, WARNING, Bad, Fix, Label, Problem, Problems, Rules, rule
from mcapp.lint.rules import samples

_STRICT = "RFC 8259; ManyChat, Dev Program - Quick Start: the editor accepts strict JSON only"
_ARTICLE = "ManyChat, Dev Program - Obtaining API Access through Apps, and copies of its sample"

_TAIL = f'"actions": [{samples.ACTION}]'


def _defects(facts: Facts, kind: str, mend: str = "") -> Problems:
    for defect in facts.defects.get(kind, ()):
        yield Problem(
            defect.path,
            defect.cause,
            help=defect.help,
            key=defect.path is not None,
            span=defect.span,
            related=tuple(Label(label, span=span) for span, label in defect.related),
            fix=Fix(mend, edits=defect.edits) if mend and defect.edits else None,
        )


@rule(
    "MC001",
    ERROR,
    evidence="DR",
    source=_STRICT,
    fix=UNSAFE,
    good=[samples.app(), '{"auth": null, "actions": [' + samples.changed("Ping", "\\u00e9\\n") + "]}"],
    bad=[
        Bad(f'{{\n  "auth": null\n  {_TAIL}\n}}', at=((2, 15),), fixed=f'{{\n  "auth": null,\n  {_TAIL}\n}}'),
        Bad(f"{{\n  'auth': null,\n  {_TAIL}\n}}", at=((2, 3),), fixed=f'{{\n  "auth": null,\n  {_TAIL}\n}}'),
        Bad(f'{{\n  "auth": None,\n  {_TAIL}\n}}', at=((2, 11),), fixed=f'{{\n  "auth": null,\n  {_TAIL}\n}}'),
        Bad("", at=((1, 1),)),
    ],
)
def invalid_json(facts: Facts) -> Problems:
    """The text is not JSON.

    ManyChat's editor accepts strict JSON only. The finding names the cause: a key without quotes, single quotes, a
    missing comma or colon, a bracket too many, `True` or `None` from another language, a line break inside a string.
    Further rules have the mistakes that copies bring along. The rest of the file is read and checked all the same.
    """
    return _defects(facts, "invalid-json", "correct the syntax")


@rule(
    "MC002",
    ERROR,
    evidence="DR",
    source=f"{_STRICT}, no comments; the sample in {_ARTICLE} has them",
    fix=SAFE,
    good=[samples.app(), samples.app(samples.changed("Asks the shop.", "/* no */ // comment"))],
    bad=[
        Bad(
            f'{{\n  "auth": null, // none\n  {_TAIL}\n}}',
            at=((2, 17),),
            fixed=f'{{\n  "auth": null,\n  {_TAIL}\n}}',
        ),
        Bad(f'{{\n  "auth": null, /* none */ {_TAIL}\n}}', at=((2, 17),), fixed=f'{{\n  "auth": null, {_TAIL}\n}}'),
    ],
)
def comment(facts: Facts) -> Problems:
    """The text has a comment.

    JSON has no comments, and ManyChat's editor refuses them. The help article prints its sample with some, so that they
    come along when it is copied.
    """
    return _defects(facts, "comment", "remove the comment")


@rule(
    "MC003",
    ERROR,
    evidence="R",
    source=_STRICT,
    fix=SAFE,
    good=[samples.app()],
    bad=[
        Bad(
            f'{{\n  "auth": null,\n  {_TAIL},\n}}',
            at=((3, 3 + len(_TAIL)),),
            fixed=f'{{\n  "auth": null,\n  {_TAIL}\n}}',
        )
    ],
)
def trailing_comma(facts: Facts) -> Problems:
    """A comma follows the last entry of an object or array.

    JavaScript and Python allow it, JSON does not.
    """
    return _defects(facts, "trailing-comma", "remove the comma")


@rule(
    "MC004",
    ERROR,
    evidence="DR",
    source=f"{_STRICT}; lost from the sample in a widespread copy of {_ARTICLE}",
    fix=UNSAFE,
    good=[samples.app()],
    bad=[
        Bad(
            samples.request(f'"headers": [\n      {samples.KEY_HEADER}\n    "mapping": []'),
            kind="request",
            at=((4, 16),),
            fixed=samples.request(f'"headers": [\n      {samples.KEY_HEADER}\n    ],\n    "mapping": []'),
        ),
        Bad(f'{{\n  "auth": null,\n  {_TAIL}\n', at=((1, 1),), fixed=f'{{\n  "auth": null,\n  {_TAIL}\n}}\n'),
    ],
)
def unclosed_bracket(facts: Facts) -> Problems:
    """A bracket or brace is never closed.

    The finding stands where it was opened. Where it should have been closed is told by the keys that follow and by the
    indentation. That something is missing inside is not reported: it may have been lost as well.
    """
    return _defects(facts, "unclosed-bracket", "close what was opened")


@rule(
    "MC005",
    ERROR,
    evidence="R",
    source=_STRICT,
    fix=UNSAFE,
    good=[samples.app(), samples.app(samples.changed("Asks the shop.", "The “best” shop"))],
    bad=[
        Bad(f"{{\n  “auth”: null,\n  {_TAIL}\n}}", at=((2, 3),), fixed=f'{{\n  "auth": null,\n  {_TAIL}\n}}'),
    ],
)
def typographic_quote(facts: Facts) -> Problems:
    """A string stands in typographic quotes.

    Word processors, chats and wikis make curly quotes of straight ones. JSON knows only the straight ones; inside a
    string curly ones are text like any other.
    """
    return _defects(facts, "typographic-quote", "write straight quotes")


@rule(
    "MC006",
    ERROR,
    evidence="R",
    source="RFC 8259, section 8.1: JSON is UTF-8",
    good=[samples.app(), samples.app(samples.changed("Ping", "Prüfen"))],
    bad=[Bad(samples.app(samples.changed("Ping", "Pr\udcfcfen")), at=((3, 44),))],
)
def wrong_encoding(facts: Facts) -> Problems:
    """The file is not UTF-8.

    Text that was saved as UTF-16 or in a Windows code page is read wrongly elsewhere, or not at all.
    """
    return _defects(facts, "wrong-encoding")


@rule(
    "MC007",
    ERROR,
    evidence="R",
    source="RFC 8259, section 6",
    good=[samples.app(more='"sources": [{"name": "NaN", "type": "enum:static"}]')],
    bad=[Bad(samples.app(more='"limit": NaN'), at=((4, 12),))],
)
def not_a_number(facts: Facts) -> Problems:
    """A number is `NaN` or infinite.

    JavaScript and Python print such values, and some parsers read them; JSON has no way to write them.
    """
    return _defects(facts, "not-a-number")


@rule(
    "MC008",
    ERROR,
    evidence="DS",
    source=f"{_ARTICLE}: the sample is a fragment",
    fix=UNSAFE,
    good=[samples.app()],
    bad=[Bad(f'"auth": null,\n{_TAIL}\n', at=((1, 1),), fixed=f'{{\n"auth": null,\n{_TAIL}\n}}\n')],
)
def missing_braces(facts: Facts) -> Problems:
    """The outer braces are missing.

    The help article prints the `request` block as a fragment. By itself it is no JSON: it belongs into `auth`, or into
    braces to be checked alone. It is checked as if they were there.
    """
    return _defects(facts, "missing-braces", "put braces around it")


@rule(
    "MC009",
    ERROR,
    evidence="R",
    source="RFC 8259, section 9: a parser may limit the depth",
    good=[samples.app(more=f'"x": {"[" * 250}{"]" * 250}')],
    bad=[Bad(samples.app(more=f'"x": {"[" * 300}{"]" * 300}'), at=((4, 263),))],
)
def too_deep(facts: Facts) -> Problems:
    """Objects and arrays are nested too deeply.

    Parsers limit the depth, and nothing in an App JSON needs more than a few levels. What lies deeper than 256 is not
    read.
    """
    return _defects(facts, "too-deep")


@rule(
    "MC010",
    ERROR,
    evidence="R",
    source="RFC 8259, section 9: a parser may limit the size of texts and the range of numbers",
    good=[samples.app(more=f'"x": {"1" * 400}')],
    bad=[Bad(samples.app(more=f'"x": {"1" * 5000}'), at=((4, 8),))],
)
def too_large(facts: Facts) -> Problems:
    """The file or a number in it is too large.

    No App JSON comes near 20 MB, and no number near 4,300 digits. What is larger is not read.
    """
    return _defects(facts, "too-large")


@rule(
    "MC011",
    WARNING,
    evidence="R",
    source="RFC 8259, section 8.1: JSON must not begin with a byte order mark",
    fix=SAFE,
    good=[samples.app()],
    bad=[Bad(f"\ufeff{samples.app()}", at=((1, 1),), fixed=samples.app())],
)
def byte_order_mark(facts: Facts) -> Problems:
    """The file begins with a byte order mark.

    Editors on Windows write it. It cannot be seen, and many parsers stumble over it.
    """
    return _defects(facts, "byte-order-mark", "remove the byte order mark")


@rule(
    "MC012",
    WARNING,
    evidence="R",
    source="RFC 8259, section 4: what a parser makes of equal names is open",
    good=[samples.app()],
    bad=[Bad(f'{{\n  "auth": {{}},\n  "auth": null,\n  {_TAIL}\n}}', at=("/auth",))],
)
def duplicate_key(facts: Facts) -> Problems:
    """An object has the same key twice.

    Most parsers keep the last value and drop the others without a word, so that half of what was written is lost. It is
    the last one that is checked.
    """
    return _defects(facts, "duplicate-key")


RULES: Rules = (
    invalid_json,
    comment,
    trailing_comma,
    unclosed_bracket,
    typographic_quote,
    wrong_encoding,
    not_a_number,
    missing_braces,
    too_deep,
    too_large,
    byte_order_mark,
    duplicate_key,
)
