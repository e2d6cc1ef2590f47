"""What `mcapp send` works with: the options, the file, and the values that a person adds at the terminal."""

import sys
from collections.abc import Mapping
from typing import NamedTuple

import typer

from mcapp import files, search
from mcapp.appjson.placeholders import Placeholder, find
from mcapp.config import Config
from mcapp.document import Document, read
from mcapp.errors import InputProblem, UsageProblem
from mcapp.handover import values
from mcapp.handover.block import Block
from mcapp.handover.destination import Place
from mcapp.terminal.console import Console, visible


class Job(NamedTuple):
    """What the options ask for."""

    to: str
    place: Place
    given: Mapping[str, str]
    times: int
    expected: int
    timeout: float

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Those in `--to`, which are filled like the block's own."""
        return find(self.to)


def text_of(word: str) -> str:
    """An argument that is no valid UTF-8 reaches Python as lone surrogates, and no request could hold it."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageProblem("an argument is not valid UTF-8") from None
    return word


def the_document(path: str | None, config: Config) -> Document:
    """The file that was named, or the only one that there is. Raises InputProblem."""
    found = list(search.find([] if path is None else [path], config))
    if len(found) > 1:
        names = ", ".join(visible(item.path) for item in found[:5]) + (", …" if len(found) > 5 else "")
        raise InputProblem("there is more than one App JSON here", hint=f"name one of them: {names}", code="several")
    if found[0].problem:
        problem = found[0].problem
        problem.hint = problem.hint.replace("mcapp validate FILE", "mcapp send FILE --to …")
        raise problem
    return read(files.read_document(found[0].path), found[0].path)


def ask(block: Block, job: Job, console: Console) -> dict[str, str]:
    """The values of `--set`, and those that a person at the terminal adds. Raises UsageProblem where nobody can."""
    values.refuse_unknown(block, job.placeholders, job.given)
    typed = dict(job.given)
    missing = values.missing(block, job.placeholders, typed)
    if missing and not console.can_ask:
        raise UsageProblem(
            f"auth.request uses {' and '.join(f'`{visible(name)}`' for name in missing)}, and nothing says what it is",
            hint=" ".join(f"--set {visible(name)}=VALUE" for name in missing),
            code="missing-value",
        )
    titles = {param.name: param.title for param in block.params}
    for name in missing:
        title = titles.get(name, name)
        asked = visible(title) + ("" if title == name else f" ({visible(name)})")
        sys.stderr.write(f"{console.err_style.bold(asked)}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise typer.Abort
        typed[name] = line.rstrip("\r\n")
    return typed
