"""What `mcapp listen` stores, and above all what it does not."""

import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mcapp.handover.deliveries import StoreOnArrival
from mcapp.keys.private_files import Folder, config_folder
from mcapp.keys.secret import Secret
from mcapp.keys.stores import Timeouts
from mcapp.keys.vault import Vault
from tests.harness import Cli
from tests.listen.conftest import Start, deliver, make_key, report

pytestmark = pytest.mark.usefixtures("_file_store")


@pytest.fixture
def _file_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCAPP_KEY_STORE", "file")


def stored() -> dict[str, str]:
    """The stored keys by name."""
    vault = Vault(Folder(config_folder()), Timeouts())
    return {entry.name: vault.read(entry).reveal() for entry in vault.index().shown}


def default() -> str:
    return Vault(Folder(config_folder()), Timeouts()).index().default


def run(start: Start, args: Sequence[str], keys: Sequence[int]) -> tuple[int, Any]:
    """Deliver these keys one after the other, then end the run: its exit code and its report."""
    running = start(*args, "--json")
    for number in keys:
        assert deliver(running.url, {"app_token": make_key(number), "page_id": f"10{number}"}).status == 200
    code, out, err = running.end(signal.SIGTERM)
    assert not [number for number in keys if make_key(number) in out + err]
    return code, report(out)


def test_the_key_is_stored_under_the_name_and_is_not_the_default(start: Start, cli: Cli) -> None:
    code, document = run(start, ["--store-as", "shop-a"], [1])
    assert code == 0
    assert stored() == {"shop-a": make_key(1)}
    assert default() == ""
    (row,) = document["stored"]
    assert (row["name"], row["page_id"], row["default"]) == ("shop-a", "101", False)
    assert document["deliveries"][0]["stored_as"] == "shop-a"
    assert cli("keys", "use", "shop-a").code == 0


def test_the_same_key_again_changes_nothing(start: Start) -> None:
    code, document = run(start, ["--store-as", "shop-a"], [1, 1])
    assert code == 0
    assert stored() == {"shop-a": make_key(1)}
    assert len(document["stored"]) == 1
    assert document["deliveries"][1]["notes"] == ["already stored as shop-a"]


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_second_key_replaces_nothing(start: Start, force: list[str]) -> None:
    code, document = run(start, ["--store-as", "shop-a", *force], [1, 2])
    assert code == 0
    assert stored() == {"shop-a": make_key(1)}
    second = document["deliveries"][1]
    assert second["stored_as"] is None
    assert second["notes"] == ["not stored: it differs from the key that was stored as shop-a"]


def test_a_name_that_is_taken_is_refused_before_anything_arrives(start: Start, cli: Cli) -> None:
    assert cli("keys", "add", "shop-a", "--stdin", stdin=make_key(7)).code == 0
    result = cli("listen", "--store-as", "shop-a", "--timeout", "20", "--json")
    assert result.code == 1
    assert [error["code"] for error in report(result.out)["errors"]] == ["exists"]
    assert "listening" not in result.err
    assert run(start, ["--store-as", "shop-b", "--once"], [1])[0] == 0
    assert (stored(), default()) == ({"shop-a": make_key(7), "shop-b": make_key(1)}, "shop-a")


def test_force_replaces_and_the_default_key_is_no_longer_one(start: Start, cli: Cli) -> None:
    assert cli("keys", "add", "shop-a", "--stdin", stdin=make_key(7)).code == 0
    assert default() == "shop-a"
    code, document = run(start, ["--store-as", "shop-a", "--force"], [1])
    assert code == 0
    assert (stored(), default()) == ({"shop-a": make_key(1)}, "")
    assert "mcapp keys use shop-a makes it so" in " ".join(document["deliveries"][0]["notes"])


def test_a_key_that_is_stored_under_another_name_is_not_stored_twice(start: Start, cli: Cli) -> None:
    assert cli("keys", "add", "shop-a", "--stdin", stdin=make_key(1)).code == 0
    code, document = run(start, ["--store-as", "shop-b"], [1])
    assert code == 1
    assert stored() == {"shop-a": make_key(1)}
    assert [error["code"] for error in document["errors"]] == ["stored-already"]


def test_who_takes_the_name_in_the_meantime_keeps_it(start: Start, cli: Cli) -> None:
    running = start("--store-as", "shop-a", "--json", "--once")
    assert cli("keys", "add", "shop-a", "--stdin", stdin=make_key(7)).code == 0
    deliver(running.url, {"app_token": make_key(1)})
    code, out, _ = running.end()
    assert code == 1
    assert [error["code"] for error in report(out)["errors"]] == ["exists"]
    assert stored() == {"shop-a": make_key(7)}


@pytest.mark.parametrize(
    "headers", [["Host: evil.example"], ["Origin: https://evil.example"], ["Sec-Fetch-Site: cross-site"]]
)
def test_nothing_is_stored_for_a_web_page(start: Start, headers: list[str]) -> None:
    running = start("--store-as", "shop-a", "--json")
    host = "evil.example" if headers[0].startswith("Host") else None
    extra = [] if host else headers
    assert deliver(running.url, {"app_token": make_key(1)}, *extra, host=host).status == 403
    code, out, _ = running.end(signal.SIGTERM)
    assert (code, report(out)["deliveries"], stored()) == (0, [], {})


@pytest.mark.parametrize("body", [{"x": "y"}, {"app_token": "{{app_token}}"}, {"note": make_key(1)}])
def test_what_is_no_key_for_certain_is_not_stored(start: Start, body: dict[str, str]) -> None:
    running = start("--store-as", "shop-a", "--json", "--once")
    deliver(running.url, body)
    code, out, err = running.end()
    assert (code, stored()) == (1, {})
    assert make_key(1) not in out + err


def test_two_hundred_at_once_store_one_key_and_mix_up_none(start: Start) -> None:
    running = start("--store-as", "shop-a", "--json")
    with ThreadPoolExecutor(200) as pool:
        answers = list(
            pool.map(lambda n: deliver(running.url, {"app_token": make_key(n), "page_id": str(n)}), range(200))
        )
    code, out, _ = running.end(signal.SIGTERM)
    assert code == 0
    assert {answer.status for answer in answers} == {200}
    rows = {row["number"]: row for row in report(out)["deliveries"]}
    assert sorted(rows) == list(range(1, 201))
    from hashlib import sha256

    for n, answer in enumerate(answers):
        row = rows[answer.content["delivery"]]
        assert row["values"] == {"page_id": str(n)}
        assert row["key"]["fingerprint"] == sha256(make_key(n).encode()).hexdigest()[:6]
    (kept,) = stored().values()
    assert kept in {make_key(n) for n in range(200)}
    assert sum(row["stored_as"] == "shop-a" for row in rows.values()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_storing_that_was_broken_off_lets_no_other_key_have_the_name(start: Start) -> None:
    for _ in range(4):  # Ctrl-C may come before, amid or after it
        running = start("--store-as", "shop-a", "--json")
        for number in (1, 2):
            deliver(running.url, {"app_token": make_key(number)})
        code, out, _ = running.end(signal.SIGINT)
        assert code == 130
        rows = report(out)["deliveries"]
        assert [row["stored_as"] for row in rows] == (["shop-a", None] if stored() else [None, None])
        assert stored() in ({}, {"shop-a": make_key(1)})
        if stored():
            return


@pytest.mark.parametrize("late", [False, True])
def test_a_storing_that_was_broken_off_too_late_is_owned_up_to(monkeypatch: pytest.MonkeyPatch, late: bool) -> None:
    vault = Vault(Folder(config_folder()), Timeouts())
    storing = StoreOnArrival(vault, name="shop-a", force=False, store="file")
    storing.prepare()

    put = vault._put

    def interrupted(*args: Any) -> None:
        if late:
            put(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(vault, "_put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        storing.keep(Secret(make_key(1)), "", ask=False)
    entry = storing.break_off(Secret(make_key(1)))
    assert [known.name for known in storing.entries] == (["shop-a"] if late else [])
    assert (entry in storing.entries) is late
    assert stored() == ({"shop-a": make_key(1)} if late else {})
    assert storing.keep(Secret(make_key(2)), "", ask=False) == "not stored"


def test_without_a_store_nothing_is_listened_for(cli: Cli) -> None:
    result = cli("listen", "--store-as", "shop-a", "--timeout", "20", "--json", env={"MCAPP_KEY_STORE": "system"})
    assert result.code == 4
    assert report(result.out)["errors"]
    assert "listening" not in result.err
