"""What users are told to type works in cmd, PowerShell and bash alike."""

import re

import pytest

from mcapp.cli.application import COMMANDS
from tests.documents.test_documents import DOCUMENTS
from tests.harness import ROOT, Cli
from tests.house.commands import LEAVES

# The guides for users; what contributors type is for a POSIX shell.
GUIDES = [path for path in DOCUMENTS if path.parent not in (ROOT / "mcapp", ROOT / "tests")]
# What users type: mcapp's own commands, alone or behind a pipe; not the remark after it, nor what shows the exit code.
COMMAND = re.compile(
    rf"^(?:\$ )?((?:\S.* \| )?(?:[A-Z_]+=\S+ )?mcapp (?:{'|'.join(COMMANDS)})\b.*?)"
    r'(?:\s+#.*|; (?:\\\n +)?echo "exit code \$\?")?$',
    re.MULTILINE,
)
UNQUOTED = r'^(?:[^"]|"[^"]*")*?'
BROKEN = {
    "single quotes are ordinary characters in cmd": re.compile(r"'"),
    "`VAR=value command` is an error in cmd and PowerShell": re.compile(r"^[A-Z_]+="),
    "`<` is an error in PowerShell": re.compile(UNQUOTED + "<"),
    "a line that goes on behind `\\` is an error in cmd and PowerShell": re.compile(r"\\$"),
    "`$NAME` and `$(COMMAND)` mean nothing in cmd": re.compile(r"\$[A-Za-z{(]"),
    "`&&` is an error in Windows PowerShell": re.compile(UNQUOTED + "&&"),
    "`%NAME%` is a variable in cmd": re.compile(r"%\w+%"),
    "`;` is not the end of a command in cmd": re.compile(UNQUOTED + ";"),
}

# What is for a POSIX shell, and why it stays.
POSIX = {
    "MANYCHAT_APP_KEY=emulated-key mcapp": "it shows the variable; a key never comes from an argument",
    "mcapp keys exec shop-a -- sh -c": "it runs a shell of its own",
}


def commands() -> list[tuple[str, str]]:
    found = []
    for path in GUIDES:
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"```(?:console|sh)\n(.*?)```", text, re.DOTALL):
            found += [(path.relative_to(ROOT).as_posix(), line) for line in COMMAND.findall(block)]
    return found


@pytest.mark.parametrize(
    ("line", "breaks"),
    [
        ("mcapp generate --payload 'app_token=<<app_token>>'", True),
        ('mcapp generate --payload "app_token=<<app_token>>"', False),
        ("mcapp validate - < app.json", True),
        ("echo 'a key' | mcapp keys add shop-a --stdin", True),
        ('echo "a key" | mcapp keys add shop-a --stdin', False),
        ('mcapp validate; echo "exit code $?"', False),
        ("MANYCHAT_APP_KEY=x mcapp probe", True),
        ("mcapp generate --url https://example.com/a \\", True),
        ("mcapp keys exec shop-a -- npm start", False),
    ],
)
def test_it_knows_what_breaks(line: str, breaks: bool) -> None:
    (found,) = COMMAND.findall(line)
    assert bool(broken(found)) == breaks


def broken(line: str) -> list[str]:
    return [reason for reason, pattern in BROKEN.items() if pattern.search(line)]


def test_every_command_of_the_guides_works_in_every_shell() -> None:
    assert len(commands()) > 50
    assert not [
        (where, line, broken(line)) for where, line in commands() if broken(line) and not line.startswith((*POSIX,))
    ]


def test_every_example_of_the_help_pages_works_in_every_shell(cli: Cli) -> None:
    pages = [cli(*words, "--help").out for words in LEAVES]
    examples = [
        re.split(r"\s{2,}", line.strip())[0]  # what follows is a remark
        for page in pages
        for line in page.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    ]
    assert len(examples) > len(pages)
    assert not [(line, broken(line)) for line in examples if broken(line)]
