"""`mcapp fleet check`: two rounds, what is stored, and how a check ends early."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mcapp.emulator.emulated_key import STATES
from mcapp.fleet import fleet_check, fleet_report
from mcapp.fleet.state_file import opened
from mcapp.scopes import run as running
from mcapp.terminal.console import Style
from mcapp.testing import Emulator
from tests.fleet.conftest import FLOWS, INFO, MARKER, TAGS, Fleet, calls, fits, know, listed
from tests.harness import Cli, Result


def verdicts(result: Result) -> dict[str, str]:
    return {row["name"]: row["verdict"] for row in fits(result.json())["keys"]}


def test_every_state_of_a_key(fleet: Fleet, emulator: Emulator) -> None:
    keys = {
        1: know(emulator, 1),
        2: know(emulator, 2, "uninstalled"),
        3: know(emulator, 3, "revoked"),
        4: know(emulator, 4, scopes=()),
        5: know(emulator, 5, scopes=(INFO,)),
        6: know(emulator, 6, "account"),
    }
    result = fleet("check", "--keys", listed("keys.jsonl", keys), "--expect", TAGS, "--json")
    assert result.code == 1
    report = fits(result.json())
    summary = {"working": 3, "uninstalled": 1, "rejected": 1, "no-scope-or-unknown": 1, "unreachable": 0, "unclear": 0}
    assert report["summary"] == {"keys": 6, **summary}
    assert report["lacking"] == [{"scope": TAGS, "keys": 1}]
    assert report["dead_page_ids"] == ["1002"]
    # Only the key that answered 500 was asked once more; a working one stood by only if none was asked shortly before.
    asked = calls(emulator)
    assert asked["shop-1", INFO] == asked["shop-3", INFO] == asked["shop-5", TAGS] == 1
    assert asked["shop-2", INFO] > 1
    assert emulator.unchanged
    text = fleet("report").out
    assert text.startswith("3 of 6 keys work\n")
    assert "uninstalled          1" in text
    assert f"{TAGS}  1 of 3 keys" in text


def test_what_probe_says_of_one_key_fleet_says_of_many(cli: Cli, fleet: Fleet, emulator: Emulator) -> None:
    """The same verdicts, whatever the state and the scopes; writes too."""
    scopes = [(), (INFO,), ("reads",), ("*",), (INFO, "POST /fb/page/createTag")]
    cases = [*(("working", each) for each in scopes), *((state, (INFO,)) for state in STATES if state != "working")]
    keys = {number: know(emulator, number, *case) for number, case in enumerate(cases)}
    expected = f"{TAGS},POST /fb/page/createTag,POST /fb/sending/sendFlow"
    options = ("--include-writes", "--expect", expected)
    found = fleet("check", "--keys", listed("keys.jsonl", keys), *options, "--json").json()["keys"]
    for number, key in keys.items():
        row = next(row for row in found if row["name"] == f"shop-{number}")
        probe = cli(
            "probe", "--base-url", emulator.base_url, "--rate", "5000", "--only", expected, *options, "--json",
            env={"MANYCHAT_APP_KEY": key},
        ).json()  # fmt: skip
        assert row["verdict"] == probe["key"]["verdict"]
        for word in ("granted", "denied"):
            assert set(row[word]) == {each["scope"] for each in probe["scopes"] if each["verdict"] == word}
    assert emulator.unchanged


def test_an_outage_calls_nobody_uninstalled(fleet: Fleet, emulator: Emulator) -> None:
    keys = {number: know(emulator, number) for number in range(12)}
    listed("keys.jsonl", keys)
    assert fleet("check", "--keys", "keys.jsonl").code == 0
    emulator.fault("exception")
    result = fleet("check", "--keys", "keys.jsonl")
    assert result.code == 3
    assert "12 keys answered with status 500, all of them: an outage" in result.out
    report = fits(fleet("report", "--json").json())
    assert (report["summary"]["unclear"], report["summary"]["uninstalled"], report["outage"]) == (12, 0, True)
    # Once it is over, the same check goes on.
    emulator.clear_faults()
    result = fleet("check", "--keys", "keys.jsonl", "--resume")
    assert (result.code, result.out.splitlines()[0]) == (0, "12 of 12 keys work")


def test_after_an_outage_the_first_keys_of_the_list_may_all_be_uninstalled(fleet: Fleet, emulator: Emulator) -> None:
    keys = {number: know(emulator, number, "uninstalled" if number < 12 else "working") for number in range(13)}
    emulator.fault("exception")
    assert fleet("check", "--keys", listed("keys.jsonl", keys)).code == 3
    emulator.clear_faults()
    report = fits(fleet("check", "--keys", "keys.jsonl", "--resume", "--json").json())
    assert (report["summary"]["uninstalled"], report["summary"]["working"], report["errors"]) == (12, 1, [])


def test_while_an_outage_lasts_a_resumed_check_asks_a_few_keys_alone(
    fleet: Fleet, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_check, "_SAMPLE", 3)
    monkeypatch.setattr(running, "BACKOFF", 0.01)
    path = listed("keys.jsonl", {number: know(emulator, number) for number in range(60)})
    emulator.fault("exception")
    assert fleet("check", "--keys", path).code == 3
    before = len(emulator.journal)
    assert fleet("check", "--keys", path, "--resume").code == 3
    assert len({call.key for call in emulator.journal[before:]}) < 45  # 3 of them, about, and those of the second round


def test_the_report_fits_a_terminal(fleet: Fleet, emulator: Emulator) -> None:
    emulator.fault("exception")
    fleet("check", "--keys", listed("keys.jsonl", {number: know(emulator, number) for number in range(2)}))
    with opened("state", write=False) as state:
        text = fleet_report.render_text(fleet_report.report(state), Style(on=False), 50)
    assert "all of them: an\noutage rather than" in text
    assert max(map(len, text.splitlines())) <= 50


def test_an_outage_that_begins_in_the_middle(fleet: Fleet, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys that worked before it prove nothing any more: one of them is asked again and answers 500."""
    monkeypatch.setattr(fleet_check, "_FRESH", 0.0)
    keys = {number: know(emulator, number) for number in range(24)}
    plain = emulator.answer

    def answer(call: object) -> object:
        if len(emulator.journal) == 10:
            emulator.fault("exception")
        return plain(call)  # type: ignore[arg-type]  # what the server gives it

    monkeypatch.setattr(emulator, "answer", answer)
    result = fleet("check", "--keys", listed("keys.jsonl", keys), "--json")
    assert result.code == 3
    summary = result.json()["summary"]
    assert summary["uninstalled"] == 0
    assert summary["working"] + summary["unclear"] == 24
    assert [error["code"] for error in result.json()["errors"]] == ["outage"]


def test_without_a_fresh_answer_a_key_that_works_is_asked_again(
    fleet: Fleet, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_check, "_FRESH", 0.2)
    monkeypatch.setattr(running, "BACKOFF", 0.1)  # the second round takes 0.3 s for a key that answers 500
    keys = {1: know(emulator, 1), 2: know(emulator, 2, "uninstalled"), 3: know(emulator, 3)}
    result = fleet("check", "--keys", listed("keys.jsonl", keys), "--json")
    assert verdicts(result) == {"shop-1": "working", "shop-2": "uninstalled", "shop-3": "working"}
    asked = calls(emulator)
    assert sorted((asked["shop-1", INFO], asked["shop-3", INFO])) == [1, 2]


def test_a_lone_500_is_asked_again_in_the_second_round(fleet: Fleet, emulator: Emulator) -> None:
    keys = {number: know(emulator, number) for number in range(5)}
    emulator.fault("exception", times=1)
    result = fleet("check", "--keys", listed("keys.jsonl", keys), "--json")
    assert result.code == 0
    assert result.json()["summary"]["working"] == 5
    numbers = [call.key for call in emulator.journal]
    assert len(numbers) == 6
    assert numbers[0] == numbers[-1]


@pytest.mark.parametrize("kind", ["html", "404", "500", "reset", "truncated", "redirect", "status-error", "401"])
def test_what_says_nothing_is_asked_again(fleet: Fleet, emulator: Emulator, kind: str) -> None:
    keys = {1: know(emulator, 1), 2: know(emulator, 2)}
    emulator.fault(kind, times=1)
    result = fleet("check", "--keys", listed("keys.jsonl", keys))
    assert (result.code, result.out.splitlines()[0]) == (0, "2 of 2 keys work")


def test_a_429_pauses_all_and_many_in_a_row_end_the_check(fleet: Fleet, emulator: Emulator) -> None:
    keys = {number: know(emulator, number) for number in range(30)}
    emulator.fault("429", number=0, times=2)
    assert fleet("check", "--keys", listed("keys.jsonl", keys)).code == 0
    emulator.reset()
    plain = emulator.answer

    def answer(call: object) -> object:
        if len(emulator.journal) == 10:
            emulator.fault("429", number=0)
        return plain(call)  # type: ignore[arg-type]  # as above

    emulator.answer = answer  # type: ignore[method-assign, assignment]  # as above
    result = fleet("check", "--keys", "keys.jsonl", "--json")
    assert result.code == 3
    report = fits(result.json())
    assert [error["code"] for error in report["errors"]] == ["rate-limit"]
    assert report["complete"] is False
    found = report["summary"]["keys"]
    assert report["summary"]["working"] == found
    assert 6 <= found <= 10
    assert len(emulator.journal) <= 10 + 3 + 4  # what was on its way
    emulator.answer = plain  # type: ignore[method-assign]
    emulator.clear_faults()
    result = fleet("check", "--keys", "keys.jsonl", "--resume")
    assert (result.code, result.out.splitlines()[0]) == (0, "30 of 30 keys work")


def test_a_network_that_is_down_ends_the_check(cli: Cli) -> None:
    rows = [f"made-up-{number:04}-key" for number in range(100)]
    Path("keys.csv").write_text("key\n" + "\n".join(rows) + "\n", encoding="utf-8")
    options = ("--state", "state", "--base-url", "http://127.0.0.1:1", "--rate", "5000")
    result = cli("fleet", "check", "--keys", "keys.csv", *options, "--json")
    assert result.code == 3
    assert result.json()["errors"][0]["code"] == "unreachable"
    assert 20 <= result.json()["summary"]["unreachable"] <= 24


def test_a_scope_that_all_lost_at_once_is_one_line(fleet: Fleet, emulator: Emulator) -> None:
    keys = {number: know(emulator, number, scopes=(INFO, TAGS, FLOWS)) for number in range(12)}
    listed("keys.jsonl", keys)
    assert fleet("check", "--keys", "keys.jsonl", "--expect", f"{TAGS},{FLOWS}").code == 0
    for number in keys:
        know(emulator, number, scopes=(INFO, *((FLOWS,) if number else ())))
    result = fleet("check", "--keys", "keys.jsonl", "--expect", f"{TAGS},{FLOWS}")
    assert result.code == 1
    (line,) = [line for line in result.out.splitlines() if "all 12 keys that had it lost it" in line]
    assert line.startswith(TAGS)
    report = fits(fleet("report", "--json").json())
    assert report["changes"]["reviews"] == [TAGS]
    assert report["changes"]["lost"] == [{"scope": FLOWS, "keys": 1}, {"scope": TAGS, "keys": 12}]


def test_since_leaves_out_what_was_asked_lately(fleet: Fleet, emulator: Emulator) -> None:
    keys = {number: know(emulator, number) for number in range(4)}
    fleet("check", "--keys", listed("keys.jsonl", keys))
    keys[9] = know(emulator, 9)
    emulator.reset()
    result = fleet("check", "--keys", listed("keys.jsonl", keys), "--since", "7d")
    assert result.out.splitlines()[0] == "5 of 5 keys work"
    assert [call.key for call in emulator.journal] == ["shop-9"]
    # A key that is no longer in the list is no longer in the report.
    del keys[0]
    assert fleet("check", "--keys", listed("keys.jsonl", keys), "--since", "7d").out.startswith("4 of 4 keys work")
    # One that was left out is asked where it has to be seen whether ManyChat answers at all.
    keys[10] = know(emulator, 10, "uninstalled")
    result = fleet("check", "--keys", listed("keys.jsonl", keys), "--since", "7d", "--json")
    assert result.json()["summary"]["uninstalled"] == 1


def test_a_check_is_resumed_only_if_it_asks_the_same(fleet: Fleet, emulator: Emulator) -> None:
    listed("keys.jsonl", {1: know(emulator, 1)})
    fleet("check", "--keys", "keys.jsonl", "--expect", TAGS)
    result = fleet("check", "--keys", "keys.jsonl", "--resume")
    assert result.code == 2
    assert "asked something else" in result.err
    emulator.reset()
    assert fleet("check", "--keys", "keys.jsonl", "--resume", "--expect", TAGS).code == 0
    assert not emulator.journal


def test_shards_and_merge(fleet: Fleet, cli: Cli, emulator: Emulator) -> None:
    keys = {number: know(emulator, number, "uninstalled" if number == 7 else "working") for number in range(20)}
    listed("keys.jsonl", keys)
    where = ("--base-url", emulator.base_url, "--rate", "5000")
    for number in (1, 2, 3):
        part = ("--state", f"part-{number}", "--shard", f"{number}/3")
        cli("fleet", "check", "--keys", "keys.jsonl", *part, *where)
    assert all(number == 1 for (key, _), number in calls(emulator).items() if key != "shop-7")
    for _ in range(2):  # twice is as good as once
        result = fleet("merge", "part-1", "part-2", "part-3")
        assert result.code == 0
    report = fits(fleet("report", "--json").json())
    assert report["summary"]["keys"] == 20
    assert report["dead_page_ids"] == ["1007"]
    assert fleet("merge", "state").code == 1
    assert fits(fleet("report", "--since", "99999w", "--json").json())["changes"]["since"].startswith("01")


def test_variables_and_standard_input(fleet: Fleet, emulator: Emulator) -> None:
    one, two, gone = know(emulator, 1), know(emulator, 2), know(emulator, 3, "uninstalled")
    result = fleet("check", "--env-prefix", "SHOP_", "--json", env={"SHOP_ONE": one, "SHOP_TWO": two})
    assert verdicts(result) == {"ONE": "working", "TWO": "working"}
    row = json.dumps({"key": one, "name": True, "page_id": False})
    assert verdicts(fleet("check", "--keys", "-", "--json", stdin=row)) == {"": "working"}
    rows = f"key;page_id;name\n{one};5;Löwe\n{gone};6;=1+1\n{two};7;\n{one};5;twice\n"
    result = fleet("check", "--keys", "-", "--json", stdin=rows)
    assert verdicts(result) == {"Löwe": "working", "=1+1": "uninstalled", "": "working"}
    assert "'=1+1" in fleet("report", "--output-format", "csv").out


def test_a_write_that_is_accepted_stops_everything(
    fleet: Fleet, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mcapp.emulator.account import success

    keys = {number: know(emulator, number, scopes=("*",)) for number in range(20)}
    plain = emulator._right
    monkeypatch.setattr(
        emulator, "_right",
        lambda call: success() if call.method == "POST" and "shop" in str(emulator._keys.get(call.key))
        else plain(call),
    )  # fmt: skip
    options = ("--include-writes", "--expect", "POST /fb/page/createTag,POST /fb/sending/sendFlow")
    result = fleet("check", "--keys", listed("keys.jsonl", keys), *options, "--json")
    assert result.code == 3
    assert result.json()["errors"][0]["code"] == "write-accepted"
    assert sum(call.method == "POST" and call.status == 200 for call in emulator.journal) <= 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no key for this check"),
        ("name,page_id\na,b\n", "no column `key`"),
        ('{"key": "marker4711-abc"}\n{"name": "x"}\n', "keys:2 has no `key`"),
        ('{"key": "marker4711-abc"}\n{"key": "marker4711\n', "keys:2 is not a JSON object"),
        ('{"key": "marker4711-abc"}\n{"key": "mark er4711-abc"}\n', "keys:2: character 5 of 15 is a space"),
        ("key\n{{app_token}}\n", "keys:2: this is a placeholder"),
        ("key\n" + "x" * 200_000, "a line of more than 100,000 bytes"),
        (b"key\n\xff\xfe\n", "keys:2 is not UTF-8 text"),
        (b"k\0e\0y\0\n\0", "no column `key`"),
        ('{"key": 5}\n', "keys:1 has no `key`"),
        ("[" * 50_000, "no column `key`"),
        ('{"a":' * 20_000, "keys:1 is not a JSON object"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_before_anything_is_sent(
    fleet: Fleet, emulator: Emulator, text: str | bytes, message: str
) -> None:
    Path("keys").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = fleet("check", "--keys", "keys")
    assert result.code == (4 if not text else 2)
    assert message in " ".join(result.err.split())
    assert MARKER not in result.err
    assert not emulator.journal
    assert not Path("state").exists()


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--keys", "keys", "--env-prefix", "A"),
        ("--env-prefix", ""),
        ("--keys", "keys", "--shard", "3/2"),
        ("--keys", "keys", "--shard", "x"),
        ("--keys", "keys", "--since", "yesterday"),
        ("--keys", "keys", "--expect", "GET /fb/page/nothing"),
        ("--keys", "keys", "--expect", "POST /fb/page/createTag"),
        ("--keys", "keys", "--expect", "POST /fb/subscriber/createSubscriber", "--include-writes"),
        ("--keys", "missing"),
    ],
)
def test_options_that_cannot_be_meant(fleet: Fleet, emulator: Emulator, args: tuple[str, ...]) -> None:
    Path("keys").write_text("key\nmade-up-key-1\n", encoding="utf-8")
    assert fleet("check", *args).code == 2
    assert not emulator.journal


def test_a_write_that_must_be_named_is_never_sent(fleet: Fleet) -> None:
    Path("keys").write_text("key\nmade-up-key-1\n", encoding="utf-8")
    named = ("--expect", "POST /fb/subscriber/createSubscriber", "--include-writes")
    assert "leave it out of the expectation" in fleet("check", "--keys", "keys", *named).err


def test_too_fast_for_manychat(cli: Cli) -> None:
    assert cli("fleet", "check", "--keys", "keys", "--rate", "11").code == 2


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\0" + bytes(100), b"\0" * 4096, bytes(range(256)) * 40])
def test_what_is_not_a_state(fleet: Fleet, emulator: Emulator, content: bytes) -> None:
    listed("keys.jsonl", {1: know(emulator, 1)})
    Path("state").write_bytes(content)
    Path("state").chmod(0o600)
    for command in (("report",), ("check", "--keys", "keys.jsonl")):
        result = fleet(*command)
        assert result.code == 2, command
        assert "cannot be used" in result.err
    assert Path("state").read_bytes() == content
    assert not emulator.journal


def test_another_programs_database(fleet: Fleet, emulator: Emulator) -> None:
    import sqlite3

    listed("keys.jsonl", {1: know(emulator, 1)})
    connection = sqlite3.connect("state")
    connection.execute("CREATE TABLE run (id INTEGER)")
    connection.close()
    Path("state").chmod(0o600)
    assert "it is not the state of a fleet" in fleet("report").err
    assert fleet("check", "--keys", "keys.jsonl").code == 2


@pytest.mark.skipif(os.name != "posix", reason="modes and links as POSIX has them")
def test_the_state_is_private(fleet: Fleet, emulator: Emulator) -> None:
    listed("keys.jsonl", {1: know(emulator, 1)})
    fleet("check", "--keys", "keys.jsonl")
    assert Path("state").stat().st_mode & 0o777 == 0o600
    Path("state").chmod(0o644)
    assert "can be accessed by other users" in fleet("check", "--keys", "keys.jsonl").err
    Path("state").rename("elsewhere")
    Path("state").symlink_to("elsewhere")
    assert fleet("check", "--keys", "keys.jsonl").code == 2


def test_two_checks_at_once_are_refused(fleet: Fleet, emulator: Emulator) -> None:
    listed("keys.jsonl", {1: know(emulator, 1)})
    with opened("state", write=True):
        result = fleet("check", "--keys", "keys.jsonl")
        assert (result.code, "another mcapp fleet uses state" in result.err) == (2, True)


def test_reports_before_and_after(fleet: Fleet, emulator: Emulator) -> None:
    assert "does not exist" in fleet("report").err
    keys = {1: know(emulator, 1), 2: know(emulator, 2)}
    fleet("check", "--keys", listed("keys.jsonl", keys))
    know(emulator, 2, "uninstalled")
    fleet("check", "--keys", "keys.jsonl")
    assert "working -> uninstalled  1 key" in fleet("report").out
    lines = [fits_line(json.loads(line)) for line in fleet("report", "--output-format", "jsonl").out.splitlines()]
    assert [line["type"] for line in lines] == ["key", "key", "summary"]
    rows = {line["name"]: line for line in lines[:2]}
    assert rows["shop-2"]["before"] == "working"
    assert rows["shop-1"]["since"] <= rows["shop-2"]["since"]
    assert "| working -&#62; uninstalled | 1 key |" in fleet("report", "--output-format", "markdown").out
    assert fits(fleet("report", "--since", "1w", "--json").json())["changes"]["verdicts"] == []


def fits_line(line: dict[str, Any]) -> dict[str, Any]:
    import jsonschema

    from mcapp import schemas

    schema = json.loads(schemas.text("fleet"))
    jsonschema.validate(line, {**schema["$defs"][f"{line['type']}_line"], "$defs": schema["$defs"]})
    return line


def test_a_report_can_be_made_meanwhile(fleet: Fleet, emulator: Emulator) -> None:
    from mcapp.fleet.state_file import Asked, Found, Installation, opened

    with opened("state", write=True) as state:
        run = state.begin(Asked("loopback", emulator.base_url))
        state.store(run, Installation("0" * 16, "shop"), Found("working", status=200))
        result = fleet("report", "--json")
    assert fits(result.json())["summary"]["working"] == 1
    assert (result.code, result.json()["complete"]) == (3, False)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("verdict", "\x1b[31mworking"), ("verdict", "unheard-of"), ("at", "now\n::error::"), ("status", "\x1b[31m")),
        *(("granted", "[1]"), ("granted", r'["\u001b[31m"]'), ("denied", "[" * 9000)),
    ],
)
def test_a_damaged_state_is_an_error(fleet: Fleet, emulator: Emulator, column: str, value: object) -> None:
    import sqlite3

    fleet("check", "--keys", listed("keys.jsonl", {1: know(emulator, 1)}))
    with sqlite3.connect("state") as connection:
        connection.execute(f"UPDATE result SET {column} = ?", (value,))  # noqa: S608  # the names above
    connection.close()
    for name in ("json", "csv", "text"):
        result = fleet("report", "--output-format", name)
        assert "\x1b" not in result.out
        assert result.code == 2, name


def test_text_of_a_state_from_elsewhere_is_made_visible(fleet: Fleet, emulator: Emulator) -> None:
    import sqlite3

    fleet("check", "--keys", listed("keys.jsonl", {1: know(emulator, 1, "uninstalled"), 2: know(emulator, 2)}))
    with sqlite3.connect("state") as connection:
        connection.execute("UPDATE key SET page_id = char(27) || char(10) || '::error::'")
    for name in fleet_report.FORMATS:
        result = fleet("report", "--output-format", name)
        assert "\x1b" not in result.out
        assert "\n::error" not in result.out
        assert result.code == 1
    with connection:
        connection.execute("UPDATE run SET started = char(27)")
    connection.close()
    assert fleet("report").code == 2
