"""What every answer means: exactly 200 is success, everything else is explained."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mcapp.handover.outcome import BODY_LIMIT, SUCCESS, Answer, evaluate
from tests.harness import Cli
from tests.send.conftest import Endpoint, app, report


def test_exactly_200_is_success(cli: Cli, endpoint: Endpoint) -> None:
    app()
    result = cli("send", "--to", endpoint.url)
    assert result.code == 0
    assert "200 OK" in result.out
    assert "App Setup would show success: exactly 200" in result.out
    document = report(cli("send", "--to", endpoint.url, "--json"))
    assert document["app_setup"] == "success"
    assert document["answers"][0]["body"] == '{"ok": true}'


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (201, {}, "only 200 counts"),
        (202, {}, "only 200 counts"),
        (204, {}, "an empty answer: only 200 counts"),
        (301, {"Location": "https://example.com/there"}, "redirect to https://example.com/there"),
        (302, {"Location": "/login"}, "without a login"),
        (303, {"Location": "/users/sign_in?next=%2Finstall"}, "without a login"),
        (307, {}, "is not 200"),
        (400, {}, "did not accept"),
        (401, {}, "credentials"),
        (404, {}, "nothing is found at this path"),
        (405, {}, "does not take this method"),
        (415, {}, "content type"),
        (418, {}, "418 is not 200"),
        (429, {}, "limits calls"),
        (500, {"Content-Type": "text/html"}, "the endpoint failed with 500\n"),
        (503, {}, "failed with 503"),
    ],
)
def test_any_other_answer_is_an_error(
    cli: Cli, endpoint: Endpoint, status: int, headers: dict[str, str], words: str
) -> None:
    app()
    endpoint.status, endpoint.headers = status, headers
    result = cli("send", "--to", endpoint.url)
    assert result.code == 1
    assert "App Setup would show an error" in result.out
    assert words in result.out
    document = report(cli("send", "--to", endpoint.url, "--json"))
    assert (document["app_setup"], document["errors"]) == ("error", [])
    assert (document["answers"][0]["status"], document["answers"][0]["outcome"]) == (status, "failure")
    assert len(endpoint.arrived) == 2, "a redirect was followed"


def test_a_web_page_with_200_is_doubted(cli: Cli, endpoint: Endpoint) -> None:
    app()
    endpoint.body, endpoint.headers = b"<!DOCTYPE html><title>Log in</title>", {}
    result = cli("send", "--to", endpoint.url)
    assert result.code == 0
    assert "200, but with a web page" in result.out


@pytest.mark.parametrize(
    ("body", "page"),
    [(b"ok", False), (b"", False), (b"1 < 2", False), (b"\n<p>Hello", True), (b"\xef\xbb\xbf<!DOCTYPE html>", True)],
)
def test_a_text_that_is_called_html_is_a_web_page_only_with_a_tag(
    cli: Cli, endpoint: Endpoint, body: bytes, page: bool
) -> None:
    app()
    endpoint.body, endpoint.headers = body, {"Content-Type": "text/html; charset=utf-8"}  # as Flask does
    assert ("web page" in cli("send", "--to", endpoint.url).out) is page


@pytest.mark.parametrize(("status", "expected", "code"), [(401, 401, 0), (200, 401, 1), (401, 403, 1)])
def test_an_expected_status(cli: Cli, endpoint: Endpoint, status: int, expected: int, code: int) -> None:
    app()
    endpoint.status = status
    result = cli("send", "--to", endpoint.url, "--expect-status", str(expected), "--json")
    assert result.code == code
    assert report(result)["app_setup"] == ("success" if status == 200 else "error")


def test_no_answer_in_time_could_not_be_decided(cli: Cli, endpoint: Endpoint) -> None:
    app()
    over = threading.Event()
    endpoint.before = lambda: over.wait(5)
    began = time.monotonic()
    result = cli("send", "--to", endpoint.url, "--timeout", "0.2", "--times", "3", "--json")
    assert time.monotonic() - began < 3
    over.set()
    assert result.code == 3
    document = report(result)
    assert document["app_setup"] is None
    assert document["times"] == 1
    assert [error["code"] for error in document["errors"]] == ["timeout"]
    assert document["errors"][0]["message"] == "no answer came within 0.2 s"


def test_an_answer_after_ten_seconds_is_warned_of() -> None:
    answer = Answer(200, elapsed=10.5)
    reason, then = evaluate(answer)
    assert answer.outcome == SUCCESS
    assert "10.5 s" in reason
    assert "give up after 10 s" in then


def test_a_refused_connection(cli: Cli) -> None:
    app()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = cli("send", "--to", f"http://127.0.0.1:{port}/install")
    assert result.code == 3
    assert "nothing listens there" in result.out
    assert "start the endpoint" in result.out


@contextmanager
def raw_server(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """Something that is no web server: sends these bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                received = b""
                while not received.endswith(b"}"):  # all of the payload, or hanging up would be a reset
                    received += client.recv(65536)
                try:
                    for piece in pieces:
                        client.sendall(piece)
                        time.sleep(pause)
                except OSError:
                    pass  # whoever asked has heard enough

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    ("pieces", "code", "hint"),
    [
        ((b"",), "protocol", "if the endpoint expects https"),
        ((b"SSH-2.0-x\r\n",), "protocol", "if the endpoint expects https"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",), "reset", "the endpoint's log may say why"),
        ((b"HTTP/1.1 101 Switching Protocols\r\n\r\n",), "protocol", "the endpoint's log may say why"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",), "protocol", "log"),
    ],
)
def test_what_is_no_whole_answer(cli: Cli, pieces: tuple[bytes, ...], code: str, hint: str) -> None:
    app()
    with raw_server(*pieces) as url:
        result = cli("send", "--to", url, "--json")
    assert result.code == 3
    (error,) = report(result)["errors"]
    assert error["code"] == code
    assert hint in error["hint"]


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\n", *[b"X-More: 1\r\n"] * 40),
        (b"HTTP/1.1 100 Continue\r\n\r\n", *[b"HTTP/1.1 102 Processing\r\n\r\n"] * 40),
    ],
    ids=["headers", "interim answers"],
)
def test_a_head_that_never_ends_is_cut_off_in_time(cli: Cli, pieces: tuple[bytes, ...]) -> None:
    app()
    with raw_server(*pieces, pause=0.05) as url:
        result = cli("send", "--to", url, "--timeout", "0.3", "--json")
    assert result.code == 3
    assert report(result)["errors"][0]["message"] == "no answer came within 0.3 s"


def test_a_connection_that_is_reset_has_a_next_step(cli: Cli) -> None:
    app()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            client, _ = server.accept()
            client.recv(65536)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()

        thread = threading.Thread(target=reset)
        thread.start()
        result = cli("send", "--to", f"http://127.0.0.1:{server.getsockname()[1]}/", "--json")
        thread.join()
    assert result.code == 3
    (error,) = report(result)["errors"]
    assert (error["code"], "the endpoint's log may say why" in error["hint"]) == ("reset", True)


def test_https_where_only_http_listens(cli: Cli, endpoint: Endpoint) -> None:
    app()
    result = cli("send", "--to", endpoint.url.replace("http:", "https:"), "--json")
    assert result.code == 3
    assert [error["code"] for error in report(result)["errors"]] == ["tls"]
    assert not endpoint.arrived


def test_a_compressed_answer_is_not_unpacked(cli: Cli, endpoint: Endpoint) -> None:
    app()
    endpoint.body, endpoint.headers = b"\x1f\x8b" + b"\0" * 98, {"Content-Encoding": "gzip"}
    result = cli("send", "--to", endpoint.url)
    assert result.code == 0
    assert "(100 bytes, compressed)" in result.out


def test_an_answer_that_drips_is_cut_off_in_time(cli: Cli) -> None:
    app()
    drip = (b"HTTP/1.1 200 OK\r\n\r\n", *([b"x"] * 40))
    with raw_server(*drip, pause=0.05) as url:
        result = cli("send", "--to", url, "--timeout", "0.3", "--json")
    assert result.code == 3
    document = report(result)
    assert document["errors"][0]["message"] == "the answer did not end within 0.3 s"
    assert document["answers"][0]["status"] == 200


def test_an_endless_answer_is_read_to_its_limit(cli: Cli, endpoint: Endpoint) -> None:
    app()
    endpoint.body = b"\x1b[31m<y>" * (BODY_LIMIT // 4)
    result = cli("send", "--to", endpoint.url)
    assert result.code == 0
    assert "1,000,000 bytes, and more" in result.out
    assert "\x1b" not in result.out
    assert len(result.out) < 5000


def test_an_endpoint_that_is_not_idempotent(cli: Cli, endpoint: Endpoint) -> None:
    app()
    endpoint.status = [200, 409, 409]
    result = cli("send", "--to", endpoint.url, "--times", "3")
    assert result.code == 1
    assert len(endpoint.arrived) == 3
    assert len({one.body for one in endpoint.arrived}) == 1, "the same install, three times"
    assert "the answers differ" in result.out


def test_answers_that_are_alike_are_shown_once(cli: Cli, endpoint: Endpoint) -> None:
    app()
    result = cli("send", "--to", endpoint.url, "--times", "3")
    assert result.code == 0
    assert result.out.count('{"ok": true}') == 1
    assert result.out.count("the same answer") == 2


def test_ctrl_c_keeps_what_there_is(cli: Cli, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    app()
    from mcapp.handover import outcome as module

    whole = module.send

    def once(*args: object) -> Answer:
        if endpoint.arrived:
            raise KeyboardInterrupt
        return whole(*args)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(module, "send", once)
    result = cli("send", "--to", endpoint.url, "--times", "5", "--json")
    assert result.code == 130
    document = report(result)
    assert len(document["answers"]) == 1
    assert [error["code"] for error in document["errors"]] == ["interrupted"]
