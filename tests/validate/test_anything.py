"""No bytes make a traceback: whatever is read, the answer is findings or a sentence, with exit code 0, 1 or 2."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix
from mcapp.report import FORMATS
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Style
from tests.harness import Cli

CORPUS = Path(__file__).parents[1] / "corpus"
FILES = sorted([*CORPUS.glob("good/*.json"), *CORPUS.glob("bad/*.json")])
RAW = [path.read_bytes() for path in FILES]
PLAIN = Style(on=False)
# Broken text is searched for its repair, which takes 10 ms: 50,000 prefixes take ten minutes, every 97th is a sample.
STEP = 1 if os.environ.get("MCAPP_TEST_PREFIXES") else 97

# Pieces that a reader of JSON trips over, and that App JSON is made of.
PIECES = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"'", b"\\", b"//", b"/*", b"*/", b"#", b"\n", b"\r", b"\t", b" ",
    b"\x00", b"\x1b[31m", b"\xff", b"\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"1e999",
    b"-0", b"NaN", b"Infinity", b"null", b"true", b"nul", b"{{", b"}}", b"[[", b"]]", b"<<", b">>", b"{{app_token}}",
    b'"auth"', b'"request"', b'"url"', b'"headers"', b'"actions"', b'"method"', b'"payload"', b'"params"', b'"name"',
    b"https://", b"http://[", b"x:y", b"\xe2\x80\x9c", b"\xe2\x80\xae", b"9" * 30,
]  # fmt: skip
soup = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["auth", "request", "url", "headers", "payload", "actions", "forms", "params", "name", "x"])
            | st.text(max_size=6),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file of the corpus with a few pieces cut out, put in or doubled."""
    raw = draw(st.sampled_from(RAW))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 30)))
        raw = raw[:start] + draw(st.sampled_from([b"", raw[start:end] * 2, *PIECES])) + raw[end:]
    return raw


def in_common(one: bytes, other: bytes) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def is_json(raw: bytes) -> bool:
    try:
        json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return True


def judge(raw: bytes) -> Report:
    """The whole way from bytes to a report, every format, both kinds of fixes."""
    document = read(raw, "app.json")
    checked = check(document)
    for finding in checked.findings:
        assert finding.line >= 1
        assert finding.column >= 1
        assert 0 <= finding.span.start <= finding.span.end <= len(document.text)
        assert (finding.end_line, finding.end_column) >= (finding.line, finding.column)
    report = Report(
        (FileResult("app.json", checked.kind, document.readable),), checked.findings, (), {"app.json": document}
    )
    for format_ in FORMATS.values():
        format_.render(report, PLAIN, 80).encode("utf-8", "backslashreplace")
    fixed = fix(document, Settings(), unsafe=True)
    assert fix(fixed.document, Settings(), unsafe=True).document.raw == fixed.document.raw
    return report


@given(st.binary(max_size=60) | soup | damaged())
@settings(max_examples=80)
def test_bytes(raw: bytes) -> None:
    report = judge(raw)
    assert is_json(raw) or not report.ok, "what is no JSON cannot be clean"


@given(anything)
@settings(max_examples=100)
def test_data(value: object) -> None:
    judge(json.dumps(value).encode())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_prefix_of_every_file(path: Path) -> None:
    raw = path.read_bytes()
    # Many files begin alike; what an earlier one has shown is not shown again.
    shown = max((in_common(raw, other) for other in RAW[: FILES.index(path)]), default=-1)
    for length in range(shown + 1 + FILES.index(path) % STEP, len(raw), STEP):
        document = read(raw[:length], "app.json")
        checked = check(document)
        if not is_json(raw[:length]):
            assert any(finding.severity == "error" for finding in checked.findings), length


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b'{"auth": {"request": {"payload": ' + b'{"a":' * 300 + b"1" + b"}" * 303,
        b"1" * 5_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"-" + b"1" * 300_000,
        b'"' + b"x" * 1_000_000,
        b"%" * 300_000,
        b"\xff" * 300_000,
        b"\x00" * 100_000,
        b'"\\' * 60_000,
        b'{"url": "' + b"{{" * 30_000 + b'"}',
        b'{"url": "' + b"[[a" * 30_000 + b'"}',
        b"{" + b'"a":1,' * 12_000 + b"}",
        b"/*" * 100_000,
        b"//\n" * 5_000,
        "“".encode() * 100_000,
        b'{"actions": [' + b'{"nmae": 1},' * 1_200 + b"{}]}",
        b'{"auth": {"request": {"headers": [' + b'"a b: 1",' * 2_500 + b'"x"]}}}',
    ],
    ids=lambda raw: f"{raw[:12]!r}-{len(raw)}",
)
def test_large_and_hostile(raw: bytes) -> None:
    report = judge(raw)
    assert not report.ok
    assert len(report.findings) < 200_000


def test_a_file_of_ten_megabytes(cli: Cli, tmp_path: Path) -> None:
    rows = b",".join(b'{"key": "k%d", "value": "%s"}' % (n, b"v" * 280) for n in range(30_000))
    raw = b'{"auth": null, "actions": [], "sources": [{"name": "s", "type": "enum:static", "list": [%s]}]}' % rows
    assert len(raw) > 9_000_000
    (tmp_path / "app.json").write_bytes(raw)
    assert cli("validate", "app.json", "--select", "missing-actions").code == 1
    (tmp_path / "app.json").write_bytes(raw[:500_000])
    assert cli("validate", "app.json").code == 1
    (tmp_path / "app.json").write_bytes(b" " * 20_000_001)
    report = cli("validate", "app.json", "--json")
    assert [finding["name"] for finding in report.json()["findings"]] == ["too-large"]


@given(st.binary(max_size=40) | soup)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_command(cli: Cli, raw: bytes) -> None:
    for arguments in (("--json",), ("--fix",), ("--diff",), ("--output-format", "github")):
        result = cli("validate", "-", *arguments, stdin=raw)
        assert result.code in (0, 1), result.err
        assert "Traceback" not in result.err
        assert "mcapp itself failed" not in result.err
        if arguments == ("--json",):
            assert result.json()["command"] == "validate"
