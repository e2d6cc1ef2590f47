"""Which hosts a key may be sent to."""

import pytest

from mcapp.errors import UsageProblem
from mcapp.net.target import MANYCHAT, choose, is_loopback


def test_manychat_is_the_default() -> None:
    target = choose()
    assert (target.base_url, target.host, target.port, target.kind) == (MANYCHAT, "api.manychat.com", 443, "manychat")
    assert target.history_name == MANYCHAT
    assert choose("https://API.manychat.com:443/").kind == "manychat"


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9:1/", "http://127.9.9.9:1"),
        ("https://localhost:8443", "https://localhost:8443"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://[::ffff:127.0.0.1]:80", "http://[::ffff:127.0.0.1]:80"),
    ],
)
def test_this_machine_needs_no_leave(url: str, base_url: str) -> None:
    target = choose(url)
    assert (target.base_url, target.kind, target.history_name) == (base_url, "loopback", "loopback")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://api.manychat.com",  # the key in the clear
        "https://api.manychat.com:8443",
        "https://api.manychat.com.evil.example",
        "https://xapi.manychat.com",
        "https://manychat.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0:80",
        "http://2130706433",  # 127.0.0.1 as one number: how a resolver reads it is its own business
        "http://0x7f.1",
        "http://127.1",
        "http://[::2]",
        "http://192.168.0.1",
    ],
)
def test_no_other_host_gets_a_key(url: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        choose(url)
    assert caught.value.code == "host"
    assert "--allow-host" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.manychat.com",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "https://user:password@127.0.0.1",
        "https://api.manychat.com@evil.example",
        "https://api.manychat.com\\@evil.example",
        "https://127.0.0.1\\.evil.example",
        "https://[::1].evil.example",
        "https://127.0.0.1/path",
        "https://127.0.0.1/?x",
        "https://127.0.0.1#x",
        "https://127.0.0.1:port",
        "https://127.0.0.1:70000",
        "https://127.0.0.1:80\n.evil.example",
        "https://127.0.0.1 .evil.example",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://\uff41pi.manychat.com",  # a letter that looks like another
    ],
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        choose(url, allow_host="evil.example")
    assert caught.value.code == "base-url"


def test_a_host_that_was_named_twice() -> None:
    target = choose("https://staging.example:8443", "staging.example")
    assert (target.base_url, target.kind, target.history_name) == (
        "https://staging.example:8443",
        "named",
        "https://staging.example:8443",
    )
    assert choose("http://[fd00::1]:80", "[fd00::1]").kind == "named"
    assert choose("http://Emulator.", "emulator").kind == "named"
    for other in ("example", "staging.example.evil", "", "*"):
        with pytest.raises(UsageProblem, match="not sent to"):
            choose("https://staging.example", other)


def test_allow_host_alone_changes_nothing() -> None:
    assert choose(allow_host="evil.example").kind == "manychat"


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  # judged, not listened on
        ("10.0.0.1", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_loopback(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer
