"""What clings to a pasted key is taken off and named; what can be no key is refused without a piece of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.errors import McappError
from mcapp.keys.paste import BadPaste, clean, decode

KEY = "fake0001-Qz7_w/K2+Qz7w.K2~Qz7wK2Qz7wK2Qz7wK2Qz7wK"

# what was pasted ({} is the key), and what is said to have been removed
FORMS = {
    "the key alone": ("{}", ()),
    "line feed": ("{}\n", ("a line end",)),
    "PowerShell's line end": ("{}\r\n", ("a line end",)),
    "several line ends": ("\n\n{}\r\n\r\n", ("a line end",)),
    "blanks and tabs": ("  {}\t ", ("spaces around it",)),
    "no-break and other blanks": ("\u00a0\u3000{}\u2009", ("spaces around it",)),
    "blanks and line ends": (" \n {} \n", ("a line end", "spaces around it")),
    "bracketed paste": ("\x1b[200~{}\x1b[201~", ("marks of a bracketed paste",)),
    "bracketed paste without its escapes": ("[200~{}[201~", ("marks of a bracketed paste",)),
    "byte order mark": ("\ufeff{}", ("invisible characters",)),
    "zero-width characters": ("\u200b{}\u200d\u2060\u00ad", ("invisible characters",)),
    "double quotes": ('"{}"', ("quotes",)),
    "single quotes": ("'{}'", ("quotes",)),
    "backquotes": ("`{}`", ("quotes",)),
    "typographic quotes": ("“{}”", ("quotes",)),
    "German quotes": ("„{}“", ("quotes",)),
    "single typographic quotes": ("‘{}’", ("quotes",)),  # noqa: RUF001  # meant
    "angle quotes": ("«{}»", ("quotes",)),
    "Bearer": ("Bearer {}", ("'Bearer'",)),
    "bearer in lower case": ("bearer  {}", ("'Bearer'",)),
    "authorization": ("Authorization: Bearer {}", ("a header's name", "'Bearer'")),
    "authorization without blank": ("authorization:Bearer {}", ("a header's name", "'Bearer'")),
    "the article's header": ("x-token-header: {}", ("a header's name",)),
    "a header without blank": ("X-Token-Header:{}", ("a header's name",)),
    "YAML": ("app_token: {}", ("a header's name",)),
    "a variable": ("MANYCHAT_APP_KEY={}", ("a variable's name",)),
    "a variable in quotes": ("MANYCHAT_APP_KEY='{}'", ("a variable's name", "quotes")),
    "export": ('export MANYCHAT_APP_KEY="{}";', ("a variable's name", "quotes")),
    "export of any name": ("export foo={}", ("a variable's name",)),
    "PowerShell's variable": ('$env:MANYCHAT_APP_KEY = "{}"', ("a variable's name", "quotes")),
    "cmd's variable": ("set MANYCHAT_APP_KEY={}", ("a variable's name",)),
    "a lower-case token": ("app_token={}", ("a variable's name",)),
    "the article's payload": ('"app_token": "{}"', ("the JSON around it",)),
    "with a comma": ('  "app_token": "{}",\n', ("a line end", "spaces around it", "the JSON around it")),
    "with quotes and a comma": ('"{}",', ("a comma or semicolon", "quotes")),
    "YAML with quotes and a comma": ("app_token: '{}',", ("a header's name", "a comma or semicolon", "quotes")),
    "a whole object": ('{{ "app_token": "{}" }}', ("the JSON around it",)),
    "typographic JSON": ("“app_token”: “{}”", ("the JSON around it",)),
    "everything at once": (
        '\ufeff\x1b[200~ "app_token": "Bearer {}" \r\n\x1b[201~',
        (
            "marks of a bracketed paste",
            "invisible characters",
            "a line end",
            "spaces around it",
            "the JSON around it",
            "'Bearer'",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("form", "removed"), FORMS.values(), ids=FORMS.keys())
def test_what_clings_to_a_key_is_taken_off_and_named(form: str, removed: tuple[str, ...]) -> None:
    came = clean(form.format(KEY))
    assert came.secret.reveal() == KEY
    assert sorted(came.removed) == sorted(removed)
    assert came.warnings == ()


# A key's own characters stay, even where they look like something that could be taken off.
@pytest.mark.parametrize(
    "key",
    [
        "12345:abcdefgh",
        "abcdefgh==",
        "ABC=DEFGHIJ",
        "x=y=z=w=v=",
        "bearerless-0123",
        "-----BEGIN-0123",
        "a'b\"c`d'e",
        "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
        "your-key-1",
    ],
)
def test_a_key_with_odd_characters_is_left_alone(key: str) -> None:
    came = clean(key)
    assert came.secret.reveal() == key
    assert came.removed == ()


def test_an_escaped_slash_in_json_is_a_slash() -> None:
    assert clean(r'"app_token": "abcd\/efgh\/ijkl"').secret.reveal() == "abcd/efgh/ijkl"


REFUSED = {
    "nothing": ("", "the input contains no key"),
    "blanks alone": (" \r\n\t ", "the input contains no key"),
    "quotes around nothing": ('""', "the input contains no key"),
    "a blank inside": (KEY[:20] + " " + KEY[20:], "character 21 of 50 is a space"),
    "a line break inside": (KEY[:20] + "\n" + KEY[20:], "character 21 of 50 is LINE FEED (U+000A)"),
    "two lines": (KEY + "\r\n" + KEY + "\r\n", "character 50 of 100 is CARRIAGE RETURN (U+000D)"),
    "a control character": (KEY + "\x1b[A", "character 50 of 52 is ESCAPE (U+001B)"),
    "NUL": ("\0" + KEY, "character 1 of 50 is NULL (U+0000)"),
    "a letter beyond ASCII": (KEY + "ü", "character 50 of 50 is LATIN SMALL LETTER U WITH DIAERESIS (U+00FC)"),
    "a look-alike": ("\u0430" + KEY, "character 1 of 50 is CYRILLIC SMALL LETTER A (U+0430)"),
    "a lone surrogate": (KEY + "\ud800", "character 50 of 50 is U+D800"),
    "the article's placeholder": ("{{app_token}}", "this is a placeholder, not a key"),
    "with blanks": ("{{ app_token }}", "this is a placeholder, not a key"),
    "installer's placeholder": ("[[app_token]]", "this is a placeholder, not a key"),
    "portable placeholder": ("<<app_token>>", "this is a placeholder, not a key"),
    "shell variable": ("$MANYCHAT_APP_KEY", "this is a placeholder, not a key"),
    "shell variable in braces": ("${MANYCHAT_APP_KEY}", "this is a placeholder, not a key"),
    "cmd variable": ("%MANYCHAT_APP_KEY%", "this is a placeholder, not a key"),
    "code": ("process.env.MANYCHAT_APP_KEY", "this is a placeholder, not a key"),
    "angle brackets": ("<your app key>", "this is a placeholder, not a key"),
    "words": ("your app key here", "this is a placeholder, not a key"),
    "words with dashes": ("YOUR_APP_KEY_HERE", "this is a placeholder, not a key"),
    "the name of the thing": ("app_token", "this is a placeholder, not a key"),
    "changeme": ("changeme", "this is a placeholder, not a key"),
    "one letter": ("xxxxxxxxxxxxxxxx", "this is a placeholder, not a key"),
    "in an assignment": ("MANYCHAT_APP_KEY=<YOUR-KEY>", "this is a placeholder, not a key"),
    "masked by mcapp": ("…K2wQ", "this is a masked key: a part of it is hidden"),
    "masked with dots": ("fake...wK2Q", "this is a masked key: a part of it is hidden"),
    "masked with stars": ("fake****wK2Q", "this is a masked key: a part of it is hidden"),
    "masked with bullets": ("••••••••wK2Q", "this is a masked key: a part of it is hidden"),
    "a quote at its beginning": (
        '"' + KEY,
        "there is a quote at the beginning without its counterpart: a part may be missing",
    ),
    "a quote at its end": (KEY + "'", "there is a quote at the end without its counterpart: a part may be missing"),
    "half of an export": (
        'export X="' + KEY,
        "there is a quote at the beginning without its counterpart: a part may be missing",
    ),
    "several parameters": (f"app_token={KEY}&page_id=1", "there are several parameters, joined with &"),
    "a web address": ("https://example.com/abc", "this is a web address, not a key"),
    "seven characters": ("fake-01", "7 characters are too few for a key (8 to 4,094 are accepted)"),
    "4,095 characters": ("fake-01" * 585, "4,095 characters are too many for a key (8 to 4,094 are accepted)"),
    "6,000 characters": ("fake-012" * 750, "6,000 characters are too many for a key (8 to 4,094 are accepted)"),
    "a file": ("fake-01 \n" * 200_000, "1,800,000 characters are too many for a key (8 to 4,094 are accepted)"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_can_be_no_key_is_refused_and_not_repeated(text: str, message: str) -> None:
    with pytest.raises(BadPaste) as caught:
        clean(text)
    assert caught.value.message.removesuffix(", which no key contains") == message
    assert caught.value.exit_code == 2
    assert caught.value.hint
    told = caught.value.message + caught.value.hint
    assert not any(piece in told for piece in (KEY[:8], KEY[20:28], "app_token", "K2wQ", "fake"))


@pytest.mark.parametrize("length", [8, 49, 4094])
def test_every_length_between_is_taken(length: int) -> None:
    assert len(clean(("fake-01+" * 600)[:length]).secret) == length


def test_an_account_key_is_kept_with_a_warning() -> None:
    key = "12345678:" + "ab" * 16
    came = clean(key)
    assert came.secret.reveal() == key
    assert came.warnings
    assert "API key" in came.warnings[0]
    assert "ab" * 4 not in came.warnings[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_pipe_may_be_utf_8_or_powershells_utf_16(encoding: str) -> None:
    text, removed = decode((KEY + "\r\n").encode(encoding))
    assert clean(text).secret.reveal() == KEY
    assert removed == (() if encoding == "utf-8" else ("a byte order mark",))


def test_big_endian_too() -> None:
    assert decode(b"\xfe\xff" + KEY.encode("utf-16-be"))[0] == KEY


@pytest.mark.parametrize(
    "data", [b"fake\xff0123456", b"\xff\xfef\0a\0k\0e", KEY.encode("utf-16-le"), b"\xff\xfe\x00\xd8"]
)
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(BadPaste) as caught:
        clean(decode(data)[0])
    assert "fake" not in caught.value.message


KEYS = st.text(st.sampled_from("ABCxyz0189-_.~+/=:"), min_size=9, max_size=60).filter(lambda text: len(set(text)) > 3)
AROUND = [row[0] for row in FORMS.values()]


@settings(max_examples=300)
@given(
    key=KEYS, forms=st.lists(st.sampled_from(["{}\n", " {} ", "\ufeff{}", "\x1b[200~{}\x1b[201~", "'{}'"]), max_size=4)
)
def test_harmless_wrappings_come_off_whatever_the_key(key: str, forms: list[str]) -> None:
    text = key
    try:
        bare = clean(key).secret.reveal()
    except BadPaste:
        return
    for form in forms:
        text = form.format(text)
    assert clean(text).secret.reveal() == bare


@settings(max_examples=300)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_whatever_is_pasted_gives_a_key_or_a_refusal(pasted: str | bytes) -> None:
    try:
        text = decode(pasted)[0] if isinstance(pasted, bytes) else pasted
        key = clean(text).secret.reveal()
    except McappError:
        pass  # anything else would be a traceback
    else:
        assert 8 <= len(key) <= 4094
        assert key.isascii()
        assert key.isprintable()
        assert " " not in key
