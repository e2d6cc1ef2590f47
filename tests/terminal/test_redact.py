"""What is masked, what is left readable, and that neither width nor time gets out of hand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcapp.terminal.redact import _loaded, looks_like_key, mask, remember

ACCOUNT_KEY = "1234567" + ":" + "ab12" * 8
FAKE = "not a real key 1"


@pytest.fixture(autouse=True)
def _forget() -> None:
    _loaded.clear()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"key {ACCOUNT_KEY}.", f"key {'*' * 40}."),
        (f'"x-token: {ACCOUNT_KEY}"', f'"x-token: {"*" * 40}"'),
        (ACCOUNT_KEY.replace(":", "%3A"), "*" * 42),
        (ACCOUNT_KEY.replace(":", "\\u003a"), "*" * 45),
        (ACCOUNT_KEY.replace("1", "\\u0031"), "*" * 85),
        ("Authorization: Bearer abcdefgh1", "Authorization: Bearer *********"),
        ("authorization: BASIC dXNlcjpwYXNz=", "authorization: BASIC *************"),
        ("?auth=Bearer%20abcdefgh1&x=1", "?auth=Bearer%20*********&x=1"),
        ("Bearer " + "x" * 24, "Bearer " + "*" * 24),
        ("https://user:password@example.com/", "https://*************@example.com/"),
    ],
)
def test_what_looks_like_a_key_is_hidden(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {{app_token}}",
        "Authorization: Bearer [[api_key]]",
        "use basic authentication or bearer credentials",
        "https://example.com:8443/a@b",
        "https://user@example.com/",
        "2026-11-22T10:20:30",
        "app.json:12:18: error[MC203]",
        "12345:short",
        "::1 and 127.0.0.1:54321",
    ],
)
def test_what_is_no_key_stays_readable(text: str) -> None:
    assert mask(text) == text


def test_a_loaded_key_is_hidden_whatever_it_looks_like_and_however_it_is_written() -> None:
    key = 'odd "key" /with\\ é+&'
    remember(key)
    from urllib.parse import quote

    for written in (key, json.dumps(key), quote(key, safe=""), repr(key), f"x{key}y{key}"):
        shown = mask(written)
        assert len(shown) == len(written)
        assert "odd" not in shown
        assert "with" not in shown


def test_of_two_loaded_keys_the_longer_one_is_hidden_whole() -> None:
    remember("abcdef")
    remember("abcdefghij")
    assert mask("abcdefghij abcdef") == "********** ******"


def test_an_empty_key_hides_nothing() -> None:
    remember("")
    assert mask("text") == "text"


@given(st.text(alphabet=st.sampled_from("basicBEARER :/@%20+=.~{}[]\"'<>\\u0031a1\n*")))
def test_the_width_is_kept_and_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert len(once) == len(text)
    assert mask(once) == once


@pytest.mark.parametrize(
    "text",
    ["bearer+" * 100_000, "://" + "a:" * 300_000, "1" * 500_000, "bearer " + "a" * 500_000 + "+", "12345:" * 100_000,
     "://" * 200_000, "\\u0031" * 100_000, "basic " * 100_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_no_text_makes_it_slow(text: str) -> None:
    # Quadratic work on any of these would take minutes and run into the suite's own limit.
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize("word", [ACCOUNT_KEY, "a1b2c3d4e5f6g7h8", "sk_live_0123456789abcdef", "Bearer abcdefgh1"])
def test_words_of_the_command_line_that_may_be_keys(word: str) -> None:
    assert looks_like_key(word)


@pytest.mark.parametrize(
    "word",
    ["validate", "app.json", "./apps/one/app-2024-11-22.json", "--output-format", "--a1b2c3d4e5f6g7h8i9", "x" * 40],
)
def test_words_of_the_command_line_that_are_none(word: str) -> None:
    assert not looks_like_key(word)
