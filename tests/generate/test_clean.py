"""Whatever `generate` can be made to write validates clean: no error and no warning."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness import Cli

T = TypeVar("T")

# Texts that people type, good and bad, and what nobody would.
NAMES = ["email", "shop_id", "shopId", "page_id", "app_token", "user_id", "e-mail", "имя", "a b", "1", "api_key"]
WORDS = [
    *(
        "<<app_token>>",
        "{{app_token}}",
        "[[email]]",
        "<<email>>",
        "{{page_id}}",
        "<<page_id>>",
        "<<x>>",
        "{{ page_id }}",
    ),
    *("{{email}}", "[[app_token]]", "{page_id}", "${{page_id}}", "<<", "]]", "text", "", " ", "\t", "é", "🔑", "\x00"),
    *(
        "\u202e",
        "http://",
        "Bearer ",
        "your endpoint is here",
        "12345678" + ":" + "ab" * 16,
        "\r\nX: y",
        '"',
        "\\",
        "#x",
    ),
]
HOSTS = [
    *("example.com", "example.com:8443", "localhost", "192.168.0.1", "app.local", "[::1]", "user:pw@example.com"),
    *("[[email]]", "{{page_id}}.example.com", "EXAMPLE.com", "exämple.com", "", "example.com."),
]

text = st.lists(st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8"), max_size=4), max_size=3).map("".join)
urls = st.builds(
    lambda scheme, host, rest: scheme + host + rest,
    st.sampled_from(["https://", "https://", "https://", "http://", "HTTPS://", "", "ftp://"]),
    st.sampled_from(HOSTS),
    st.sampled_from(["", "/", "/install", "/a?b=<<page_id>>", "/<<email>>", "?k=<<app_token>>", "#x", "/ x"]) | text,
)
headers = st.builds(
    lambda name, colon, value: name + colon + value,
    st.sampled_from(["X-Key", "x-token-header", "Content-Type", "Authorization", "Host", "X Key", "", "Cookie"]) | text,
    st.sampled_from([": ", ": ", ": ", ":", ""]),
    st.sampled_from(["<<app_token>>", "Bearer {{app_token}}", "application/json", "application/xml", "1"]) | text,
)
entries = st.builds(
    lambda key, value: key + value,
    st.sampled_from(["a", "b", "c.d", r"e\.f", "app_token", "page_id"]) | text,
    text.map("={}".format)
    | st.sampled_from([":=1", ":=null", ':={"x": ["<<page_id>>"]}', ":=x", ":=1e999", ":=[[1]]"]),
)
DECLARED = {"email=Your e-mail", "shop_id"}


def mostly(*good: T) -> Callable[[st.SearchStrategy[T]], st.SearchStrategy[T]]:
    """What is likely to be written, three times in four: most examples are to get as far as the lint."""
    return lambda other: st.sampled_from(range(4)).flatmap(lambda die: st.sampled_from(good) if die else other)


options = st.tuples(
    mostly("https://example.com/install", "https://[[email]]/x")(urls),
    st.lists(mostly("X-Key: <<app_token>>", "X-Shop: <<shop_id>>")(headers), max_size=2),
    st.lists(mostly("k=<<app_token>>", "e=<<email>>", "x.y=<<shop_id>>")(entries), max_size=3, unique=True),
    mostly(DECLARED)(st.sets(st.sampled_from(NAMES) | text, max_size=2).map(DECLARED.union)),
    st.fixed_dictionaries(
        {},
        optional={
            "--method": mostly("POST", "PUT")(st.sampled_from(["GET", "DELETE", "post"])),
            "--token-in": st.sampled_from(["header", "payload", "both"]),
            "--token-header": mostly("X-Key", "x-token-header")(st.sampled_from(["Authorization", "Host"]) | text),
            "--payload-json": mostly("{}", '{"a": {"b": 1}}', '{"n": "\\ud800"}')(st.sampled_from(["[]", "{"])),
            "--placeholders": st.sampled_from(["manychat", "portable"]),
            "--emit": st.sampled_from(["request", "auth", "app"]),
        },
    ),
)
Options = tuple[str, list[str], list[str], set[str], dict[str, str]]


def words(made: Options) -> list[str]:
    url, heads, payload, params, rest = made
    return [
        f"--url={url}",
        *(f"--header={header}" for header in heads),
        *(f"--payload={entry}" for entry in payload),
        *(f"--param={param}" for param in sorted(params)),
        *(f"{name}={value}" for name, value in rest.items()),
    ]


def configure(made: Options) -> None:
    setting = made[4].get("--placeholders", "manychat")
    Path("mcapp.toml").write_text(f'placeholders = "{setting}"')


# The folder that the fixture gives is the same for all examples, and each of them writes all that it reads.
bounded = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@bounded
@given(options)
def test_the_block(cli: Cli, made: Options) -> None:
    configure(made)
    result = cli("generate", *words(made))
    assert result.code in (0, 1, 2), result.err
    if result.code:
        assert result.out == ""
        assert result.err
        return
    checked = cli("validate", "-", "--fail-on", "warning", stdin=result.raw)
    assert checked.code == 0, checked.out


@bounded
@given(options)
def test_into_a_clean_file(cli: Cli, made: Options) -> None:
    made[4].pop("--emit", None)
    configure(made)
    app = json.loads(cli("generate", "--url", "https://example.com/install", "--emit", "app").out)
    app["auth"] = {"type": "APIKEY", "params": [{"name": "email", "title": "Your e-mail"}]}
    before = json.dumps(app)
    Path("app.json").write_text(before)
    result = cli("generate", *words(made), "--into", "app.json")
    assert result.code in (0, 1, 2), result.err
    assert result.out == ""
    if result.code:
        assert Path("app.json").read_text() == before
        return
    checked = cli("validate", "app.json", "--fail-on", "warning")
    assert checked.code == 0, checked.out
