"""A recording holds no key and nothing from the account, fits its schema, and replays to the same verdicts."""

import json
import random
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcapp import schemas
from mcapp.api import probe
from mcapp.emulator.manychat import Replay
from mcapp.errors import InputProblem
from mcapp.keys.secret import Secret
from mcapp.net.target import choose
from mcapp.scopes import plan as planning
from mcapp.scopes import recording
from mcapp.scopes.plan import Limits, Selection
from mcapp.scopes.recording import known_words, outline
from mcapp.scopes.report import ProbeReport
from mcapp.scopes.verdicts import run_probe
from mcapp.testing import Emulator
from tests.harness import Cli
from tests.scopes.conftest import Probe
from tests.scopes.test_hostile_answers import server

pytestmark = pytest.mark.usefixtures("quick_retries")

KEY = "987654:fakefakefakefakefake"
# In headers, bodies, messages, field names and the query.
MARKERS = ("Zaphod", "beeblebrox", "987654", "4242424242", "fakefake", "zb@example.invalid", "Москва")


def refused(message: str, messages: object) -> dict[str, Any]:
    return {"status": "error", "message": message, "details": {"messages": messages}}


def planted(draw: random.Random) -> bytes:
    """An answer of some kind, with a marker wherever it has room."""
    mark = draw.choice(MARKERS)
    said: dict[str, Any] = draw.choice(
        [
            {"status": "success", "data": {"id": 4242424242, "name": mark, mark: {"email": mark}}},
            {"status": "success", "data": [{"id": "4242424242", "custom_fields": [{"name": mark, "value": mark}]}]},
            {"status": "error", "message": "Wrong access token"},
            {"status": "error", "message": f"Wrong access token {mark}"},
            {
                "status": "error",
                "message": "Validation error",
                "details": {"messages": [{"message": f"{mark} must be {mark}"}]},
            },
            {
                "status": "error",
                "message": f"{mark} does not exist",
                "details": {"messages": {mark: [f"{mark}: tag_id cannot be blank."]}},
            },
            {"status": "error", "message": f"Contact {mark} of {mark}", "code": 4242424242},
            {"status": mark, "message": mark, mark: mark, "code": 2011},
            {"status": "exception", "message": "Something went wrong"},
        ]
    )
    body = draw.choice([json.dumps(said).encode()] * 6 + [mark.encode(), b"<html>" + mark.encode(), b""])
    status = draw.choice([200, 200, 302, 400, 400, 401, 401, 404, 429, 500, 503, 204, 304])
    kind = draw.choice([b"application/json"] * 4 + [b"text/" + mark.encode()])
    encoding = draw.choice([b""] * 5 + [b"Content-Encoding: " + mark.encode() + b"\r\n"])
    if draw.random() < 0.1:
        return b""  # closed without an answer
    length = len(body) + draw.choice([0] * 9 + [50])
    head = b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nRetry-After: 0\r\n" % (status, mark.encode(), kind)
    head += b"Location: http://%s/\r\nX-Zaphod: 1\r\n%sContent-Length: %d\r\n" % (mark.encode(), encoding, length)
    return head + b"Connection: close\r\n\r\n" + body


def verdicts(report: ProbeReport) -> dict[str, str]:
    return {result.scope: result.verdict for result in report.scopes}


@pytest.mark.parametrize("seed", range(6))
def test_a_recording_has_no_data_and_replays_to_the_same_verdicts(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  # not for secrets
    limits = Limits(rate=5000, concurrency=1, timeout=0.5, deadline=30)
    exchanges: list[recording.Exchange] = []
    with server(lambda: planted(draw)) as (base_url, _):
        plan = planning.build(choose(base_url), Selection(include_writes=True))
        first = run_probe(plan, Secret(KEY), limits, record=exchanges)
    recording.write("run.json", plan, exchanges, complete=True)
    text = Path("run.json").read_text(encoding="utf-8")
    for marker in (*MARKERS, base_url.partition("//")[2], plan.random, plan.stranger):
        assert marker not in text
    jsonschema.validate(json.loads(text), json.loads(schemas.text("recording")))
    with Emulator(replay=Replay(recording.read("run.json"))) as emulator:
        plan = planning.build(choose(emulator.base_url), Selection(include_writes=True))
        again = run_probe(plan, Secret(KEY), limits)
    assert verdicts(again) == verdicts(first)
    assert (again.key and again.key.verdict) == (first.key and first.key.verdict)


def raw(
    status: int,
    said: Any = None,
    *,
    kind: str = "application/json",
    more: str = "",
    body: bytes | None = None,
    cut: int = 0,
) -> bytes:
    """An answer with markers in its reason and its headers; in its body too if `said` or `body` has them."""
    body = json.dumps(said).encode() if body is None else body
    head = f"HTTP/1.1 {status} Zaphod\r\nContent-Type: {kind}\r\nSet-Cookie: id={KEY}\r\nServer: beeblebrox\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body[: len(body) - cut]


PERSON = {"id": 4242424242, "name": "Zaphod", "email": "zb@example.invalid", "Москва": KEY}
SUCCESS = {"status": "success", "data": [PERSON], "message": f"Hello Zaphod {KEY}"}
HTML = b"<!doctype html><p>Zaphod beeblebrox " + KEY.encode()
CALIBRATION = [
    raw(401, {"status": "error", "message": text, **PERSON}) for text in ("Token is required", "Wrong token")
]
# One of every kind, after the key check and the calibration; None is no answer in time.
KINDS: list[bytes | None] = [
    raw(200, SUCCESS),
    *CALIBRATION,
    raw(401, {"status": "error", "message": "Wrong access token", "key": KEY, **PERSON}),
    raw(
        400, refused("Validation error", [{"message": "Zaphod must be beeblebrox"}, {"message": "tag_id is required"}])
    ),
    raw(400, refused("Validation error", {"Zaphod": {"message": ["Contact 4242424242 does not exist"]}})),
    raw(400, {"status": "error", "message": "Zaphod is not there", "code": 2011}),
    raw(400, {"status": "error", "message": "Validation error"}),
    raw(200, {"status": "error", "message": f"Flow of Zaphod: {KEY}"}),
    raw(500, {"status": "exception", "message": "Something went wrong", "data": PERSON}),
    raw(500, kind="text/html; name=Zaphod", body=HTML),
    raw(404, body=HTML),
    raw(302, more=f"Location: https://zb@example.invalid/{KEY}?name=Zaphod\r\n", body=HTML),
    raw(429, {"status": "error", "message": "Too many requests of Zaphod"}, more="Retry-After: 0\r\n"),
    raw(200, body=b'{"name": "Zaphod"'),
    raw(200, ["Zaphod", KEY]),
    raw(200, SUCCESS, kind="text/beeblebrox"),
    raw(200, SUCCESS, more="Content-Encoding: Zaphod\r\n"),
    raw(200, more="Content-Encoding: gzip\r\n", body=b"Zaphod " + KEY.encode()),
    raw(200, body=b'{"a": "' + b"Zaphod" * 340_000 + b'"}'),
    raw(200, SUCCESS, cut=20),
    b"",
    None,
    raw(401, {"status": "error", "message": f"Session of Zaphod {KEY} is over"}),
    raw(503, {"status": "Zaphod", "message": KEY}),
]


def test_every_kind_of_answer(cli: Cli) -> None:
    """By the commands themselves: `probe --record`, `emulate --replay`, `probe`."""
    once = [*CALIBRATION, *(kind for kind in KINDS if kind and b" 429 " in kind)]
    waiting = [*KINDS, *(kind for kind in KINDS * 4 if kind not in once)]

    def make() -> bytes:
        made = waiting.pop(0)
        if made is None:
            time.sleep(0.9)
        return made or b""

    options = ("--rate", "5000", "--concurrency", "1", "--timeout", "0.8", "--include-writes", "--json")
    env = {"MANYCHAT_APP_KEY": KEY}
    with server(make) as (base_url, _):
        first = cli("probe", "--base-url", base_url, *options, "--record", "run.json", env=env)
    text = Path("run.json").read_text(encoding="utf-8")
    for marker in (*MARKERS, base_url.partition("//")[2], "?", "Cookie", "cookie"):
        assert marker not in text
    document = json.loads(text)
    jsonschema.validate(document, json.loads(schemas.text("recording")))
    seen = {exchange["problem"] for exchange in document["exchanges"]}
    assert seen >= {"", "timeout", "too-large", "encoding", "html", "content-type", "not-json", "redirect", "reset"}
    assert {exchange["status"] for exchange in document["exchanges"]} >= {200, 302, 400, 401, 404, 429, 500, 503, None}
    with Emulator(replay=Replay(recording.read("run.json"))) as emulator:
        again = cli("probe", "--base-url", emulator.base_url, *options, env=env)
    assert (again.code, again.json()["key"]["verdict"]) == (first.code, first.json()["key"]["verdict"])
    rows = [[(row["scope"], row["verdict"]) for row in result.json()["scopes"]] for result in (first, again)]
    assert rows[0] == rows[1]
    assert {verdict for _, verdict in rows[0]} == {"granted", "denied", "inconclusive", "skipped"}


def test_the_commands(probe_command: Probe, emulator: Emulator) -> None:
    key = emulator.key(["reads", "POST /fb/sending/sendContent"])
    emulator.fault("html", "GET /fb/page/getFlows")
    made = probe_command(key, "--include-writes", "--record", "run.json")
    assert "read it before you publish it" in made.err
    text = Path("run.json").read_text(encoding="utf-8")
    assert "Ada" not in text
    assert key not in text
    assert "subscriber_id cannot be blank" in text
    with Emulator(replay=Replay(recording.read("run.json"))) as replayed:
        report = probe(key, base_url=replayed.base_url, include_writes=True, rate=2000)
    first = probe(key, base_url=emulator.base_url, include_writes=True, rate=2000)
    assert verdicts(report) == verdicts(first)
    # Only a recording is replaced.
    Path("notes.txt").write_text("do not lose this\n", encoding="utf-8")
    assert probe_command(key, "--record", "notes.txt").code == 1
    assert Path("notes.txt").read_text(encoding="utf-8") == "do not lose this\n"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema_version": 2, "exchanges": []}', '{"schema_version": 1, "exchanges": [{}]}', "[" * 9000],
)
def test_what_is_not_a_recording(text: str) -> None:
    Path("run.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputProblem, match="not a recording"):
        recording.read("run.json")


def test_what_is_kept() -> None:
    assert known_words("tag_id cannot be blank.") == "tag_id cannot be blank."
    assert known_words("Subscriber Ada Example (4711) does not exist") == "Subscriber …) does not exist"
    assert outline({"status": "success", "data": [{"id": 1, "name": "Ada", "shoe": 4}], "Ada": 1}) == {
        "status": "string",
        "data": [{"id": "integer", "name": "string", "…": "…"}],
        "…": "…",
    }


def test_what_a_recording_says_of_the_catalogue(probe_command: Probe, emulator: Emulator, cli: Cli) -> None:
    emulator.fault("404", "GET /fb/page/getFlows")
    emulator.fault("html", "GET /fb/page/getTags")
    probe_command(emulator.key(["reads", "POST /fb/page/createTag"]), "--include-writes", "--record", "run.json")
    result = cli("endpoints", "--compare", "run.json", "--json")
    jsonschema.validate(result.json(), json.loads(schemas.text("endpoints")))
    found = {row["scope"]: row["recorded"] and row["recorded"]["result"] for row in result.json()["endpoints"]}
    assert found["GET /fb/page/getInfo"] == "confirms"
    assert found["POST /fb/page/createTag"] == "confirms"
    assert found["GET /fb/page/getFlows"] == "contradicts"
    assert found["GET /fb/page/getTags"] == "open"
    assert found["POST /fb/subscriber/verifyBySignedRequest"] is None
    text = cli("endpoints", "--compare", "run.json").out
    assert "404: there is no such endpoint" in text
    assert "1 contradicted, 1 open" in text.splitlines()[-1]
