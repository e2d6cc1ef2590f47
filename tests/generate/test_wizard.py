"""`mcapp generate` at a terminal without `--url`: a person answers, stdout stays the product."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Cli, Result
from tests.pseudo_terminal import CTRL_C, CTRL_D, Terminal

URL = "https://example.com/hook"
# Every question in its order, answered with Enter.
DEFAULTS = [
    ("Method", "\n"),
    ("Where to send the App Key", "\n"),
    ("Name of the header", "\n"),
    ("installer enters", "\n"),
    ("Another entry", "\n"),
]


@pytest.fixture
def ask(terminal: Terminal) -> Terminal:
    """`mcapp generate` at a terminal without colours, which would stand between the words."""

    def run(*args: Any, env: Any = None, **how: Any) -> Result:
        return terminal("generate", *args, env={"NO_COLOR": "1", **(env or {})}, **how)

    return run


def test_enter_takes_the_defaults_and_stdout_is_the_block(ask: Terminal, cli: Cli) -> None:
    made = ask(
        typed=[("URL of your endpoint", f"{URL}\n"), *DEFAULTS, ("File to put it into", "\n"), ("to stdout?", "\n")],
        redirect=True,
    )
    assert made.code == 0, made.err
    assert made.json() == cli("generate", "--url", URL).json()
    assert '"url": "https://example.com/hook"' in made.err  # shown before it was asked about
    assert f"the same without questions: mcapp generate --url {URL}" in made.err
    assert cli("validate", "-", stdin=made.raw).code == 0


def test_every_answer_counts_and_a_wrong_one_is_asked_for_again(ask: Terminal, cli: Cli) -> None:
    made = ask(
        typed=[
            ("URL of your endpoint", "\n"),
            ("! ", "example.com\n"),
            ("! ", "http://example.com\n"),
            ("! ", f"{URL}\n"),
            ("Method", "PATCH\n"),
            ("ManyChat does not send", "put\n"),
            ("Where to send the App Key", "url\n"),
            ("the key cannot be sent in `url`", "header\n"),
            ("Name of the header", "bad name\n"),
            ("! ", "X-Key\n"),
            ("installer enters", "page_id\n"),
            ("! ", "email=Your e-mail\n"),
            ("Another value", "email=Twice\n"),
            ("is given twice", "shopId\n"),
            ("Another value", "\n"),
            ("page_id, app_id, app_version, email, shopId. Another entry", "nonsense\n"),
            ("without `=`", "note=<<emial>>\n"),
            ("did you mean <<email>>?", "a.b:=7\n"),
            ("shopId, a. Another entry", "\n"),
            ("File to put it into", "no/such/app.json\n"),
            ("there is no folder no/such", "new app.json\n"),
            ("is new. Write the request", "all\n"),
            ("`all` cannot be written (one of request, auth, app)", "auth\n"),
            ("Write this to new app.json?", "maybe\n"),
            ("answer yes or no", "y\n"),
        ]
    )
    assert made.code == 0, made.out
    assert json.loads(Path("new app.json").read_text()) == {
        "auth": {
            "type": "APIKEY",
            "params": [{"name": "email", "title": "Your e-mail"}, {"name": "shopId", "title": "Shop id"}],
            "request": {
                "url": URL,
                "method": "PUT",
                "headers": ["Content-Type: application/json", "X-Key: {{app_token}}"],
                "mapping": [],
                "payload": {
                    "page_id": "{{page_id}}",
                    "app_id": "{{app_id}}",
                    "app_version": "{{app_version}}",
                    "email": "[[email]]",
                    "shopId": "[[shopId]]",
                    "a": {"b": 7},
                },
            },
        }
    }
    assert made.out.count("wrote new app.json\n") == 1
    assert "next: mcapp validate 'new app.json'\n" in made.out
    assert cli("validate", "new app.json", "--fail-on", "warning").code == 0

    # The command that it names says the same.
    import shlex

    words = shlex.split(made.out.rpartition("the same without questions: mcapp ")[2])
    before = Path("new app.json").read_bytes()
    assert cli(*words, "--force").code == 0
    assert Path("new app.json").read_bytes() == before


def test_app_json_in_the_folder_is_the_default_place(ask: Terminal) -> None:
    Path("app.json").write_text('{"auth": null,\r\n "actions": []}')
    made = ask(typed=[("URL", f"{URL}\n"), *DEFAULTS, ("[app.json]", "\n"), ("Write this to app.json?", "\n")])
    assert made.code == 0, made.out
    assert "--- a/app.json" in made.out
    after = Path("app.json").read_bytes()
    assert json.loads(after)["auth"]["request"]["url"] == URL
    assert after.endswith(b',\r\n "actions": []}')


def test_what_is_there_is_replaced_only_with_a_yes(ask: Terminal) -> None:
    old = '{"auth": {"request": {"url": "https://old.example.com"}}, "actions": []}'
    Path("app.json").write_text(old)
    head = [("URL", f"{URL}\n"), *DEFAULTS, ("[app.json]", "\n"), ("Replace it?", "\n")]
    made = ask(typed=[*head, ("its request is kept", "-\n"), ("Write this to stdout?", "\n")])
    assert made.code == 0, made.out
    assert Path("app.json").read_text() == old
    head[-1] = ("Replace it?", "y\n")
    made = ask(typed=[*head, ("Write this to app.json?", "n\n")])
    assert made.code == 1
    assert "error: nothing was written" in made.out
    assert f"hint: your answers: mcapp generate --url {URL} --token-in both --into app.json --force\n" in made.out
    assert Path("app.json").read_text() == old
    made = ask(typed=[*head, ("Write this to app.json?", "y\n")])
    assert made.code == 0
    assert json.loads(Path("app.json").read_text())["auth"]["request"]["url"] == URL


LEFT, HOME, END, WORD_BACK, LITERAL = "\x1b[D", "\x01", "\x05", "\x17", "\x16"


def test_a_line_is_edited_where_it_is_typed(ask: Terminal) -> None:
    made = ask(
        typed=[
            ("URL of your endpoint", f"ttps://example.com/hok{LEFT}o{HOME}h{END}/\n"),
            ("Method", f"GARBAGE{WORD_BACK}PUT\n"),
            *DEFAULTS[1:],
            ("File to put it into", "\n"),
            ("Write this to stdout?", "\n"),
        ],
        redirect=True,
    )
    assert made.code == 0, made.err
    request = made.json()["request"]
    assert (request["url"], request["method"]) == (f"{URL}/", "PUT")


def test_control_characters_are_refused(ask: Terminal) -> None:
    made = ask(
        typed=[
            ("URL of your endpoint", f"{URL}\n"),
            *DEFAULTS[:3],
            ("installer enters", f"email=Your{LITERAL}\x1b[D e-mail\n"),
            ("! it has control or invisible characters", CTRL_C),
        ]
    )
    assert made.code == 130


def test_each_question_explains_itself_and_leads_back(ask: Terminal) -> None:
    made = ask(
        typed=[
            ("URL of your endpoint", "<\n"),
            ("URL of your endpoint", "?\n"),
            ("ManyChat calls it after each install", f"{URL}/old\n"),
            ("Method", "?\n"),
            ("GET and DELETE have no payload", "<\n"),
            (f"[{URL}/old]", f"{URL}\n"),
            ("Method", "\n"),
            ("Where to send the App Key", "?\n"),
            ("In a header, in the payload, or in both", "\n"),
            ("Name of the header", "?\n"),
            ("x-token-header", "\n"),
            ("installer enters", "?\n"),
            ("App Setup asks the installer", "email=Your mail\n"),
            ("Another value", "<\n"),
            ("[email=Your mail]", "email=Your e-mail\n"),
            ("Another value", "\n"),
            ("Another entry", "?\n"),
            ("KEY:=JSON", "email=x\n"),
            ("the payload has `email` already", "shop.id:=7\n"),
            ("Another entry", "shop.id=8\n"),
            ("the payload has `shop.id` already", "\n"),
            ("File to put it into", "?\n"),
            ("An existing App JSON gets the block", "app.json\n"),
            ("is new", "?\n"),
            ("app is a complete one", "<\n"),
            ("[app.json]", "new.json\n"),
            ("is new", "auth\n"),
            ("Write this to new.json?", "?\n"),
            ("a number asks that question again", "y\n"),
        ]
    )
    assert made.code == 0, made.out
    auth = json.loads(Path("new.json").read_text())["auth"]
    assert auth["params"] == [{"name": "email", "title": "Your e-mail"}]
    assert auth["request"]["url"] == URL
    assert auth["request"]["payload"]["email"] == "[[email]]"
    assert auth["request"]["payload"]["shop"] == {"id": 7}


def test_an_answer_can_be_changed_at_the_end(ask: Terminal) -> None:
    made = ask(
        "-o",
        "app.json",
        typed=[
            ("URL of your endpoint", f"{URL}\n"),
            *DEFAULTS,
            ("  1 URL: ", ""),
            ("Write this to app.json?", "9\n"),
            ("a number from 1 to 6", "2\n"),
            ("Method", "GET\n"),  # no payload: its questions are gone, the other answers are kept
            ("  4 value 1: no more", ""),
            ("Write this to app.json?", "4\n"),
            ("installer enters", "shop\n"),
            ("Another value", "\n"),
            ("Write this to app.json?", "1\n"),
            (f"[{URL}]", f"{URL}/new\n"),
            ("Write this to app.json?", "\n"),
        ],
    )
    assert made.code == 0, made.out
    request = json.loads(Path("app.json").read_text())["request"]
    assert (request["method"], request["payload"]) == ("GET", None)
    assert request["url"] == f"{URL}/new"


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("questions", [0, 1, 4, 7])
def test_ctrl_c_ends_it_and_nothing_is_written(ask: Terminal, key: str, questions: int) -> None:
    Path("app.json").write_text('{"actions": []}')
    typed = [("URL", f"{URL}\n"), *DEFAULTS, ("[app.json]", "\n"), ("Write this to app.json?", "y\n")]
    typed[questions] = (typed[questions][0], key)
    made = ask(typed=typed[: questions + 1])
    assert made.code == 130
    assert made.out.endswith("\ninterrupted\n")
    assert Path("app.json").read_text() == '{"actions": []}'


def test_options_answer_their_questions(ask: Terminal) -> None:
    made = ask(
        *("--method", "GET", "--param", "shop", "--emit", "app", "-o", "app.json"),
        typed=[("URL", "https://example.com/[[shop]]\n"), ("Name of the header", "\n"), ("Write this", "\n")],
    )
    assert made.code == 0, made.out
    request = json.loads(Path("app.json").read_text())["auth"]["request"]
    assert (request["method"], request["payload"]) == ("GET", None)
    assert "Another entry" not in made.out


def test_an_option_that_cannot_be_written_ends_it_before_the_first_question(ask: Terminal) -> None:
    made = ask("--header", "no colon")
    assert made.code == 1
    assert "URL of your endpoint" not in made.out


def test_diff_is_shown_without_a_question(ask: Terminal) -> None:
    Path("app.json").write_text('{"actions": []}')
    made = ask("--into", "app.json", "--diff", typed=[("URL", f"{URL}\n"), *DEFAULTS], redirect=True)
    assert made.code == 0, made.err
    assert made.out.startswith("--- a/app.json\n")
    assert Path("app.json").read_text() == '{"actions": []}'


def test_quiet_still_asks(ask: Terminal) -> None:
    made = ask("-q", "-o", "app.json", typed=[("URL", f"{URL}\n"), *DEFAULTS, ("Write this", "y\n")])
    assert made.code == 0
    assert "next:" not in made.out
    assert Path("app.json").exists()


@pytest.mark.parametrize(("args", "env"), [(["--no-input"], {}), ([], {"MCAPP_NO_INPUT": "1"})])
def test_no_questions_where_they_are_forbidden(ask: Terminal, args: list[str], env: dict[str, str]) -> None:
    made = ask(*args, env=env)
    assert made.code == 2
    assert "--url is missing" in made.out


def test_a_pasted_key_is_not_shown_again(ask: Terminal) -> None:
    key = "12345678" + ":" + "ab" * 16
    made = ask(typed=[("URL", f"{URL}\n"), *DEFAULTS[:-1], ("Another entry", f"k={key}\n"), ("! ", CTRL_C)])
    assert made.code == 130
    # The terminal itself echoes what is typed; mcapp must not say it once more.
    assert made.out.count(key) == 1
