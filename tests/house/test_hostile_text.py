"""Names, documents, answers and deliveries with anything in them: no line of any output is a command for a CI runner,
and every character of it can be seen.

The ordinary run takes a sample; MCAPP_HOSTILE=5000 tries that many texts.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from unicodedata import category
from urllib.parse import quote

import pytest

from mcapp.report import FORMATS
from mcapp.scopes.probe_formats import FORMATS as PROBE_FORMATS
from tests.harness import Cli, Result
from tests.house.peers import Echo, at_work, http, raw

COUNT = int(os.environ.get("MCAPP_HOSTILE", "0")) or 33

_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u2800\u3164\ufe00\ufe0f\uffa0\U000e0100\U000e01ef"
PIECES = [
    *("::error::x", "::error file=a,line=1::x", "::add-mask::x", "::stop-commands::x", "##[group]x", "##[error]x"),
    *("##vso[task.setvariable variable=a]x", "::set-output name=a::b", "::", "##", "##[", "##vso[", ":", "#", "[", "]"),
    *(
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\v",
        "\f",
        "\0",
        "\x1b[2J",
        "\x1b]8;;http://x\x1b\\",
        "\x1b]0;t\a",
        "\x7f",
        "\x85",
        "\x9b2J",
    ),
    *(
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u061c",
        "\U0001d173",
        "\U00013430",
    ),
    *(
        "\U000e0001",
        "\U000e0041",
        "\ue000",
        "\u0378",
        *_FILLERS,
        " ",
        "\u00a0",
        "\u3000",
        "a",
        "é",
        "漢",
        "🎉",
        "e\u0301",
    ),
    *(
        "<b>",
        "&amp;",
        "]]>",
        "|",
        "`",
        "*",
        "[x](http://x)",
        "<!--",
        "%0A",
        "%0D%0A",
        "\\n",
        '"',
        "'",
        ";",
        ",",
        "%",
        "/",
        "\\",
    ),
    *("<<x>>", "{{x}}", "[[x]]", "{{", "]]", "https://example.com/", "javascript:x"),
]


def hostile(chance: Random, most: int = 12) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, most)))


def is_unseen(char: str) -> bool:
    return char in _FILLERS or category(char) in _UNSEEN


# What a format writes itself that begins like a command, and what may stand in it.
OWN = {
    "github": re.compile(
        r"::(?:error|warning|notice) (?:[a-zA-Z]+=[^:,]*,?)+::.*|::stop-commands::[0-9a-f]{32}|::[0-9a-f]{32}::"
    ),
    "azure": re.compile(r"##vso\[task\.logissue type=(?:error|warning);(?:[a-z]+=[^;\]]*;)*\].*"),
}
_BEGINS = re.compile(r"\s*(?:::|##\[|##vso\[)", re.IGNORECASE)
_ANYWHERE = re.compile(r"##(?:\[|vso\[)", re.IGNORECASE)


def faults(output: str, form: str = "") -> Iterator[str]:
    """What is wrong with an output in this format. A diff has tabs and line ends as the file has them."""
    if form == "diff":
        output = output.replace("\r\n", "\n").replace("\t", " ")
    if unseen := {f"U+{ord(char):04X}" for char in output if char != "\n" and is_unseen(char)}:
        yield f"{sorted(unseen)}"
    fence = ""  # between its marks the runner obeys nothing
    for line in output.split("\n"):
        own = form in OWN and OWN[form].fullmatch(line)
        if form == "github" and line.startswith("::stop-commands::") and not fence:
            fence = line.removeprefix("::stop-commands::")
        elif fence and line == f"::{fence}::":
            fence = ""
        elif not own and _BEGINS.match(line):
            yield f"a command: {line}"
        elif not fence and _ANYWHERE.search(line[1:] if own else line):
            yield f"a command in a line: {line}"
    if fence:
        yield "the fence is open"


@pytest.fixture
def wrong() -> Iterator[list[str]]:
    """What was found; a test goes on after it, and fails in the end."""
    found: list[str] = []
    yield found
    assert not found, "\n".join([f"{len(found)} outputs", *found[:10]])


def look(wrong: list[str], case: str, done: Result | str, form: str = "") -> None:
    outputs = ((done, form),) if isinstance(done, str) else ((done.out, form), (done.err, ""))
    for output, of in outputs:
        wrong += [f"{case}: {fault[:300]}" for fault in faults(output, of)]
    if not isinstance(done, str) and done.code == 70:
        wrong.append(f"{case}: {done.err}")


DOCUMENTS = (
    '{"request": {"url": HERE, "method": HERE, "headers": [HERE], HERE: 1}}',
    '{"actions": [{"name": HERE, "title": HERE, "requests": [{"url": "x", "headers": [HERE, HERE]}]}], HERE: HERE}',
    '{"auth": {"params": [{"name": HERE}, {"name": HERE}], "type": HERE, "request": {"url": "https://x.io/[[BARE]]"}}}',
    '{"request": {"url": "https://example.com/h", "payload": {HERE: "{{BARE}} [[BARE]] <<BARE>>"}}} // BARE\n',
    '{"request": {"url": "https://BARE@example.com/BARE?BARE#BARE", "payload": {"a": 1, "a": HERE}},}',
    '{"request": BARE\n',
    "BARE",
)


def document(chance: Random) -> str:
    """A document with hostile texts, as JSON strings and as they are."""
    text = re.sub(
        "HERE", lambda _: json.dumps(hostile(chance), ensure_ascii=chance.random() < 0.3), chance.choice(DOCUMENTS)
    )
    return re.sub("BARE", lambda _: hostile(chance), text)


def named(chance: Random) -> str:
    """The name of a file, which is not an option, as long as a file system takes it."""
    raw_name = hostile(chance).replace("/", "").replace("\0", "").encode(
        "utf-8", "surrogatepass"
    ) + b"\xff" * chance.randrange(2)
    return "x" * (chance.random() < 0.3) + (raw_name[:120].lstrip(b"-@") or b"x").decode("utf-8", "surrogateescape")


def test_in_documents_and_names_of_files(cli: Cli, wrong: list[str]) -> None:
    for number in range(COUNT * 3 // 5):
        chance = Random(number)  # noqa: S311  # a test's choice
        form, name = list(FORMATS)[number % len(FORMATS)], named(chance)
        if number % 3 == 0 or name in (".", ".."):
            name = "app.json"
        if number % 7:
            with suppress(OSError):
                Path(name).write_bytes(document(chance).encode("utf-8", "surrogatepass"))
        case = f"{number}: {name!a}"
        look(wrong, f"{case}, {form}", cli("validate", name, "--output-format", form), form)
        which = number // len(FORMATS) % 5
        if which == 0:
            look(wrong, f"{case}, diff", cli("validate", name, "--unsafe-fixes", "--diff"), "diff")
        elif which == 1:
            look(wrong, f"{case}, send", cli("send", name, "--to", "http://127.0.0.1:1/x", "--dry-run"))
        elif which == 2:
            look(
                wrong,
                f"{case}, generate",
                cli("generate", "--url", "https://x.io/", "--into", name, "--diff", "--force"),
                "diff",
            )
        elif which == 3:
            cli("validate", name, "--output-format", f"{form}=report", env={"GITHUB_STEP_SUMMARY": "summary"})
            for path in ("report", "summary"):
                if Path(path).exists():
                    look(wrong, f"{case}, {form} in {path}", Path(path).read_text(), form if path == "report" else "")
                    Path(path).unlink()
        else:
            look(wrong, f"{case}, fix", cli("validate", name, "--unsafe-fixes", "-v"))
        if Path(name).is_file():
            Path(name).unlink()


ANSWERS = (
    lambda text: http("401 Unauthorized", json.dumps({"status": "error", "message": text})),
    lambda text: http("400 Bad", json.dumps({"status": text, "details": {"messages": {text: [{"message": text}]}}})),
    lambda text: http("400 Bad", text, Content_Type="text/plain"),
    lambda text: http(f"302 {quote(text, safe=' :#[]')}", Location=re.sub("[\r\n]", "", text)),
    lambda text: http("200 OK", "{}", X_Echo=re.sub("[\r\n]", "", text), Content_Type=re.sub("[\r\n]", "", text)),
    lambda text: http("200 OK", "{}", Content_Encoding=re.sub("[\r\n]", "", text)),
)
BLOCK = '{"request": {"url": "https://x.io/h", "method": "POST", "headers": ["x-token-header: {{app_token}}"]}}'
READS = ("--rate", "2000", "--only", "GET /fb/page/getInfo,GET /fb/page/getTags")


def test_in_answers(cli: Cli, echo: Echo, wrong: list[str]) -> None:
    Path("block.json").write_text(BLOCK)
    Path("keys.jsonl").write_text(json.dumps({"key": "made-up-key-1", "name": "shop"}))
    for number in range(COUNT // 5):
        chance = Random(number)  # noqa: S311  # as above
        answer = ANSWERS[number % len(ANSWERS)](hostile(chance, 40))
        echo.answer = lambda _, answer=answer: answer  # type: ignore[misc]
        form = list(PROBE_FORMATS)[number % len(PROBE_FORMATS)]
        env = {"MANYCHAT_APP_KEY": "made-up-key-0"}
        expected = ("--expect", "GET /fb/page/getTags") if number % 2 else ()
        probe = ("probe", "--base-url", echo.base_url, *READS, *expected)
        look(wrong, f"{number}: probe, {form}", cli(*probe, "--output-format", form, env=env), form)
        form = ("text", "json")[number % 2]
        look(
            wrong, f"{number}: send, {form}", cli("send", "block.json", "--to", echo.base_url, "--output-format", form)
        )
        form = ("text", "json", "jsonl", "csv", "markdown")[number % 5]
        fleet = (
            "fleet",
            "check",
            "--keys",
            "keys.jsonl",
            "--base-url",
            echo.base_url,
            "--rate",
            "2000",
            "--state",
            "state",
        )
        look(wrong, f"{number}: fleet, {form}", cli(*fleet, "--output-format", form))


def test_in_deliveries_and_requests(cli: Cli, wrong: list[str]) -> None:
    for number in range(COUNT // 10):
        chance = Random(number)  # noqa: S311  # as above
        text = hostile(chance, 40)
        header = re.sub("[\r\n]", "", text)
        form = ("text", "json", "jsonl")[number % 3]
        body = text if number % 2 else json.dumps({"app_token": "made-up-key-2", text: text, "page_id": text})
        words = ["listen", "--once", "--timeout", "0.5", "--output-format", form]
        path = "/" if number % 4 else f"/{quote(text)}"

        def visit(base: str, path: str = path, body: str = body, header: str = header) -> None:
            raw(base, f"{path}?{quote(header)}={quote(header)}", body, X_Note=header, Content_Type="text/plain")

        look(wrong, f"{number}: listen, {form}", at_work(cli, words, visit))
        form = ("text", "json")[number % 2]
        words = ["emulate", "--timeout", "0.3", "--output-format", form]
        look(wrong, f"{number}: emulate, {form}", at_work(cli, words, visit))


def test_in_options_and_files_of_options(cli: Cli, echo: Echo, wrong: list[str]) -> None:
    """What is typed comes from scripts too, where it may be somebody else's."""
    echo.answer = lambda _: http("401 Unauthorized", '{"status":"error","message":"Wrong access token"}')
    for number in range(COUNT // 10):
        chance = Random(number)  # noqa: S311  # as above
        text = hostile(chance).replace("\0", "")
        quoted = json.dumps(re.sub("[\x7f-\x9f\ud800-\udfff]", "", text)).replace("\\ud", "")
        Path("own.toml").write_text(
            chance.choice(
                ["{} = 1", "select = [{}]", "files = [{}]", "fail-on = {}", "[scopes]\nexpect = [{}]", "{}\n"]
            ).format(quoted)
        )
        Path("keys.toml").write_text(f"[[keys]]\nname = {quoted}\nkey = 'a-made-up-key'\nscopes = [{quoted}]\n")
        Path("keys.csv").write_text(f"key,name,page_id\nmade-up-key-{number},{quoted},{quoted}\n", encoding="utf-8")
        for words in (
            ("--config", "own.toml", "validate", "app.json"),
            ("emulate", "--keys", "keys.toml", "--timeout", "0.01"),
            (
                "fleet",
                "check",
                "--keys",
                "keys.csv",
                "--base-url",
                echo.base_url,
                "--rate",
                "2000",
                "--state",
                f"state-{number}",
            ),
            ("validate", "--select", text),
            ("validate", "app.json", "--output-format", f"text={text}"),
            ("probe", "--only", text, "--dry-run"),
            ("rules", f"x{text}"),
            ("generate", "--url", text, "--param", f"a={text}", "--header", text),
            ("send", "--to", text),
            ("keys", "show", text),
            ("keys", "add", text, "--stdin"),
            ("listen", "--path", text, "--timeout", "0.01"),
            (text,),
            ("validate", f"--{text}"),
        ):
            look(wrong, f"{number}: {words!a}", cli(*words, stdin="a-made-up-key-3"))
