"""What users are told to type works in cmd, PowerShell and bash alike."""

import re

import pytest

from mcapp.cli.application import COMMANDS
from tests.documents.test_documents import DOCUMENTS
from tests.harness import ROOT

# The guides for users; what contributors type is for a POSIX shell.
GUIDES = [
    path
    for path in DOCUMENTS
    if path.parent == ROOT or path.parent.name in ("fleet", "keys", "scopes", "handover", "lint", "report")
]
# What starts a command in one of the shells: mcapp's own commands, in blocks and in the table of examples.
COMMAND = re.compile(rf"^(?:\$ )?((?:[A-Z_]+=\S+ )?mcapp (?:{'|'.join(COMMANDS)})\b.*?)(?:\s+#.*)?$", re.MULTILINE)
UNQUOTED = r'^(?:[^"]|"[^"]*")*?'
BROKEN = {
    "single quotes are ordinary characters in cmd": re.compile(r"'"),
    "`VAR=value command` is an error in cmd and PowerShell": re.compile(r"^[A-Z_]+="),
    "`<` is an error in PowerShell": re.compile(UNQUOTED + "<"),
    "a line that goes on behind `\\` is an error in cmd and PowerShell": re.compile(r"\\$"),
    "`$NAME` is not a variable in cmd": re.compile(r"\$[A-Za-z{]"),
    "`&&` is an error in Windows PowerShell": re.compile(UNQUOTED + "&&"),
    "`%NAME%` is a variable in cmd": re.compile(r"%\w+%"),
    "`;` is not the end of a command in cmd": re.compile(UNQUOTED + ";"),
}

# What is for a POSIX shell, and why it stays.
POSIX = {
    "MANYCHAT_APP_KEY=emulated-key mcapp send": "it shows the variable; a key never comes from an argument",
    "mcapp keys exec shop-a -- sh -c": "it runs a shell of its own",
    "mcapp probe --key shop-a --base-url http://127.0.0.1:8080 --rate 100 --include-writes --exp": "it shows $?",
}


def commands() -> list[tuple[str, str]]:
    found = []
    for path in GUIDES:
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"```(?:console|sh)\n(.*?)```", text, re.DOTALL):
            found += [(path.relative_to(ROOT).as_posix(), line) for line in COMMAND.findall(block)]
    return found


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("mcapp generate --payload 'app_token=<<app_token>>'", True),
        ('mcapp generate --payload "app_token=<<app_token>>"', False),
        ("mcapp validate - < app.json", True),
        ("MANYCHAT_APP_KEY=x mcapp probe", True),
        ("mcapp generate --url https://example.com/a \\", True),
        ("mcapp keys exec shop-a -- npm start", False),
    ],
)
def test_it_knows_what_breaks(line: str, broken: bool) -> None:
    (found,) = COMMAND.findall(line)
    assert any(pattern.search(found) for pattern in BROKEN.values()) == broken


def test_every_command_of_the_guides_works_in_every_shell() -> None:
    assert len(commands()) > 30
    wrong = [
        f"{where}: {line}\n    {reason}"
        for where, line in commands()
        for reason, pattern in BROKEN.items()
        if pattern.search(line) and not line.startswith((*POSIX,))
    ]
    assert not wrong, "\n".join(wrong)
