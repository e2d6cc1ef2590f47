"""One report with everything that is hard to show, for the golden files and whoever needs a full report.

Invisible characters are written as escapes here, so that this file can be read.
"""

from mcapp.document import Document, read
from mcapp.document.places import Edit, Span
from mcapp.errors import Failure
from mcapp.lint.model import SAFE, UNSAFE, Example, Finding, FindingFix, Problems, Related, error, note, warning
from mcapp.report.result import FileResult, Report

# Looks like an account's API key, and is none; put together here so that no scanner takes it for one.
KEY = "12345678" + ":" + "ab" * 16


@error("MC002", Example('{"actions": [] // none yet\n}', (1, 16), fixed='{"actions": []\n}'), fix=SAFE)
def comment(_facts: object) -> Problems:
    """A comment stands in the file.

    JSON has none, and the editor takes strict JSON only.

    DR: QS; RFC 8259, section 2
    """
    yield from ()


@warning(
    "MC203",
    Example(
        '{"url": "https://example.com/?key={{app_token}}"}', "/url", right='{"url": "https://example.com/install"}'
    ),
)
def app_key_in_url(_facts: object) -> Problems:
    """The App Key is part of the URL.

    URLs are kept in the logs of servers and proxies.

    A header is not.

    X: RFC 9110, section 17.9
    """
    yield from ()


@note("MC410", Example('{"actions": [{}, {}]}', "/actions", right='{"actions": []}'), fix=UNSAFE)
def many_things(_facts: object) -> Problems:
    """Something is there more often than it should be.

    IG: samples of 2020-2022
    """
    yield from ()


RULES = (comment, app_key_in_url, many_things)

_SHOP = (
    "{\n"
    '  "auth": {\n'
    '\t"type":\t"APIKEY",\t// \u6f22\u5b57 e\u0301 \U0001f600\ufe0f \u202eevil\u202c \x1b[31m\n'
    '    "title": "\u6f22\u5b57\u30ab\u30bf\u30ab\u30ca", "name": "\u0418\u043c\u044f e\u0301e\u0301",\n'
    '    "request": {\n'
    f'      "url": "https://example.com/install?key={KEY}&page={{{{page_id}}}}",\n'
    '      "headers": [\n'
    '        "x-token: [[app_token]]"\n'
    "      ]\n"
    "    }\n"
    "  },\n"
    '  "actions": [], "name": "shop", "actions": [1], "name": "shop",\n'
    '  "sources": [\n'
)
_MINIFIED = '{"actions":[' + '{"name":"a","title":"\u6f22"},' * 40 + f'"{KEY}",' + '{"name":"b"},' * 300 + "null]}"
_EDGES = "\ufeff[1,\r\n\r2\u2028, 3"


def report() -> Report:
    """The awkward report."""
    shop, minified, edges = (
        read(text.encode(), name)
        for name, text in (("shop/app.json", _SHOP), ("min.json", _MINIFIED), ("edges/\u6f22 a\u202eb.json", _EDGES))
    )
    findings = (
        _finding(
            shop,
            "MC002",
            "// \u6f22\u5b57 e\u0301 \U0001f600\ufe0f \u202eevil\u202c \x1b[31m",
            message="JSON has no comments",
            help="take the comment out",
            fix=(SAFE, "remove the comment", ""),
        ),
        _finding(
            shop,
            "MC410",
            '"\u0418\u043c\u044f e\u0301e\u0301"',
            message="wide, narrow and combined",
            related=[("\u30ab\u30bf\u30ab\u30ca", "a label with `\u6f22\u5b57` in it"), ('"title"', "the title")],
        ),
        _finding(
            shop,
            "MC203",
            f"https://example.com/install?key={KEY}&page={{{{page_id}}}}",
            message="the App Key is part of the URL, where the logs of every server and proxy on the way keep it",
            help='send it in a header: `"x-token-header: {{app_token}}"`, as the help article does',
        ),
        _finding(
            shop,
            "MC002",
            '{\n      "url"',
            to="]\n    }",
            message="a span over several lines, with a place before it and one inside it",
            related=[('"auth"', "before it"), ("[[app_token]]", "inside it"), ('"type"', "between the two")],
            pointer=None,
        ),
        _finding(
            shop,
            "MC410",
            '"actions"',
            occurrence=1,
            message="the key `actions` is there twice",
            help="keep one of them: the last one wins",
            related=[('"actions"', "first written here"), ('"name": "shop"', "overlaps with nothing")],
            fix=(UNSAFE, "remove the first", ""),
        ),
        _finding(shop, "MC002", "[", occurrence=4, message="never closed", help="write `]`", pointer=None),
        _at(shop, "MC002", len(shop.text), len(shop.text), message="the file ends too early"),
        _finding(
            minified,
            "MC203",
            '{"name":"b"}',
            occurrence=150,
            message="far inside a long line",
            related=[('"actions"', "far away on the same line"), ('"title":"\u6f22"', "in between")],
        ),
        _finding(minified, "MC203", KEY, message="a key in a long line"),
        _at(minified, "MC410", 1, len(minified.text), message="wider than any terminal"),
        _at(edges, "MC410", 0, 1, message="a byte order mark", fix=(SAFE, "remove it", "")),
        _finding(edges, "MC002", "2\u2028", message="100% of a line; a separator: not, a line's end"),
        _finding(edges, "MC002", "3", message="the last character", help="say\u2026 100%"),
    )
    documents = {document.name: document for document in (shop, minified, edges)}
    return Report(
        files=(
            FileResult("clean.json", "request", readable=True),
            *(FileResult(name, "app" if name == "min.json" else None, readable=True) for name in documents),
        ),
        findings=findings,
        errors=(
            Failure("missing", "gone.json does not exist", path="gone.json"),
            Failure("unreadable", "permission denied", "chmod u+r it\nor leave it out", "odd\nname.json"),
        ),
        documents=documents,
        fixed=2,
    )


def clean() -> Report:
    """Nothing found in three files."""
    return Report(tuple(FileResult(f"{name}.json", "app", readable=True) for name in "abc"))


def _finding(
    document: Document,
    code: str,
    fragment: str,
    *,
    to: str = "",
    occurrence: int = 0,
    message: str,
    help: str = "",  # noqa: A002  # the field's name
    pointer: str | None = "/auth/request",
    related: list[tuple[str, str]] | None = None,
    fix: tuple[str, str, str] | None = None,
) -> Finding:
    """A finding at `fragment` (from there up to and with `to`), labels at the first occurrence of theirs."""
    start = _find(document, fragment, occurrence)
    end = document.text.index(to, start) + len(to) if to else start + len(fragment)
    others = []
    for text, label in related or ():
        at = _find(document, text)
        span = Span(at, at + len(text))
        others.append(Related(label, span, document.place(span)))
    found = _at(document, code, start, end, message=message, fix=fix)
    return found._replace(help=help, pointer=pointer, related=tuple(others))


def _find(document: Document, fragment: str, occurrence: int = 0) -> int:
    at = -1
    for _ in range(occurrence + 1):
        at = document.text.index(fragment, at + 1)
    return at


def _at(
    document: Document, code: str, start: int, end: int, *, message: str, fix: tuple[str, str, str] | None = None
) -> Finding:
    known = next(rule for rule in RULES if rule.code == code)
    span = Span(start, end)
    return Finding(
        code,
        known.name,
        known.severity,
        message,
        "",
        known.url,
        document.name,
        "",
        *document.place(span),
        span,
        fix=FindingFix(fix[0], fix[1], (Edit(start, end, fix[2]),)) if fix else None,
    )
