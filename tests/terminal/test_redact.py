"""What is masked, what is left readable, and that neither width nor time gets out of hand."""

import html
import json
import random
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from string import ascii_letters, digits
from time import process_time
from unicodedata import category
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcapp.terminal.console import fence, visible
from mcapp.terminal.redact import _loaded, is_secret_value, looks_like_key, mask, remember

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
    ("value", "secret"),
    [
        ("pa$$w0rd*1234", True),
        ("$NAME_OF_A_VARIABLE", False),
        ("${NAME_OF_A_VARIABLE}", False),
        ("*************", False),
    ],
)
def test_what_stands_for_a_secret_is_none(value: str, secret: bool) -> None:
    assert is_secret_value(value) is secret


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


@pytest.mark.parametrize("make", [b64encode, urlsafe_b64encode])
def test_what_basic_carries_is_hidden_whatever_it_is(make: Callable[[bytes], bytes]) -> None:
    chance = random.Random(7)  # noqa: S311  # test data
    for _ in range(2000):
        user, password = ("".join(chance.choices(f"{ascii_letters}{digits}.-", k=chance.randint(8, 20))) for _ in "12")
        carried = make(f"{user}:{password}".encode()).decode()
        for written in (carried, carried.rstrip("=")):
            assert written not in mask(f"Basic {written} ")


@pytest.mark.parametrize(
    "text", ["Bearer internationalization", "Basic internationalization.", "authorization: basic internationalization"]
)
def test_a_word_is_hidden_where_it_may_be_a_key(text: str) -> None:
    assert "internationali" not in mask(text)


def test_a_loaded_key_is_hidden_whatever_it_looks_like_and_however_it_is_written() -> None:
    key = 'odd "key" /with\\ é+&'
    remember(key)
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


@pytest.mark.parametrize(
    "begin",
    [
        *(f"{kind}k{sort}" for kind in "rs" for sort in ("_live_", "_test_")),
        *(f"gh{kind}{mark}" for kind in "opsur" for mark in "_-"),
        *(f"xox{kind}-" for kind in "abeprs"),
        *("github" + "_pat_", "glpat" + "-", "AKIA", "AIza"),
    ],
)
def test_tokens_of_other_services_are_known_by_how_they_begin(begin: str) -> None:
    end = ("AB12" * 9)[: 16 if begin == "AKIA" else 35]
    assert mask(f"before {begin}{end} after") == f"before {'*' * len(begin + end)} after"


@pytest.mark.parametrize("word", [ACCOUNT_KEY, "a1b2c3d4e5f6g7h8", "sk_live_0123456789abcdef", "Bearer abcdefgh1"])
def test_words_of_the_command_line_that_may_be_keys(word: str) -> None:
    assert looks_like_key(word)


@pytest.mark.parametrize(
    "word",
    ["validate", "app.json", "./apps/one/app-2024-11-22.json", "--output-format", "--a1b2c3d4e5f6g7h8i9", "x" * 40],
)
def test_words_of_the_command_line_that_are_none(word: str) -> None:
    assert not looks_like_key(word)


def escaped(key: str) -> str:
    return "".join(f"\\u{ord(char):04X}" for char in key)


# A key of the least convenient characters, and the ways in which programs write one. tests/hostile uses them too.
ODD_KEY = "1a/B+c_d!e.F&9:876"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "another case": str.upper,
    "JSON": json.dumps,
    "JSON with every character escaped": escaped,
    "PHP's JSON": lambda key: key.replace("/", "\\/"),
    "JSON in JSON": lambda key: json.dumps(json.dumps(key.replace("/", "\\/"))),
    "a URL": lambda key: quote(key, safe=""),
    "a URL with every character encoded": lambda key: "".join(f"%{ord(char):02x}" for char in key),
    "a URL in a URL": lambda key: quote(quote(key, safe="")),
    "HTML": lambda key: html.escape(key).replace("_", "&#95;"),
    "HTML in hexadecimal": lambda key: "".join(f"&#x{ord(char):x};" for char in key),
    "HTML of HTML": lambda key: html.escape(html.escape(key)),
    "Python": lambda key: repr(key.encode()),
    "UTF-16 read as bytes": "\0".join,
    "a JSON pointer": lambda key: key.replace("~", "~0").replace("/", "~1"),
    "base64 of user:key": lambda key: b64encode(f"user:{key}".encode()).decode(),
    "base64 of me:key": lambda key: b64encode(f"me:{key}".encode()).decode(),
    "base64 of the key": lambda key: b64encode(key.encode()).decode(),
    "base64 for URLs": lambda key: urlsafe_b64encode(f"x{key}??>".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_known_key_in_every_spelling(spelling: str) -> None:
    remember(ODD_KEY)
    written = SPELLINGS[spelling](ODD_KEY)
    for text in (written, f"<{written}> and {written}"):
        shown = mask(text)
        assert len(shown) == len(text)
        assert not re.search("[0-9A-EG-Z]", re.sub(r"\\[unx]|[xu&;]|and|amp|quot", "", shown)), shown


def test_thousands_of_keys_cost_what_one_costs() -> None:
    keys = [f"{number:07}:{number * 7919:032x}" for number in range(1_000_000, 1_003_000)]
    for key in keys:
        remember(key)
    text = " ".join(keys)
    started = process_time()
    assert not re.search("[0-9a-f]", mask(text))
    assert process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    ["?app_token=KEY&x=1", '"app_token": "KEY"', "x-token-header: KEY", "Authorization: Token KEY", "api_key='KEY'",
     "https://KEY@host/", "<password>KEY</password>", '\\"secret\\": \\"KEY\\"', "client%5Fsecret%3DKEY"],
)  # fmt: skip
def test_what_follows_the_name_of_a_key_is_hidden(text: str) -> None:
    for key in ("abcdefghijklmnop", "123456789012", "ab.c.d!efgh12"):
        assert mask(text.replace("KEY", key)) == text.replace("KEY", "*" * len(key))


@pytest.mark.parametrize(
    "text",
    ["x-token-header: {{app_token}}", "x-token-header: your-token-goes-here", "token: see the page below",
     '"app_token": null', "the token: required", "Authorization: Bearer [[api_key]]", "app_token=<<app_token>>",
     "::error title=a::401 Wrong access token\n::warning title=b::401 Wrong token\n::notice title=c::d"],
)  # fmt: skip
def test_a_name_without_a_key_hides_nothing(text: str) -> None:
    assert mask(text) == text


def test_characters_that_are_not_seen_are_made_visible() -> None:
    unseen = [
        chr(code) for code in range(0x110000) if category(chr(code)) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
    ]
    unseen += "\u034f\u115f\u1160\u17b4\u17b5\u180b\u2800\u3164\ufe00\ufe0f\uffa0\U000e0100\U000e01ef"
    shown = visible("".join(unseen))
    assert not set(unseen) & set(shown)
    assert (
        visible("K\u00e4se \u6f22\u5b57 e\u0301 \u3000\U0001f600") == "K\u00e4se \u6f22\u5b57 e\u0301 \u3000\U0001f600"
    )


@pytest.mark.parametrize("begin", ["", " ", "\t", "\u3000", "\x1b[1m", "text\n", "text\n\x1b[2m  "])
@pytest.mark.parametrize("command", ["::error::x", "::add-mask::x", "##[group]x", "##vso[task.setvariable]x"])
def test_no_line_is_a_command_for_a_runner(begin: str, command: str) -> None:
    text = fence(f"{begin}{command}")
    assert text == f"{begin}{command[0]} {command[1:]}"
    assert fence(text) == text
    assert fence(f"1 | {command}") == f"1 | {command}" or command.startswith("##")


def test_an_address_of_ipv6_stays_what_it_is() -> None:
    assert fence("listening on [::1]:80") == "listening on [::1]:80"
