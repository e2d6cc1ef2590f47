"""What the environment puts on the key's way is named: beside "using the key", in reports, before anything is sent."""

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import jsonschema
import pytest

import mcapp.commands.keys
from mcapp import schemas
from mcapp.net.target import Route, choose
from mcapp.net.transport import route
from tests.harness import Cli
from tests.scopes.counting import Counting

KEY = "fake-key-fake-key"
PASSWORD = "opensesame"  # noqa: S105  # nobody's


@pytest.fixture
def counting() -> Iterator[Counting]:
    with Counting() as server:
        yield server


@pytest.fixture
def environment(counting: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """A proxy on this machine that opens no tunnel, an authority and a log; the route that a report then holds."""
    import certifi

    authorities, log = tmp_path / "own.pem", tmp_path / "tls.log"
    authorities.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@127.0.0.1:{counting.port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    monkeypatch.setenv("MANYCHAT_APP_KEY", KEY)
    return {
        "proxy": f"http://127.0.0.1:{counting.port} with credentials (HTTPS_PROXY)",
        "authorities": f"{authorities} (SSL_CERT_FILE)",
        "key_log": f"{log} (SSLKEYLOGFILE)",
    }


def check_talk(err: str, environment: dict[str, str | None]) -> None:
    text = " ".join(err.split())
    assert f"note: it goes through the proxy {environment['proxy']}" in text
    assert (
        f"by the authorities in {environment['authorities']}, not the usual ones: anyone who controls both can read"
        in text
    )
    assert f"note: with {environment['key_log']}, recorded traffic can be decrypted" in text
    assert PASSWORD not in err


def check_schema(name: str, document: object) -> None:
    jsonschema.Draft202012Validator(json.loads(schemas.text(name))).validate(document)


def test_probe_names_it(cli: Cli, environment: dict[str, str | None]) -> None:
    options = ["--only", "GET /fb/page/getInfo", "--rate", "10", "--timeout", "2", "--deadline", "2"]
    done = cli("probe", *options, "--json")
    assert done.code == 3
    assert done.err.index("using the key") < done.err.index("it goes through the proxy")
    check_talk(done.err, environment)
    report = done.json()
    check_schema("probe", report)
    assert report["route"] == environment
    for kind in ("text", "markdown", "github", "jsonl"):
        out = cli("probe", *options, "--output-format", kind).out
        assert f"{environment['proxy']}"[:20] in unescape(out), kind
        assert PASSWORD not in out


def test_send_names_it(cli: Cli, environment: dict[str, str | None]) -> None:
    headers = ["x-token-header: {{app_token}}", "x-page: {{page_id}}"]
    block = {"request": {"url": "https://hook.example/", "method": "POST", "headers": headers}}
    Path("app.json").write_text(json.dumps(block))
    options = ["--to", "https://hook.example/", "--key", "MANYCHAT_APP_KEY", "--allow-host", "hook.example"]
    done = cli("send", *options, "--json", "--timeout", "2")
    assert done.code == 3, done.err
    check_talk(done.err, environment)
    check_schema("send", {**done.json(), "errors": []})  # whose schema is in another file
    assert done.json()["route"] == environment
    made_up = cli("send", *options[:2], "--json", "--timeout", "2")
    assert made_up.json()["route"] is None


def test_keys_add_verify_names_it(
    cli: Cli, environment: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcapp.commands.keys, "_verified", lambda _secret: "ManyChat was asked: working")
    done = cli("keys", "add", "shop-a", "--stdin", "--store", "file", "--verify", "--json", stdin="another-fake-key-1")
    assert done.code == 0, done.err
    check_talk(done.err, environment)
    check_schema("keys", done.json())
    assert done.json()["route"] == environment
    unasked = cli("keys", "add", "shop-b", "--stdin", "--store", "file", "--json", stdin="another-fake-key-2")
    assert unasked.json()["route"] is None
    assert "proxy" not in unasked.err


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1"])
def test_nothing_is_on_the_way_to_this_machine(environment: dict[str, str | None], url: str) -> None:
    assert environment
    assert route(choose(url)) == Route()
    assert route(choose("https://127.0.0.1:1")).proxy == ""


def test_without_variables_there_is_nothing_to_say() -> None:
    assert route(choose()) == Route()
    assert Route().notes == ()
