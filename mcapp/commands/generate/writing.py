"""What `mcapp generate` does with a block: judge it, show it, write it, report on it."""

import json
import shlex
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from mcapp import files, inputs
from mcapp.cli import formats
from mcapp.document import read
from mcapp.errors import McappError, UsageProblem
from mcapp.generate.build import RequestSpec, render
from mcapp.generate.draft import Draft, draft, draft_into
from mcapp.report import FORMATS
from mcapp.report.result import Failure, FileResult, Report
from mcapp.terminal.console import Console, Style, is_terminal, visible
from mcapp.terminal.diffs import colored, unified
from mcapp.terminal.redact import remember


class Place(NamedTuple):
    """Where the block goes: to stdout (`path` None), into the App JSON at `path`, or into a new file there."""

    path: str | None = None
    into: bool = False
    force: bool = False
    diff: bool = False


def make(spec: RequestSpec, place: Place) -> Draft:
    """The draft for `place`. Raises Refused where something is there already, InputProblem for an unreadable file."""
    if place.path is None:
        return draft(spec)
    if place.into:
        return draft_into(spec, read(inputs.read(place.path), place.path), force=place.force)
    there = files.exists(place.path, keep=not place.force)
    return draft(spec, place.path, read(inputs.read(place.path), place.path) if there else None)


class Output:
    """The outcome of this run, for people on stderr and for programs in the reports that were asked for."""

    def __init__(self, targets: Sequence[formats.Target], console: Console) -> None:
        self.reports = [target for target in targets if target.name == "json"]
        # Then stdout is the report's, which holds the block.
        self.report_on_stdout = formats.Target("json") in self.reports
        self.console = console

    def accepts(self, made: Draft, place: Place) -> bool:
        """Whether the rules let `made` be written. What they say of it is shown; a refusal is reported."""
        for secret in made.secrets:
            remember(secret)
        if made.findings and not self.report_on_stdout:
            self.console.say(FORMATS["text"](_judged(made), self.console.err_style, self.console.width))
        if made.flawed:
            self._report(made, place, "none")
            self.console.say("nothing was written: what mcapp writes has no errors and no warnings")
        return not made.flawed

    def deliver(self, made: Draft, place: Place, *, talk: bool = False) -> None:
        """Write, print or show what was accepted and report on it; for a file, or with `talk`, say what comes next."""
        action = self._write(made, place)
        self._report(made, place, action)
        self._tell(made, place, action)
        if action in ("inserted", "created", "replaced") or (talk and action == "printed"):
            self.console.say(next_commands(place.path))

    def failed(self, error: BaseException) -> bool:
        """Put an error that ends the run into the reports; False where the user must still be told on stderr."""
        if isinstance(error, McappError) and not isinstance(error, UsageProblem):
            self._report(None, Place(), "none", Failure(error.code, error.message, error.hint, error.path))
            return self.report_on_stdout
        return False

    def _write(self, made: Draft, place: Place) -> str:
        """Do it, and say in one word what was done."""
        if place.path is None:
            if not self.report_on_stdout:
                self.console.out_bytes(made.document.raw)
            return "printed"
        if not made.changed:
            return "unchanged"
        if place.diff:
            if not self.report_on_stdout:
                text, style = diff(made, place), self.console.style
                # For people: coloured, and controls shown. Into a pipe goes what `git apply` reads.
                self.console.out(colored(text, style) if style.on or is_terminal(sys.stdout) else text)
            return "shown"
        if place.into and made.before is not None:
            files.write_bytes(place.path, made.document.raw, expected=made.before.raw)
            return "inserted"
        files.write_bytes(place.path, made.document.raw, replace=place.force)
        return "created" if made.before is None else "replaced"

    def _tell(self, made: Draft, place: Place, action: str) -> None:
        name = visible(place.path or "")
        told = {
            "inserted": f"put auth.request into {name}",
            "created": f"wrote {name}",
            "replaced": f"replaced {name}",
            "unchanged": f"{name} says that already: nothing to write",
        }
        if action in told:
            self.console.say(told[action])
        for param in made.kept:
            self.console.say(f"{name} declares the param `{visible(param)}` already: its title stays")
        if made.missing:
            member = render({"params": list(made.missing)})[2:-3]  # without the outer braces
            self.console.say(f"the block needs this beside it in `auth` (--into and --emit auth write it):\n{member}")

    def _report(self, made: Draft | None, place: Place, action: str, failure: Failure | None = None) -> None:
        if self.reports:
            text = json.dumps(_document(made, place, action, failure), indent=2)
            formats.write(self.reports, lambda _name, _style: text, self.console)


def diff(made: Draft, place: Place) -> str:
    """What writing it would change, as a unified diff."""
    return unified(made.before.text if made.before is not None else None, made.document.text, place.path or "")


def next_commands(path: str | None) -> str:
    """What to type next. A command that this version does not have is not offered."""
    from mcapp.cli.application import COMMANDS

    if path is None:
        return "next: put it into your App JSON with --into app.json, then check that: mcapp validate app.json"
    name = visible(shlex.quote(path))
    lines = [f"mcapp validate {name}"]
    if "send" in COMMANDS:
        lines.append(f"mcapp send {name} --to http://127.0.0.1:3000/install")
    return "next: " + "\n      ".join(lines)


def _judged(made: Draft, failure: Failure | None = None) -> Report:
    """The findings as `validate` reports them; --fix has no meaning for a text that is not there yet."""
    names = sorted({finding.path for finding in made.findings})
    return Report(
        files=tuple(FileResult(name, None, readable=True) for name in names),
        findings=tuple(finding._replace(fix=None) for finding in made.findings),
        errors=(failure,) if failure else (),
        documents=made.documents,
        fail_on="warning",
    )


def _document(made: Draft | None, place: Place, action: str, failure: Failure | None) -> dict[str, Any]:
    """The JSON report; schemas/generate.schema.json describes it."""
    judged = _judged(made, failure) if made else Report(errors=(failure,) if failure else ())
    # The findings and errors in the form that validate's report gives them.
    common = json.loads(FORMATS["json"](judged, Style(on=False), 80))
    return {
        "schema_version": 1,
        "command": "generate",
        "ok": judged.ok,
        "action": action,
        "path": place.path if made else None,
        "block": made.data if made else None,
        "missing_params": list(made.missing) if made else [],
        "kept_params": list(made.kept) if made else [],
        "diff": diff(made, place) if made and place.diff and not made.flawed else None,
        "findings": common["findings"],
        "errors": common["errors"],
    }
