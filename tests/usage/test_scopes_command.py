"""`mcapp scopes`: the table, what follows from it, the way to probe, and its formats."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcapp import schemas
from mcapp.keys.private_files import Folder
from mcapp.net.target import MANYCHAT
from mcapp.scopes import history
from mcapp.scopes.catalogue import load
from mcapp.scopes.report import DENIED, GRANTED, WORKING, KeyResult, ProbeReport, ScopeResult
from mcapp.terminal.console import Style
from mcapp.testing import Emulator
from mcapp.usage import usage_report, uses
from mcapp.usage.usage_report import KINDS, Known, render_text, search
from tests.harness import Cli, Process, Result

INFO, TAGS, FLOWS = "GET /fb/page/getInfo", "GET /fb/page/getTags", "GET /fb/page/getFlows"
TAG, FIND = "POST /fb/subscriber/addTag", "GET /fb/subscriber/findBySystemField"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def fits(result: Result) -> Any:
    """The report, which fits schemas/scopes.schema.json."""
    document = result.json()
    jsonschema.validate(document, json.loads(schemas.text("scopes")))
    assert document["ok"] == (result.code == 0)
    return document


def code(*lines: str, name: str = "app.js") -> None:
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def call(scope: str) -> str:
    method, path = scope.split(" ")
    return f'axios.{method.lower()}("https://api.manychat.com{path}");'


def declare(*scopes: str) -> None:
    lines = "".join(f'  "{scope}",\n' for scope in scopes)
    Path("mcapp.toml").write_text(f"[scopes]\nexpect = [\n{lines}]\n", encoding="utf-8")


def probed(cli: Cli, name: str, granted: list[str], denied: list[str]) -> None:
    """A stored key whose last probe against ManyChat had this result."""
    cli("keys", "add", name, "--stdin", "--store", "file", stdin=f"made-up-{name}-key-0123456789")
    (entry,) = [key for key in cli("keys", "list", "--json").json()["keys"] if key["name"] == name]
    from mcapp.keys.stores import Timeouts
    from mcapp.keys.vault import Vault

    key_id = Vault(Folder(), Timeouts()).entry(entry["name"]).id
    results = [ScopeResult(scope, "page", False, GRANTED if scope in granted else DENIED) for scope in granted + denied]
    report = ProbeReport(KeyResult(name, "file", "3f9c1a", WORKING, ""), MANYCHAT, tuple(results))
    history.remember(report, Folder(), key_id, MANYCHAT, {key_id})


def findings(report: Any) -> list[tuple[str, str | None, str | None, int | None]]:
    return [(each["kind"], each["scope"], each["path"], each["line"]) for each in report["findings"]]


def test_without_a_declaration_or_a_probe_nothing_is_missing(cli: Cli) -> None:
    code(call(TAGS))
    result = cli("scopes", "--json")
    report = fits(result)
    assert result.code == 0
    assert report["scopes"] == [{"scope": TAGS, "declared": None, "granted": None, "used": 1, "observed": None}]
    assert report["findings"] == []
    assert report["key"] is None


def test_the_table_holds_what_is_declared_granted_used_and_observed(cli: Cli) -> None:
    probed(cli, "shop-a", granted=[INFO], denied=[TAGS])
    declare(INFO, TAGS)
    code(call(TAGS), call(FLOWS), "// " + call(TAG))
    Path("calls.jsonl").write_text('{"number": 1, "method": "GET", "path": "/fb/page/getTags", "query": {}}\n' * 3)
    result = cli("scopes", "--observed", "calls.jsonl", "--json")
    report = fits(result)
    assert report["key"] == "shop-a"
    assert [tuple(row.values()) for row in report["scopes"]] == [
        (INFO, True, True, 0, 0),
        (TAGS, True, False, 1, 3),
        (FLOWS, False, None, 1, 0),
    ]
    assert findings(report) == [
        ("missing", TAGS, "app.js", 1),
        ("missing", FLOWS, "app.js", 2),
        ("unused", INFO, "mcapp.toml", 3),
    ]
    assert "the last probe of shop-a was denied it" in report["findings"][0]["message"]
    text = cli("scopes", "--observed", "calls.jsonl").out
    assert "yes       no       1     3         GET /fb/page/getTags" in text.splitlines()
    assert "no        ?        1     0         GET /fb/page/getFlows" in text.splitlines()


def test_progress_and_the_text_fit_a_terminal() -> None:
    code(call(TAG))
    seen: list[tuple[int, int]] = []
    report = search([], Known({INFO: 1, TAGS: 2}, "mcapp.toml"), None, KINDS, lambda *done: seen.append(done))
    assert seen == [(1, 1)]
    text = render_text(report, Style(on=False), 50)
    assert "error[missing]: POST /fb/subscriber/addTag is\n    called here, but" in text
    assert max(map(len, text.splitlines())) <= 50


def test_what_is_granted_and_not_used_is_unused_without_a_declaration(cli: Cli) -> None:
    probed(cli, "shop-a", granted=[INFO, TAGS], denied=[])
    code(call(INFO))
    report = fits(cli("scopes", "--json"))
    assert findings(report) == [("unused", TAGS, None, None)]


def test_another_key_is_named(cli: Cli) -> None:
    probed(cli, "shop-a", granted=[INFO], denied=[])
    probed(cli, "shop-b", granted=[], denied=[INFO])
    code(call(INFO))
    assert fits(cli("scopes", "--json"))["findings"] == []
    assert findings(fits(cli("scopes", "--key", "shop-b", "--json"))) == [("missing", INFO, "app.js", 1)]
    result = cli("scopes", "--key", "shop-c", "--json")
    assert result.code == 4
    assert fits(result)["errors"][0]["code"] == "unknown-key"


MISTAKES = {
    "missing": call(TAGS),
    "unknown-path": call("POST /fb/subscriber/setSystemField"),
    "wrong-method": call("POST /fb/page/getInfo"),
    "wrong-parameter": call(f"{FIND}?name=x").replace(TAGS, INFO),
}


@pytest.mark.parametrize("kind", KINDS)
def test_fail_on_decides_the_exit_code(cli: Cli, kind: str) -> None:
    declare(INFO, FIND)
    code(call(INFO), call(FIND))
    assert cli("scopes").code == 0
    code(*([call(INFO)] if kind == "unused" else [call(INFO), call(FIND), MISTAKES[kind]]))
    report = fits(cli("scopes", "--json"))
    assert {(finding["kind"], finding["failing"]) for finding in report["findings"]} == {(kind, kind != "unused")}
    assert cli("scopes").code == (0 if kind == "unused" else 1)
    assert cli("scopes", "--fail-on", kind).code == 1
    assert cli("scopes", "--fail-on", ",".join(set(KINDS) - {kind})).code == 0
    assert cli("scopes", "--fail-on", "").code == 0
    assert cli("scopes", "--fail-on", "missng").code == 2


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/wa/sending/sendFlow", "the paths under /fb serve every channel"),
        ("/wa/sending/sendMessage", "the paths under /fb serve every channel"),
        ("/fb/subscriber/addTags", "did you mean POST /fb/subscriber/addTag"),
        ("/me", "mcapp endpoints lists them all"),
    ],
)
def test_an_unknown_path_has_a_hint(cli: Cli, path: str, hint: str) -> None:
    code(call(f"POST {path}"))
    (finding,) = fits(cli("scopes", "--json"))["findings"]
    assert (finding["kind"], finding["message"]) == ("unknown-path", f"ManyChat has no {path}")
    assert hint in finding["help"]


def test_an_unused_scope_may_be_what_a_dynamic_use_calls(cli: Cli) -> None:
    declare(INFO)
    code("axios.get(`https://api.manychat.com/fb/page/${operation}`);")
    (finding,) = fits(cli("scopes", "--json"))["findings"]
    assert finding["help"] == "the dynamic use may call it; if not, remove it"


def test_every_operation_is_found_and_nothing_else_of_the_catalogue_is_needed(cli: Cli) -> None:
    code(*(call(endpoint.scope) for endpoint in load()))
    report = fits(cli("scopes", "--json"))
    assert [(use["line"], use["class"], use["scope"]) for use in report["uses"]] == [
        (number, "literal", endpoint.scope) for number, endpoint in enumerate(load(), 1)
    ]
    assert report["findings"] == []


def test_where_something_could_not_be_read_nothing_is_called_unused(cli: Cli) -> None:
    declare(INFO)
    code(call(TAGS))
    result = cli("scopes", "app.js", "missing.js", "--json")
    assert result.code == 2
    assert [finding["kind"] for finding in fits(result)["findings"]] == ["missing"]


def test_the_profile_api_takes_another_key_so_the_app_key_lacks_nothing(cli: Cli) -> None:
    (other,) = [endpoint.scope for endpoint in load() if endpoint.group == "profile"]
    declare(INFO)
    code(call(INFO), call(other))
    report = fits(cli("scopes", "--json"))
    assert [use["scope"] for use in report["uses"]] == [INFO, other]
    assert report["findings"] == []


# --- the journal


def test_what_a_journal_holds_has_the_same_findings(cli: Cli) -> None:
    code("nothing")
    calls = [
        {"method": "GET", "path": "/fb/page/getTags", "query": {}},
        {"method": "POST", "path": "/fb/page/getTags"},
        {"method": "POST", "path": "/fb/subscriber/setSystemField"},
        {"method": "GET", "path": "/fb/subscriber/findBySystemField", "query": {"name": "x"}},
    ]
    text = "".join(json.dumps(each) + "\n" for each in calls) + '{"method": "GET", "pa'
    Path("calls.jsonl").write_text(text, encoding="utf-8")
    report = fits(cli("scopes", "--observed", "calls.jsonl", "--json"))
    assert findings(report) == [
        ("unknown-path", None, "calls.jsonl", 3),
        ("wrong-method", TAGS, "calls.jsonl", 2),
        ("wrong-parameter", FIND, "calls.jsonl", 4),
    ]
    assert {use["class"] for use in report["uses"]} == {"observed"}


@pytest.mark.parametrize("line", ["nonsense", "[]", "1", '{"method": "GET"}', "[" * 100_000])
def test_another_file_is_not_a_journal(cli: Cli, line: str) -> None:
    code("nothing")
    Path("calls.jsonl").write_text(f"{line}\n\n", encoding="utf-8")
    result = cli("scopes", "--observed", "calls.jsonl", "--json")
    assert result.code == 2
    assert fits(result)["errors"][0]["message"] == "calls.jsonl:1 is not a call in a journal"


# --- from the code to the key


def test_what_the_code_needs_is_asked_of_a_key_and_the_line_is_named(cli: Cli, emulator: Emulator) -> None:
    code("", call(INFO), call(TAG), call(TAG), name="b # c.js")
    code(call(FLOWS), "// " + call(TAGS), call("POST /fb/subscriber/createSubscriber"), name="d.js")
    code("axios.post(`https://api.manychat.com/fb/subscriber/${name}`);", call("POST /fb/nothing/here"), name="e.js")
    result = cli("scopes", "--write-expect", "scopes.txt", "--fail-on", "missing")
    assert (result.code, result.err) == (0, "wrote 4 scopes to scopes.txt\n")
    assert Path("scopes.txt").read_text(encoding="utf-8").splitlines()[1:] == [
        f"{INFO}  # b # c.js:2",
        f"{FLOWS}  # d.js:1",
        f"{TAG}  # b # c.js:3 and 1 more",
        "# no ordinary run of probe can decide: POST /fb/subscriber/createSubscriber  # d.js:3",
        "# unknown operation: e.js:1",
    ]
    probe = (
        "probe",
        "--base-url",
        emulator.base_url,
        "--rate",
        "2000",
        "--include-writes",
        "--expect-file",
        "scopes.txt",
    )
    full = cli(*probe, env={"MANYCHAT_APP_KEY": emulator.key([INFO, FLOWS, TAG])})
    assert full.code == 0, full.out
    for scope, place in ((INFO, "b # c.js:2"), (FLOWS, "d.js:1"), (TAG, "b # c.js:3 and 1 more")):
        key = emulator.key([each for each in (INFO, FLOWS, TAG) if each != scope])
        lacking = cli(*probe, env={"MANYCHAT_APP_KEY": key})
        assert lacking.code == 1
        assert f"expected, but denied:\n  {scope} ({place})\n" in lacking.out
        assert lacking.out.rstrip().endswith(f"lacks 1 of 3 expected scopes: {scope} ({place})")


def test_an_interruption_keeps_what_was_found(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = uses.find

    def interrupted(data: bytes, path: str, *, test: bool) -> Any:
        if path.endswith("b.js"):
            raise KeyboardInterrupt
        return plain(data, path, test=test)

    monkeypatch.setattr(usage_report, "find", interrupted)
    code(call(TAGS), name="a.js")
    code(call(FLOWS), name="b.js")
    declare(TAGS, FLOWS)
    result = cli("scopes", "--fail-on", "unused", "--write-expect", "scopes.txt", "--json")
    report = fits(result)
    assert (result.code, Path("scopes.txt").exists()) == (130, False)
    assert [use["path"] for use in report["uses"]] == ["a.js"]
    assert report["findings"] == []  # what was not read may call it
    assert [error["code"] for error in report["errors"]] == ["interrupted"]


def test_the_file_is_written_again_and_is_not_a_use(cli: Cli) -> None:
    code(call(INFO))
    for _ in range(2):
        result = cli("scopes", "--write-expect", "expected-scopes")
        assert (result.code, result.err) == (0, "wrote 1 scope to expected-scopes\n")
        assert [use["path"] for use in fits(cli("scopes", "--json"))["uses"]] == ["app.js"]


def test_no_other_file_is_replaced(cli: Cli) -> None:
    code(call(INFO))
    Path("notes").write_text("mine\n", encoding="utf-8")
    result = cli("scopes", "--write-expect", "notes", "--json")
    assert result.code == 1
    assert fits(result)["errors"][0]["code"] == "exists"
    assert Path("notes").read_text(encoding="utf-8") == "mine\n"


def test_nothing_is_written_where_nothing_is_called(cli: Cli) -> None:
    code("// " + call(INFO))
    result = cli("scopes", "--write-expect", "scopes.txt")
    assert result.code == 1
    assert "no use of an operation was found" in result.err
    assert not Path("scopes.txt").exists()


# --- the formats


def test_text_and_markdown_and_github(cli: Cli) -> None:
    declare(TAGS)
    name = "x::y`z.js" if sys.platform != "win32" else "x,,y`z.js"  # no file has a colon in its name there
    code(call(INFO), "get(`https://api.manychat.com/fb/page/${it}`); // ::error::no", name=name)
    text = cli("scopes").out
    assert "error[missing]: GET /fb/page/getInfo is called here, but mcapp.toml does not declare it" in text
    assert f" --> {name}:1:36\n" in text
    assert f"dynamic  {name}:2:30  /fb/page/${{it}}" in text.splitlines()
    markdown = cli("scopes", "--output-format", "markdown").out
    assert markdown.startswith("### ❌ mcapp scopes\n")
    assert "| no | ? | 1 | ? | <code>GET /fb/page/getInfo</code> |" in markdown
    assert f"<code>{name.replace('`', '&#96;')}:1:36</code>" in markdown
    github = cli("scopes", "--output-format", "github", env={"GITHUB_STEP_SUMMARY": "summary.md"}).out.splitlines()
    token = github[0].removeprefix("::stop-commands::")
    commands = [line for line in github[github.index(f"::{token}::") :] if line.startswith(("::error", "::warning"))]
    escaped = name.replace(":", "%3A").replace(",", "%2C")
    assert commands[0].startswith(f"::error file={escaped},line=1,title=mcapp missing::GET /fb/page/getInfo is called")
    assert commands[1].startswith("::warning file=mcapp.toml,line=3,title=mcapp unused::")
    assert Path("summary.md").read_text(encoding="utf-8").startswith("### ❌ mcapp scopes\n")


def test_a_key_in_the_code_is_masked(cli: Cli) -> None:
    key = "12345678:" + "a1b2c3d4" * 4
    code(f"get(`https://api.manychat.com/fb/page/${{it}}{key}`); get('https://api.manychat.com/fb/{key}');")
    for name in ("text", "json", "markdown", "github"):
        result = cli("scopes", "--output-format", name)
        assert key not in result.out + result.err
        assert "/fb/" in result.out


def test_what_a_terminal_or_a_runner_obeys_is_made_visible(cli: Cli) -> None:
    name = "a\x1b[2J.js" if sys.platform != "win32" else "a\x9b2J.js"
    code("get(`https://api.manychat.com/fb/page/${it}\x1b[31m`);", "post('/fb/page/getNothing\x9b');", name=name)
    declare(TAGS)
    for name in ("text", "json", "markdown", "github"):
        result = cli("scopes", "--output-format", name)
        assert not set(result.out) & {"\x1b", "\x9b"}
        assert "␛[31m" in result.out or "\\u241b[31m" in result.out or "␛&#91;31m" in result.out


def test_a_broken_configuration_stops_it(cli: Cli) -> None:
    code(call(INFO))
    Path("mcapp.toml").write_text('[scopes]\nexpect = ["GET /fb/page/getNothing"]\n', encoding="utf-8")
    result = cli("scopes", "--json")
    assert result.code == 2
    assert "mcapp.toml: unknown scope" in fits(result)["errors"][0]["message"]


def test_no_network_no_key_store_is_touched(process: Process) -> None:
    code(call(INFO))
    result = process("scopes", "--json", env={"MANYCHAT_APP_KEY": "made-up-key-0123456789"})
    assert (result.code, result.err) == (0, "")
