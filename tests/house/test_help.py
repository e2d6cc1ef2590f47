"""`mcapp --help` and the help of every command: examples first, every option explained, exit codes at the end."""

import re

import pytest

import mcapp
from mcapp.cli.application import COMMANDS
from mcapp.cli.command import EXITS_COMMON
from tests.harness import Cli, Process
from tests.house.commands import GROUPS, LEAVES, command, options, spelled

GLOBAL = {"--verbose", "--quiet", "--color", "--config", "--isolated", "--no-input", "--help"}
_SECTION = re.compile(r"^([A-Z][A-Za-z ]+):$", re.MULTILINE)

every_command = pytest.mark.parametrize("words", LEAVES, ids=spelled)
every_page = pytest.mark.parametrize("words", [(), *GROUPS, *LEAVES], ids=spelled)


def help_of(cli: Cli, *words: str) -> str:
    result = cli(*words, "--help")
    assert (result.code, result.err) == (0, "")
    return result.out


def sections(page: str) -> dict[str, str]:
    """The lines under each heading."""
    parts = _SECTION.split(page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_mcapp_alone_prints_the_same_help(cli: Cli) -> None:
    alone = cli()
    assert (alone.code, alone.err) == (0, "")
    assert alone.out == help_of(cli)


@pytest.mark.parametrize("words", GROUPS, ids=spelled)
def test_a_group_alone_prints_the_same_help(cli: Cli, words: tuple[str, ...]) -> None:
    assert cli(*words).out == help_of(cli, *words)
    listed = re.findall(r"^  ([a-z-]+) ", sections(help_of(cli, *words))["Commands"], re.MULTILINE)
    assert listed == list(command(*words).commands)


def test_the_root_lists_every_command_with_its_sentence(cli: Cli) -> None:
    listed = sections(help_of(cli))["Commands"]
    assert re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE) == list(COMMANDS)
    for sentence in COMMANDS.values():
        assert sentence in " ".join(listed.split())


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(cli: Cli, option: str) -> None:
    result = cli(option)
    assert (result.code, result.out, result.err) == (0, f"mcapp {mcapp.__version__}\n", "")


@every_command
def test_examples_come_first_and_exit_codes_last(cli: Cli, words: tuple[str, ...]) -> None:
    headings = list(sections(help_of(cli, *words)))
    assert headings[:2] == ["Examples", "Usage"]
    assert headings[-1] == "Exit codes"


@every_command
def test_the_examples_use_what_there_is(cli: Cli, words: tuple[str, ...]) -> None:
    examples = sections(help_of(cli, *words))["Examples"]
    assert f"mcapp {' '.join(words)}" in examples
    # A remark stands behind its example, two blanks or more away; a backslash continues a line.
    lines = [re.split(r"\s{2,}", line.strip())[0] for line in examples.replace("\\\n", " ~").splitlines()]
    parts = [part.replace(" ~", " ") for line in lines for part in re.split(r"[|;&]", line) if "mcapp " in part]
    assert parts
    for part in parts:
        called = re.split(r' -- |[")]', part.partition("mcapp ")[2])[0].split()
        known = [path for path in LEAVES if tuple(called[: len(path)]) == path]
        assert known, f"there is no command for: {part}"
        used = {word.partition("=")[0] for word in called if re.match(r"--?[a-z]", word)}
        taken = {name for param in command(*known[0]).params for name in (*param.opts, *param.secondary_opts)}
        assert used <= taken, f"{used - taken} in: {part}"


@every_command
def test_every_option_is_explained(words: tuple[str, ...]) -> None:
    for name, param in options(*words).items():
        assert len(getattr(param, "help", None) or "") > 10, f"{name} has no help"


@every_page
def test_the_global_options_are_there_too(cli: Cli, words: tuple[str, ...]) -> None:
    assert set(re.findall(r"--[a-z-]+", sections(help_of(cli, *words))["Global options"])) >= GLOBAL


@every_command
def test_the_exit_codes_are_told(cli: Cli, words: tuple[str, ...]) -> None:
    rows = re.findall(r"^  (\d+) +(\S.*)", sections(help_of(cli, *words))["Exit codes"], re.MULTILINE)
    codes = [int(code) for code, _ in rows]
    assert codes == sorted(codes)
    assert {0, *EXITS_COMMON} <= set(codes)


@every_page
def test_nothing_is_wider_than_a_terminal(cli: Cli, words: tuple[str, ...]) -> None:
    """Examples are typed as they stand and may be wider."""
    page = help_of(cli, *words)
    examples = sections(page).get("Examples", "").splitlines()
    assert not [line for line in page.splitlines() if len(line) > 80 and line not in examples]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_sentence_in_the_list_is_a_sentence_of_the_page(cli: Cli, name: str) -> None:
    assert " ".join(help_of(cli, name).split("\n\n")[0].split()) == COMMANDS[name]


def test_the_module_and_the_command_line_are_one(process: Process, cli: Cli) -> None:
    assert process("--help").out == cli("--help").out


@every_page
def test_on_a_narrow_terminal_every_option_can_still_be_copied(cli: Cli, words: tuple[str, ...]) -> None:
    def copied(columns: str) -> set[str]:
        page = cli(*words, "--help", env={"COLUMNS": columns}).out
        return set(re.findall(r"--[a-z][a-z-]*[a-z]", page))

    assert copied("50") == copied("200")


@every_page
def test_h_and_help_print_the_same_page(cli: Cli, words: tuple[str, ...]) -> None:
    assert cli(*words, "-h").out == cli("help", *words).out == help_of(cli, *words)


def test_help_of_an_unknown_command_is_a_mistake(cli: Cli) -> None:
    result = cli("help", "validte")
    assert (result.code, result.out) == (2, "")
    assert "did you mean" in result.err


@pytest.mark.parametrize(
    ("words", "option", "typed", "offered"),
    [
        (("validate",), "--output-format", "sa", ["sarif"]),
        (("validate",), "--select", "MC203,MC20", ["MC203,MC203", "MC203,MC204"]),
        (("validate",), "--fail-on", "w", ["warning"]),
        (("endpoints",), "--group", "pa", ["page"]),
        (("probe",), "--output-format", "j", ["json", "jsonl", "junit"]),
        (("probe",), "--only", "GET /fb/page/getI", ["GET /fb/page/getInfo"]),
        (("probe",), "--group", "page,s", ["page,sending", "page,subscriber"]),
        (("keys", "add"), "--store", "f", ["file"]),
        (("schema",), "--color", "n", ["never"]),
    ],
)
def test_completion_offers_values(words: tuple[str, ...], option: str, typed: str, offered: list[str]) -> None:
    param = options(*words)[option]
    found = [item.value for item in param.shell_complete(None, typed)]
    assert set(offered) <= set(found)
    assert all(each.startswith(typed) for each in found)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("mcapp ", list(COMMANDS)), ("mcapp help ", list(COMMANDS)), ("mcapp rules --o", ["--output-format"])],
)
def test_completion_describes_what_it_offers_in_one_line(process: Process, typed: str, offered: list[str]) -> None:
    fish = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": typed}
    result = process(env={"_MCAPP_COMPLETE": "complete_fish", **fish})
    assert (result.code, result.err) == (0, "")
    assert [line.partition("\t")[0] for line in result.out.splitlines()] == offered
