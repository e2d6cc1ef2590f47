"""Answers with anything in them: no run ends with an error of its own, and no result is lost."""

import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mcapp.api import probe
from mcapp.errors import UsageProblem
from mcapp.net.target import choose
from mcapp.scopes.catalogue import READ, load
from mcapp.scopes.client import _retry_after
from tests.harness import stop_listening

pytestmark = pytest.mark.usefixtures("quick_retries")

KEY = "fake-key-fake-key"
# Every read of a run gets an answer of its own. `MCAPP_HOSTILE=300` draws as many as before a release.
RUNS = int(os.environ.get("MCAPP_HOSTILE", "60")) // 13 + 1

LOCATIONS = [
    b"http://xn--a/",
    b"//[",
    b"http://[::g]/",
    b"\xff\xfe",
    b"http://\xe4\xf6/",
    b"",
    b"http://a:99999999/",
    b"x" * 9000,
]
WAITS = ["²".encode(), b"\xb2", b"9999999999", b"9" * 5000, b"-1", b"1e9", b"nan", b"Mon, 01 Jan 0001 00:00:00 +9999"]
WAITS += [
    b"Mon, 99 Jan 2024 00:00:00 GMT",
    b"Mon, 01 Jan 2024 00:00:00 +99999999999999",
    b"inf",
    b"0x10",
    b",",
    b"\x00",
]
TYPES = [
    b"application/json",
    b"application/json; charset=\xff",
    b"text/html",
    b"\xff\xff",
    b"",
    b"x+json",
    b"multipart/x",
]
ENCODINGS = [b"gzip", b"br", b"\xff", b"deflate", b"identity", b"gzip, gzip"]
BODIES = [
    *(
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe{",
        b'{"status":',
        b"\x00" * 50,
        b"<html>",
        b"\xef\xbb\xbf{}",
        b"[" * 20_000,
    ),
    *(b'{"status": "success"}', b'{"status": 1, "message": ["x"]}', b'{"status": "\\ud800", "message": "\\u0000"}'),
    *(b'{"status":"error","details":{"messages":{"a":{"b":[{"c":"d"}]}}}}', b'{"code": 1' + b"0" * 5000 + b"}"),
    *(
        b'{"status":"error","message":"Wrong access token"}',
        b'{"status":"exception"}',
        b'{"status":"error","code":1e999}',
    ),
]


def answer(draw: random.Random) -> bytes:
    """One answer: most of it is well-formed HTTP, some is not."""
    status = draw.choice([200, 200, 302, 400, 401, 404, 429, 500, 503, 999, 100, 204, 304, draw.randrange(0, 1000)])
    body = draw.choice([*BODIES, draw.randbytes(draw.randrange(300))])
    headers = [
        (b"Location", draw.choice(LOCATIONS)),
        (b"Retry-After", draw.choice(WAITS)),
        (b"Content-Type", draw.choice(TYPES)),
        (b"Content-Encoding", draw.choice(ENCODINGS)),
        (b"X-" + bytes([draw.randrange(256)]), draw.randbytes(8)),
        (b"Date", draw.randbytes(20)),
    ]
    chosen = draw.sample(headers, draw.randrange(len(headers) + 1))
    lines = b"".join(name + b": " + value.replace(b"\n", b"") + b"\r\n" for name, value in chosen)
    length = draw.choice([b"%d" % len(body)] * 6 + [b"0", b"-1", b"\xb2", b"99999"])
    return b"HTTP/1.1 %03d \xff\r\n%sContent-Length: %s\r\nConnection: close\r\n\r\n%s" % (status, lines, length, body)


@contextmanager
def server(make: Callable[[], bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Answers each connection once, with what `make` makes; gives its base URL and what it sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    sent: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(2)
                    request = connection.recv(65_536)
                    # Closing before all of it is read would reset the connection.
                    while request and not request.endswith((b"\r\n\r\n", b"{}")):
                        request += connection.recv(65_536)
                    if request.startswith(b"POST") and not request.endswith(b"{}"):
                        connection.recv(65_536)
                    sent.append(make())
                    connection.sendall(sent[-1])
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", sent
    finally:
        stop_listening(listener)
        thread.join(2)


@pytest.mark.parametrize("seed", range(RUNS))
def test_no_answer_ends_a_run(seed: int) -> None:
    reads = [endpoint.scope for endpoint in load() if endpoint.send == READ]
    draw = random.Random(seed)  # noqa: S311  # not for secrets
    with server(lambda: answer(draw)) as (base_url, sent):
        report = probe(KEY, only=reads, base_url=base_url, rate=5000, timeout=0.5, deadline=4)
    assert report.exit_code in (0, 1, 3), sent
    assert report.key is not None
    assert [result.scope for result in report.scopes] == reads, sent


@pytest.mark.parametrize("location", LOCATIONS)
def test_every_redirect_is_read(location: bytes) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % location
    with server(lambda: head) as (base_url, _):
        report = probe(KEY, only=["GET /fb/page/getInfo"], base_url=base_url, rate=5000, timeout=1)
    assert report.scopes[0].reason.startswith("a redirect")


@pytest.mark.parametrize("place", ["http://{}/", "https://me@{}", "//{}:80/x"])
def test_a_redirect_to_the_key_names_no_part_of_it(place: str) -> None:
    key = "fake-key-1/fake+key:2"
    head = f"HTTP/1.1 302 Found\r\nLocation: {place.format(key)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with server(head.encode) as (base_url, _):
        report = probe(key, only=["GET /fb/page/getInfo"], base_url=base_url, rate=5000, timeout=1)
    assert "fake" not in report.scopes[0].reason


def test_every_wait_is_read() -> None:
    usable = {b"9999999999", b"9" * 5000}
    assert {wait for wait in WAITS if _retry_after(wait.decode("latin-1")) is not None} == usable
    assert _retry_after("9999999999") == 9_999_999_999.0
    assert _retry_after("2") == 2.0


def test_an_invalid_international_name_is_a_mistake_of_usage() -> None:
    with pytest.raises(UsageProblem, match="host"):
        choose("https://xn--a/", "xn--a")
    assert choose("https://xn--bcher-kva.example/", "xn--bcher-kva.example").host == "xn--bcher-kva.example"
    with pytest.raises(UsageProblem) as refused:
        choose("https://bücher.example/", "bücher.example")
    assert refused.value.hint == "write an international name in its ASCII form: xn--bcher-kva.example"
