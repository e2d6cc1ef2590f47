"""A key in a document, a delivery, an answer, an option's file: whatever command reads it, no output has it.

The ordinary run takes a sample; MCAPP_SECRETS=3000 plants that many keys.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from urllib.parse import quote, urlencode

import pytest

import mcapp
from mcapp.editor.analysis import Analysis
from mcapp.handover.deliveries import refusal_row, refusal_text, row, save, text
from mcapp.handover.listener import refusal
from mcapp.handover.received import Delivery, receive
from mcapp.lint.check import Settings
from mcapp.net.server import Rejected
from mcapp.report import FORMATS
from mcapp.scopes.probe_formats import FORMATS as PROBE_FORMATS
from mcapp.terminal import redact
from mcapp.terminal.console import Style
from mcapp.terminal.redact import mask
from tests.harness import Cli, Result
from tests.house.peers import Echo, at_work, http, raw
from tests.house.planted import SPELLINGS, left, make

COUNT = int(os.environ.get("MCAPP_SECRETS", "0")) or 18
EVERY = COUNT > 1000  # cuts between all characters of a key

# Where a document may have a key; no rule finds it in the second half of them.
HOOK = '"url": "https://example.com/h", "method": "post"'
PLACES = {
    "header": '{"request": {HOOK, "headers": ["x-token-header: KEY"]}}',
    "bearer": '{"request": {HOOK, "headers": ["Authorization: Bearer KEY"]}}',
    "payload": '{"request": {HOOK, "methd": "POST", "payload": {"app_token": "KEY"}}}',
    "query": '{"request": {"url": "https://example.com/h?api_key=KEY", "payload": 1}}',
    "action": '{"actions": [{"name": "a", "title": "", "requests": [{HOOK, "headers": ["x-api-key: KEY"]}]}]}',
    "connection": '{"auth": {"connection": {"headers": {"x-api-key": "KEY"}}, "request": {"url": "x"}}}',
    "scheme": '{"request": {HOOK, "headers": ["Authorization: Token KEY"]}}',
    "deep": '{"request": {HOOK, "payload": {"secret": {"a": [["KEY"]]}}}}',
    "user": '{"request": {"url": "https://KEY@example.com/h", "payload": 1}}',
    "first of two": '{"request": {"payload": {"token": "KEY", "token": "x"}, "url": 1}}',
    "comment": '{"request": {"url": "https://example.com/h"} // api_key: KEY\n}',
    "broken": '{"request": {"url": "https://example.com/h", "headers": ["x-token: KEY]}}',
}
RULES = {
    "all": (),
    "select": ("--select", "MC0"),
    "ignore": ("--ignore", "MC5"),
    "configuration": ("--config", "own.toml"),
    "suppressed": ("--config", "suppress.toml"),
}
URL = ("--url", "https://example.com/hook")
NOWHERE = ("--to", "http://127.0.0.1:1/x")


Leaks = list[str]


@pytest.fixture
def leaks() -> Iterator[Leaks]:
    """What was found; a test goes on after a leak, and fails in the end."""
    found: Leaks = []
    yield found
    assert not found, "\n".join([f"{len(found)} leaks", *found[:10]])


def search(leaks: Leaks, key: str, case: str, output: Result | str, prefix: int = 0) -> None:
    text = output if isinstance(output, str) else output.out + output.err
    assert text if isinstance(output, str) else output.code != 70, f"{case}: {text}"
    piece = left(key, text) or (left(key, text, prefix, prefix=True) if prefix else "")
    if piece:
        leaks.append(f"{case}: {piece} of {key} in {text[:2000]}")


def case_of(number: int) -> tuple[Random, str, str, str]:
    """Chance, a key, a spelling, and how it is written there."""
    chance = Random(number)  # noqa: S311  # a test's choice
    key = make(chance)
    spelling = list(SPELLINGS)[number // 12 % 10]
    return chance, key, spelling, SPELLINGS[spelling](key)


@pytest.fixture
def configurations() -> None:
    Path("own.toml").write_text('ignore = ["MC5", "MC2"]\nselect = ["MC0", "MC1"]\n')
    row = '[[suppress]]\nrule = "%s"\nfile = "app.json"\nreason = "r"\nvalue = ""\n'
    Path("suppress.toml").write_text("".join(row % code for code in ("MC501", "MC502", "MC503")))


@pytest.mark.usefixtures("configurations")
def test_in_a_document(cli: Cli, leaks: Leaks) -> None:
    for number in range(COUNT * 2 // 3):
        chance, key, spelling, written = case_of(number)
        place, output = list(PLACES)[number % 12], list(FORMATS)[number % len(FORMATS)]
        rules = chance.choice(list(RULES))
        document = PLACES[place].replace("HOOK", HOOK).replace("KEY", written)
        Path("app.json").write_text(document)
        case = f"{number}: {place}, {spelling}, {rules}"
        one = ["validate", "app.json", *RULES[rules]]
        search(leaks, key, f"{case}, {output}", cli(*one, "--output-format", output))
        search(leaks, key, f"{case}, diff", cli(*one, "--unsafe-fixes", "--diff"))
        which = (number + number // 12) % len(OTHERS)
        search(leaks, key, f"{case}, {which}", OTHERS[which](cli, document, one))


def test_around_every_cut_of_a_document(cli: Cli, leaks: Leaks) -> None:
    """A finding quotes 60 characters of a name or a value, and a terminal shows 80 of a line."""
    for number, spelling in enumerate(SPELLINGS if EVERY else ["as it is", "HTML"]):
        key = make(Random(number))  # noqa: S311  # a test's choice
        written = SPELLINGS[spelling](key)
        for at in range(0, min(len(written) + 2, 60), 1 if EVERY else 11):
            text = "x" * (59 - at) + written
            request = f'{{HOOK, "methd": "{text}", "{text}": 1, "headers": ["x-token-header: {key}", "{text}"]}}'
            Path("app.json").write_text(f'{{"request": {request.replace("HOOK", HOOK)}}}')
            for output, terminal in (("text", True), ("json", False)):
                done = cli("validate", "app.json", "--output-format", output, terminal=terminal)
                search(leaks, key, f"{spelling}, {at}, {output}", done, 6)


def file(name: str) -> str:
    return Path(name).read_text() + " " if Path(name).exists() else " "


def edited(text: str) -> str:
    """What an editor shows of the findings."""
    found = Analysis(text, "app.json", Settings()).checked.findings
    return repr([(one.message, one.help, one.related, one.fix and one.fix.title) for one in found]) + " "


def summary(cli: Cli, _text: str, one: list[str]) -> str:
    cli(*one, "--output-format", "github", env={"GITHUB_STEP_SUMMARY": "summary"})
    return file("summary")


def report_file(cli: Cli, _text: str, one: list[str]) -> str:
    cli(*one, "--output-format", "sarif=file", "--unsafe-fixes", "-v")
    return file("file")


# What else shows something of a document, besides a report and a diff of `validate`.
OTHERS: tuple[Callable[[Cli, str, list[str]], Result | str], ...] = (
    lambda cli, *_: cli("send", "app.json", *NOWHERE, "--dry-run"),
    lambda cli, *_: cli("send", "app.json", *NOWHERE, "--dry-run", "--json"),
    lambda cli, *_: cli("send", "app.json", *NOWHERE),
    lambda cli, *_: cli("generate", *URL, "-o", "app.json", "--force", "--diff"),
    lambda cli, *_: cli("generate", *URL, "--into", "app.json", "--force", "--diff", "--json"),
    lambda cli, *_: cli("listen", "--app", "app.json", "--timeout", "0.01"),
    lambda cli, _text, one: cli(*one, "--color", "always", terminal=True),
    lambda _cli, text, _one: edited(text),
    lambda _cli, text, _one: repr([one._replace(fix=None) for one in mcapp.validate(text).findings]) + " ",
    lambda cli, _text, one: cli(*one, "--unsafe-fixes", "-v"),
    lambda cli, text, _one: cli("validate", "-", "--unsafe-fixes", stdin=text)._replace(out=""),
    lambda cli, _text, one: cli(*one[:2], "--suppress-all", "--reason", "r", "--config", "suppress.toml"),
    summary,
    report_file,
)


# --- a server that gives the key back


def message(text: str) -> bytes:
    return http("401 Unauthorized", json.dumps({"status": "error", "message": text}))


def detail(text: str) -> bytes:
    content = {"status": "error", "message": "m", "details": {"messages": {"a": [{"message": text}]}}}
    return http("400 Bad Request", json.dumps(content))


def fields(text: str) -> bytes:
    return http("400 Bad Request", json.dumps({"status": "error", text: 1, "details": {"messages": {text: ["a"]}}}))


# Where an answer may have a text, and where it is cut behind that: in characters, from the beginning of the text.
ANSWERS: dict[str, tuple[Callable[[str], bytes], tuple[int, ...]]] = {
    "message": (message, (199, 500)),
    "detail": (detail, (196, 500)),
    "fields": (fields, ()),
    "status": (lambda text: http("403 Forbidden", json.dumps({"status": text})), ()),
    "type": (lambda text: http("200 OK", "{}", Content_Type=text), (60,)),
    "encoding": (lambda text: http("200 OK", "{}", Content_Encoding=text), (40,)),
    "place": (lambda text: http("302 Found", Location=text), ()),
    "host": (lambda text: http("302 Found", Location=f"http://{text}/login"), ()),
    "phrase": (lambda text: http(f"400 {text}"), ()),
    "header": (lambda text: http("200 OK", "{}", X_Echo=text), ()),
    "text": (lambda text: http("400 Bad Request", text, Content_Type="text/plain"), (2000,)),
    "page": (lambda text: http("200 OK", f"<html>{text}", Content_Type="text/html"), (1994, 194)),
}
PROBE = ("--rate", "2000", "--only", "GET /fb/page/getInfo,GET /fb/page/getTags")
BLOCK = (
    '{"request": {"url": "https://example.com/h", "method": "POST", "headers": ["x-token-header: {{app_token}}"],'
    ' "payload": {"app_token": "{{app_token}}", "page_id": "{{page_id}}"}}}'
)


def asked(cli: Cli, base_url: str, key: str, number: int) -> Iterator[tuple[str, Result | str]]:
    """What probe and send show of the answer, each in one format."""
    env = {"MANYCHAT_APP_KEY": key}
    output = list(PROBE_FORMATS)[number % len(PROBE_FORMATS)]
    more = ("--record", "record.json") if number % 3 == 0 else ("-v",)
    yield f"probe, {output}", cli("probe", "--base-url", base_url, *PROBE, *more, "--output-format", output, env=env)
    yield "record", file("record.json")
    output = ("text", "json")[number % 2]
    block = ("send", "block.json", "--to", f"{base_url}/hook", "--key", "MANYCHAT_APP_KEY")
    yield f"send, {output}", cli(*block, "--output-format", output, env=env)
    if number % 4 == 0:
        output = ("text", "json", "jsonl", "csv", "markdown")[number // 4 % 5]
        rows = json.dumps({"key": key, "name": f"shop-{key}" if number % 8 else "shop", "page_id": key})
        fleet = ("fleet", "check", "--keys", "-", "--base-url", base_url, "--rate", "2000", "--state", "state")
        yield f"fleet, {output}", cli(*fleet, "--output-format", output, stdin=rows)
        yield "fleet report", cli("fleet", "report", "--state", "state")
        yield "state", Path("state").read_bytes().decode("latin-1")


def test_in_an_answer(cli: Cli, echo: Echo, leaks: Leaks) -> None:
    Path("block.json").write_text(BLOCK)
    for number in range(COUNT // 6):
        _, key, spelling, written = case_of(number)
        place = list(ANSWERS)[number % 12]
        answer = ANSWERS[place][0](f"the key {written}." if place not in ("host", "type", "encoding") else written)
        echo.answer = lambda _, answer=answer: answer  # type: ignore[misc]
        for what, output in asked(cli, echo.base_url, key, number):
            search(leaks, key, f"{number}: {place}, {spelling}, {what}", output, 6)


@pytest.mark.parametrize("place", [place for place, (_, cuts) in ANSWERS.items() if cuts])
def test_around_every_cut_of_an_answer(cli: Cli, echo: Echo, leaks: Leaks, place: str) -> None:
    """The filler before the key grows until every cut has fallen between all its characters."""
    Path("block.json").write_text(BLOCK)
    make_answer, cuts = ANSWERS[place]
    number = 0
    for cut in cuts:
        for spelling in SPELLINGS if EVERY else list(SPELLINGS)[cut % 10 : cut % 10 + 1]:
            key = make(Random(number))  # noqa: S311  # a test's choice
            written = SPELLINGS[spelling](key)
            for at in range(len(written) + 2) if EVERY else [5, len(written) // 2]:
                number += 1
                answer = make_answer("x" * (cut - at) + written)
                echo.answer = lambda _, answer=answer: answer  # type: ignore[misc]
                for what, output in asked(cli, echo.base_url, key, number):
                    search(leaks, key, f"{place}, {spelling}, {cut} - {at}, {what}", output, 6)


# --- a delivery


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


NAMED = ("x-token-header: KEY",)
# Headers and body of a delivery, and its path; the key is known from a header, or by the name of the place.
DELIVERIES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "header": (NAMED, "", "/"),
    "bearer": (("Authorization: Bearer KEY",), "", "/"),
    "payload": ((), '{"app_token": "KEY"}', "/"),
    "nested": ((), '{"auth": {"access_token": ["KEY", {"a": "KEY"}]}}', "/"),
    "elsewhere": (NAMED, '{"page_id": "KEY", "note": "it is KEY", "KEY": 1}', "/"),
    "query": ((), "{}", "/?app_token=KEY&x=1"),
    "path": (NAMED, "{}", "/KEY?page_id=KEY"),
    "form": (("Content-Type: application/x-www-form-urlencoded",), "api_key=KEY&x=1", "/"),
    "XML": (("Content-Type: text/xml",), "<a><token>KEY</token></a>", "/"),
    "multipart": (
        ("Content-Type: multipart/form-data; boundary=b",),
        '--b\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\nKEY\r\n--b--',
        "/",
    ),
    "text": (NAMED, "a line\nwith KEY in it", "/"),
    "broken": (NAMED, '{"note": "KEY', "/"),
}


def arrived(place: str, key: str, written: str) -> Delivery:
    headers, body, target = DELIVERIES[place]
    # In a header the key is as it is; elsewhere as it is written.
    pairs = [header.replace("KEY", key).partition(": ") for header in headers]
    path, _, query = target.replace("KEY", quote(written)).partition("?")
    content = body.replace("KEY", quote(written) if place == "form" else written).encode()
    return Delivery(1, 0.5, "POST", path, query, tuple((name, value) for name, _, value in pairs), content, 200)


def shown(delivery: Delivery) -> Iterator[str]:
    """All that is made of a delivery; how `listen` prints it."""
    received = receive(delivery, None)
    yield mask(text(received, Style(on=False)))
    yield mask(json.dumps(row(received)))
    why = Rejected(404, f"no {delivery.path}", f"expected: {delivery.path}")
    refused = refusal(0.5, "POST", delivery.path, why)
    yield mask(refusal_text(refused, Style(on=False)))
    yield mask(json.dumps(refusal_row(refused)))


def test_in_a_delivery(leaks: Leaks) -> None:
    for number in range(COUNT // 6):
        _, key, spelling, written = case_of(number)
        place = list(DELIVERIES)[number % 12]
        delivery = arrived(place, key, written)
        for output in (*shown(delivery), save(Path(), receive(delivery, None)).read_text()):
            search(leaks, key, f"{number}: {place}, {spelling}", output)
        redact._loaded.clear()


@pytest.mark.parametrize("name", ["client_secret", "password", "credentials", "app_token"])
def test_in_a_form_s_part_with_a_key_s_name(leaks: Leaks, name: str) -> None:
    """Of letters alone it looks like any word."""
    key = "Zqbcdfghjklmnpqrstvwz"
    delivery = arrived("multipart", key, key)
    body = delivery.body.replace(b"client_secret", name.encode())
    for output in shown(delivery._replace(body=body)):
        search(leaks, key, name, output)


# Where a delivery is cut, in characters, and the places that come so far; one spelling each in the ordinary run.
CUTS = {100: ("path",), 200: ("elsewhere", "path"), 300: ("elsewhere", "text"), 65_536: ("text", "broken")}


def test_around_every_cut_of_a_delivery(leaks: Leaks) -> None:
    for number, (cut, places) in enumerate(CUTS.items()):
        for spelling in SPELLINGS if EVERY else list(SPELLINGS)[number : number + 1]:
            key = make(Random(number))  # noqa: S311  # a test's choice
            written = SPELLINGS[spelling](key)
            for at in range(0, len(written) + 2, 1 if EVERY else 17):
                for place in places:
                    for output in shown(arrived(place, key, "x" * (cut - at) + written)):
                        search(leaks, key, f"{place}, {spelling}, {cut} - {at}", output, 6)
                redact._loaded.clear()


# --- commands that listen, and those of the key store


def test_while_it_listens(cli: Cli, leaks: Leaks) -> None:
    for number in range(COUNT // 60 + 1):
        _, key, spelling, written = case_of(number * 5)
        output = ("text", "json", "jsonl")[number % 3]
        content = json.dumps({"app_token": key, "page_id": written, "note": f"it is {written}"})
        save = ["--save", "saved"] if number % 2 else ["--store-as", f"key-{number}"]
        done = at_work(
            cli,
            ["listen", "--once", "--timeout", "5", "--output-format", output, *save],
            lambda base, body=content, more=key: raw(base, f"/?token={quote(more)}", body, X_Token_Header=more),  # type: ignore[misc]
            MCAPP_KEY_STORE="file",
        )
        search(leaks, key, f"{number}: listen, {spelling}, {output}", done)
        for path in Path("saved").glob("*"):
            search(leaks, key, f"{number}: saved, {spelling}", path.read_text())


def test_while_it_emulates(cli: Cli, leaks: Leaks) -> None:
    for number in range(COUNT // 60 + 1):
        _, key, spelling, written = case_of(number * 5)
        output = ("text", "json")[number % 2]
        if number % 3:  # a key that it knows; else one that it is only sent
            Path("keys.toml").write_text(f"[[keys]]\nname = 'shop'\nkey = {json.dumps(key)}\nscopes = ['*']\n")
        known = ["--keys", "keys.toml"] if number % 3 else []
        content = json.dumps({"app_token": key, "message_tag": written, "data": {"a": [f"it is {written}"]}})

        def visit(base: str, key: str = key, written: str = written, content: str = content) -> None:
            path = f"/fb/page/getInfo?tag={quote(written)}&api_key={quote(key)}"
            raw(base, path, content, Authorization=f"Bearer {key}", Content_Type="application/json")
            raw(base, f"/fb/page/{quote(written)}", f"not JSON {written}", Authorization=f"Bearer {key}")

        words = ["emulate", "--timeout", "0.3", "--journal", "journal", *known, "--output-format", output]
        search(leaks, key, f"{number}: emulate, {spelling}, {output}", at_work(cli, words, visit))
        search(leaks, key, f"{number}: journal, {spelling}", file("journal"))


STORED = (
    ("keys", "add", "a", "--stdin"),
    ("keys", "add", "a", "--stdin"),
    ("keys", "add", "again", "--stdin"),
    ("keys", "add", "a", "--stdin", "--force"),
    ("keys", "list"),
    ("keys", "show", "a"),
    ("keys", "show", "a", "--reveal"),
    ("keys", "rename", "a", "b"),
    ("keys", "use", "b"),
    ("keys", "exec", "b", "--", "no-such-command"),
    ("doctor",),
    ("probe", "--key", "b", "--base-url", "ECHO", *PROBE),
    ("send", "block.json", *NOWHERE, "--key", "b"),
    ("keys", "remove", "b", "--yes"),
    ("keys", "show", "b"),
)


def test_in_the_store(cli: Cli, echo: Echo, leaks: Leaks, closed_off: Path) -> None:
    Path("block.json").write_text(BLOCK)
    for number in range(COUNT // 60 + 1):
        _, key, _, written = case_of(number)
        answer = message(written)
        echo.answer = lambda _, answer=answer: answer  # type: ignore[misc]
        paste = (
            key,
            f"Authorization: Bearer {key}\n",
            f'"app_token": "{key}"',
            f"x-token-header: {key}",
            f"{key} {key}",
        )
        for step, command in enumerate(STORED):
            words = tuple(word.replace("ECHO", echo.base_url) for word in command)
            at = words.index("--") if "--" in words else len(words)
            output = ["--json"] if (number + step) % 2 else []
            done = cli(*words[:at], *output, *words[at:], stdin=paste[number % 5], env={"MCAPP_KEY_STORE": "file"})
            search(leaks, key, f"{number}: {' '.join(words)}", done)
        for path in closed_off.rglob("*.toml"):
            if path.name != "keys.toml":
                search(leaks, key, f"{number}: {path.name}", path.read_text() + " ")
