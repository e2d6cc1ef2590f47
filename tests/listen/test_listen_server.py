"""The listener over real sockets: what is a delivery, what is refused, and that it outlives everything."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from mcapp.handover.listener import Listener, Refusal
from mcapp.handover.received import Delivery
from mcapp.net.server import admits
from tests.listen.conftest import Listen, answered, deliver, events, request, send_raw


def test_a_delivery_is_answered_and_told_whole(listen: Listen) -> None:
    listener = listen(path="/manychat/install")
    url = listener.url + "?page=1"
    assert deliver(url, {"a": "ü"}, "X-Token-Header: \u00fc\U0001f511", "X-Two: 1", "X-Two: 2") == (
        200,
        {"delivery": 1},
    )
    (found,) = events(listener, 1)
    assert isinstance(found, Delivery)
    assert (found.number, found.method, found.path, found.query) == (1, "POST", "/manychat/install", "page=1")
    assert json.loads(found.body) == {"a": "ü"}
    assert ("X-Token-Header", "\u00fc\U0001f511") in found.headers
    assert [value for name, value in found.headers if name == "X-Two"] == ["1", "2"]


@pytest.mark.parametrize("status", [200, 201, 204, 500, 599])
def test_the_answer_is_the_one_that_was_asked_for(listen: Listen, status: int) -> None:
    listener = listen(status=status)
    raw = send_raw(listener.url, request(listener.url, b"{}"))
    assert (b"content-length" in raw.lower()) is (status != 204)
    answer = answered(raw)
    assert answer == (status, {} if status == 204 else {"delivery": 1})
    (found,) = events(listener, 1)
    assert found.status == status


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_body_is_not_needed_by_every_method(listen: Listen, method: str) -> None:
    listener = listen()
    raw = f"{method} /?app_token=x HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    assert answered(send_raw(listener.url, raw)).status == 200
    (found,) = events(listener, 1)
    assert isinstance(found, Delivery)
    assert (found.method, found.query, found.body) == (method, "app_token=x", b"")


REFUSED = {
    "a foreign host": (request("http://x/", b"{}", host="evil.example"), 403),
    "a foreign host with a port": (request("http://x/", b"{}", host="evil.example:80"), 403),
    "a name that begins like loopback": (request("http://x/", b"{}", host="127.0.0.1.evil.example"), 403),
    "a path after the host": (request("http://x/", b"{}", host="127.0.0.1/evil.example"), 403),
    "a name after an address in brackets": (request("http://x/", b"{}", host="[::1]evil.example"), 403),
    "half an address": (request("http://x/", b"{}", host="[::1"), 403),
    "a user before the host": (request("http://x/", b"{}", host="localhost@evil.example"), 403),
    "another machine's address": (request("http://x/", b"{}", host="192.0.2.1"), 403),
    "an empty host": (request("http://x/", b"{}", host=""), 403),
    "two hosts": (request("http://localhost/", b"{}", "Host: evil.example"), 400),
    "no host": (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
    "no host, as HTTP/1.0 may": (b"POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", 400),
    "a foreign target": (request("http://localhost/", b"{}", target="http://evil.example/"), 403),
    "a page of another site": (request("http://localhost/", b"{}", "Origin: https://evil.example"), 403),
    "a page of another port": (request("http://localhost:1/", b"{}", "Origin: http://localhost:2"), 403),
    "a page without a site": (request("http://localhost/", b"{}", "Origin: null"), 403),
    "a page that hides its site": (request("http://localhost/", b"{}", "Sec-Fetch-Site: cross-site"), 403),
    "a page with two sites": (
        request("http://localhost/", b"{}", "Origin: http://localhost", "Origin: https://evil.example"),
        403,
    ),
    "a page that hides it in a second line": (
        request("http://localhost/", b"{}", "Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"),
        403,
    ),
    "an image of another page": (
        request("http://localhost/", b"", "Referer: https://evil.example/page?x", method="GET"),
        403,
    ),
    "a line that is no header": (
        request("http://localhost/", b"", "a line", "Origin: https://evil.example", method="GET"),
        400,
    ),
    "a header without a name": (request("http://localhost/", b"", ": x", method="GET"), 400),
    "another path": (request("http://localhost/other", b"{}"), 404),
    "a preflight": (request("http://localhost/", b"", method="OPTIONS"), 405),
    "an unknown method": (request("http://localhost/", b"", method="BREW"), 405),
    "no length": (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n{}", 411),
    "chunks": (request("http://localhost/", b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), 411),
    "chunks and a length": (
        request("http://localhost/", b"0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 5"),
        411,
    ),
    "a length that is none": (request("http://localhost/", b"{}", "Content-Length: two"), 400),
    "a length below nothing": (request("http://localhost/", b"{}", "Content-Length: -2"), 400),
    "a length with a sign": (request("http://localhost/", b"{}", "Content-Length: +2"), 400),
    "two lengths": (request("http://localhost/", b"{}", "Content-Length: 2", "Content-Length: 3"), 400),
    "a length of 30 digits": (request("http://localhost/", b"{}", "Content-Length: " + "9" * 30), 400),
    "a megabyte and a byte": (request("http://localhost/", b"x" * 1_000_001), 413),
    "10 MB": (request("http://localhost/", b"x" * 10_000_000), 413),
    "more said than sent": (request("http://localhost/", b"{}", "Content-Length: 9"), 408),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client\r\n\r\n", 400),
    "no HTTP of ours": (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
    "a first line without end": (b"GET /" + b"a" * 70_000, 414),
    "a header without end": (b"GET / HTTP/1.1\r\nHost: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    "too many headers": (request("http://localhost/", b"", *(f"X-{n}: 1" for n in range(200))), 431),
    "a head that stops": (b"POST / HTTP/1.1\r\nHost: localhost\r\n", 408),
    "an address that is none": (request("http://localhost/", b"{}", target="http://[::1/"), 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_delivery_is_refused_and_the_listener_lives(listen: Listen, name: str) -> None:
    data, status = REFUSED[name]
    listener = listen()
    answer = answered(send_raw(listener.url, data))
    assert answer.status == status
    assert answer.content["refused"]
    assert deliver(listener.url, {"after": name}) == (200, {"delivery": 1})
    refusal, delivery = events(listener, 2)
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.reason) == (status, answer.content["refused"])
    assert isinstance(delivery, Delivery)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.8.9.1:80", "[::1]", "[::1]:99"])
def test_every_name_of_this_machine_is_taken(listen: Listen, host: str) -> None:
    listener = listen()
    assert deliver(listener.url, {}, host=host).status == 200
    own = [f"Origin: http://{host}", "Sec-Fetch-Site: same-origin", f"Referer: http://{host}/page"]
    assert deliver(listener.url, {}, *own, host=host).status == 200


@pytest.mark.parametrize(
    ("host", "named", "admitted"),
    [
        ("127.0.0.1", "192.0.2.1", False),
        ("0.0.0.0", "192.0.2.1", True),  # noqa: S104  # nothing listens there: the rule alone is asked
        ("0.0.0.0", "localhost", True),  # noqa: S104  # as above
        ("0.0.0.0", "evil.example", False),  # noqa: S104  # as above
        ("dev.example", "dev.example", True),
        ("dev.example", "evil.example", False),
        ("Dev.Example.", "dev.example", True),
    ],
)
def test_a_name_can_be_rebound_and_an_address_cannot(host: str, named: str, admitted: bool) -> None:
    assert admits(named, host, host) is admitted


def test_who_sends_drop_by_drop_is_given_up(listen: Listen) -> None:
    listener = listen(timeout=0.6)

    def drip(connection: socket.socket) -> None:
        for byte in b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n":
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return
            time.sleep(0.1)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(send_raw, listener.url, b"", then=drip)
        assert deliver(listener.url, {}).status == 200  # nobody waits for the slow one
        found = [*events(listener, 1), listener.events.get(timeout=10)]
        listener.stop()
        slow.exception()  # a reset connection is as good as a closed one
    assert [event.status for event in found] == [200, 408]


def test_who_says_nothing_or_goes_away_leaves_no_trace(listen: Listen) -> None:
    listener = listen()
    for data in (b"", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", int(listener.url.split(":")[2].rstrip("/"))), timeout=5) as gone:
            gone.sendall(data)
    assert deliver(listener.url, {}).status == 200
    assert not [event for event in _all(listener) if isinstance(event, Delivery) and event.number != 1]


def _all(listener: Listener) -> list[Delivery | Refusal]:
    listener.stop()
    found = []
    while not listener.events.empty():
        found.append(listener.events.get())
    return found


def test_whoever_idles_makes_room_for_a_delivery(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcapp.net.server.Server.most_connections", 10)
    listener = listen(timeout=1.0)
    port = int(listener.url.split(":")[2].rstrip("/"))
    with ExitStack() as stack:
        for _ in range(15):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        assert deliver(listener.url, {}).status == 200
        assert deliver(listener.url, {}).status == 200
    assert [event.status for event in _all(listener)] == [200, 200]


def test_who_says_nothing_has_asked_for_nothing(listen: Listen) -> None:
    listener = listen(timeout=0.2)
    assert send_raw(listener.url, b"") == b""
    assert answered(send_raw(listener.url, b"P")).status == 408
    assert [event.status for event in events(listener, 1)] == [408]


def test_whoever_asks_first_is_told_to_continue(listen: Listen) -> None:
    listener = listen()
    expect = ["Expect: 100-continue", "Content-Length: 2"]
    raw = send_raw(listener.url, request(listener.url, b"{}", *expect))
    assert raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


def test_what_follows_a_request_is_no_second_one(listen: Listen) -> None:
    listener = listen()
    raw = send_raw(listener.url, request(listener.url, b"{}") + request(listener.url, b"{}"))
    assert raw.count(b"HTTP/1.1 200 ") == 1
    assert len(events(listener, 1)) == 1


def test_two_hundred_at_once_are_not_mixed_up(listen: Listen) -> None:
    listener = listen(timeout=20.0)
    with ThreadPoolExecutor(200) as pool:
        answers = list(
            pool.map(lambda n: deliver(listener.url, {"n": n, "pad": "x" * (n * 40)}, f"X-N: {n}"), range(200))
        )
    assert {answer.status for answer in answers} == {200}
    found = {event.number: event for event in events(listener, 200) if isinstance(event, Delivery)}
    assert sorted(found) == list(range(1, 201))
    for n, answer in enumerate(answers):
        delivery = found[answer.content["delivery"]]
        assert json.loads(delivery.body) == {"n": n, "pad": "x" * (n * 40)}
        assert ("X-N", str(n)) in delivery.headers


def test_of_many_at_once_one_is_taken_if_one_was_asked_for(listen: Listen) -> None:
    listener = listen(once=True)
    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(answer.status for answer in pool.map(lambda n: deliver(listener.url, n), range(20)))
    assert statuses == [200] + [503] * 19
    hints = {event.hint for event in _all(listener) if isinstance(event, Refusal)}
    assert hints == {"--once: the listener has its one delivery"}


def test_a_stopped_listener_leaves_no_port_behind(listen: Listen) -> None:
    listener = listen()
    url = listener.url
    assert deliver(url, {}).status == 200
    listener.stop()
    listener.stop()
    with pytest.raises(ConnectionRefusedError):
        send_raw(url, b"")


def test_a_name_that_is_this_machine_lets_no_other_address_in(listen: Listen) -> None:
    listener = listen(host="127.1")
    assert [deliver(listener.url, {}, host=host).status for host in ("127.1", "localhost", "192.0.2.1")] == [
        200,
        200,
        403,
    ]
