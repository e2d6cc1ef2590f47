"""`mcapp generate` without `--url` at a terminal: asks step by step, on stderr, so that stdout has the result alone.

Every answer is checked at once with the rules that check the result; after a wrong one the question is repeated, with
the reason.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mcapp import files
from mcapp.errors import Refused
from mcapp.generate.build import (
    DEFAULT_PAYLOAD,
    EMIT,
    KEY_HEADER,
    METHODS,
    TOKEN_IN,
    WITH_PAYLOAD,
    RequestSpec,
    carries_key,
    check_method,
    parse_param,
)
from mcapp.generate.draft import Draft, WriteTarget, diff, draft, make
from mcapp.generate.payload import dotted, merge, parse_entry
from mcapp.lint.model import NOTE
from mcapp.terminal.console import Console, is_terminal, visible
from mcapp.terminal.diffs import colored
from mcapp.terminal.prompts import ask_until, ask_yes, print_line


class Given(NamedTuple):
    """Which of these options were on the command line: then there is no question about them."""

    method: bool = False
    emit: bool = False


class Wizard:
    """One conversation. `words` are the options that would give the same result."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.style = console.err_style
        self.words: list[str] = []

    def ask(self, spec: RequestSpec, target: WriteTarget, given: Given) -> tuple[RequestSpec, WriteTarget]:
        """Complete `spec` and `target`. Raises Refused where the options alone make a block with errors."""
        _clean(spec._replace(url="https://example.com/"))
        print_line(
            "This writes the auth.request block that makes ManyChat hand over the App Key of each installation.\n"
            "Enter takes the default in [ ]. Ctrl-C stops, and nothing is written."
        )
        spec = ask_until(
            self.console,
            "URL of your endpoint, such as https://example.com/manychat/install",
            lambda answer: _clean(spec._replace(url=answer)),
        )
        self.words += ["--url", spec.url]
        if not given.method:
            spec = self._method(spec)
        spec = self._key(spec)
        extras = spec.payload is None and spec.method in WITH_PAYLOAD
        if not spec.params:
            spec = self._params(spec)
        if extras:
            spec = self._payload(spec)
        if target.path is None:
            spec, target = self._target(spec, target, given)
        return spec, target

    def confirm(self, made: Draft, target: WriteTarget) -> None:
        """Show the result and ask before it is written. Raises Refused, code "declined", for a no."""
        if target.diff or (target.path is None and is_terminal(sys.stdout)) or not made.changed:
            return  # no file is written, and a printed block is seen anyway
        text = made.document.text if target.path is None else diff(made, target)
        print_line((colored(text, self.style) if target.path else text).rstrip("\n"))
        name = "stdout" if target.path is None else visible(target.path)
        if not ask_yes(self.console, f"Write this to {name}?", default=True):
            raise Refused("nothing was written", code="declined")

    def _method(self, spec: RequestSpec) -> RequestSpec:
        new = ask_until(
            self.console,
            f"Method: {', '.join(METHODS)}",
            lambda answer: _clean(spec._replace(method=check_method(answer))),
            default=spec.method,
        )
        if new.method != "POST":
            self.words += ["--method", new.method]
        return new

    def _key(self, spec: RequestSpec) -> RequestSpec:
        """Where the App Key is sent, unless the options say."""
        if spec.payload is not None or any(map(carries_key, spec.headers)):
            return spec
        if spec.token_in is None and spec.method in WITH_PAYLOAD:
            spec = ask_until(
                self.console,
                f"Where to send the App Key: {', '.join(TOKEN_IN)}",
                lambda answer: _clean(spec._replace(token_in=answer.lower())),
                default="both",
            )
            self.words += ["--token-in", str(spec.token_in)]
        if spec.token_in != "payload" and spec.token_header is None:  # noqa: S105  # a location, not a password
            spec = ask_until(
                self.console,
                "Name of the header with the key",
                lambda answer: _clean(spec._replace(token_header=answer)),
                default=KEY_HEADER,
            )
            if spec.token_header != KEY_HEADER:
                self.words += ["--token-header", str(spec.token_header)]
        return spec

    def _params(self, spec: RequestSpec) -> RequestSpec:
        """The values that the installer enters, one after the other."""
        more = ""
        while True:
            new = ask_until(
                self.console,
                f"{more or 'A value'} that the installer enters, as NAME or NAME=TITLE",
                partial(_with_param, spec),
                default="no more" if more else "nothing",
                empty=spec,
            )
            if new is spec:
                return spec
            spec, more = new, "Another value"
            self.words += ["--param", f"{spec.params[-1].name}={spec.params[-1].title}"]

    def _payload(self, spec: RequestSpec) -> RequestSpec:
        """The default payload with the params, and further entries."""
        base: dict[str, object] = {name: value for name, value in DEFAULT_PAYLOAD.items() if not carries_key(value)}
        base.update({param.name: f"<<{param.name}>>" for param in spec.params})
        while True:
            key = () if spec.token_in == "header" else ("app_token",)  # noqa: S105  # as above
            has = ", ".join((*key, *(spec.payload or base)))
            new = ask_until(
                self.console,
                f"The payload has {visible(has)}. Another entry, as KEY=VALUE",
                partial(_with_entry, spec, base),
                default="no more",
                empty=spec,
            )
            if new is spec:
                break
            spec = new
        for name, value in (spec.payload or {}).items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            self.words += ["--payload", f"{dotted([name])}{'=' if isinstance(value, str) else ':='}{text}"]
        return spec

    def _target(self, spec: RequestSpec, target: WriteTarget, given: Given) -> tuple[RequestSpec, WriteTarget]:
        def use(answer: str) -> tuple[RequestSpec, WriteTarget]:
            if answer == "-":
                return spec, target
            if files.exists(answer) and not given.emit:
                return spec, self._into(spec, target._replace(path=answer, into=True))
            new = target._replace(path=answer)
            files.exists(answer, keep=not new.force)
            return (spec if given.emit else self._emit(spec, answer)), new

        default = "app.json" if Path("app.json").is_file() and not given.emit else "-"
        spec, target = ask_until(
            self.console, "File to put it into, an App JSON or a new file; - prints it", use, default=default
        )
        if target.path is not None:
            self.words += ["--into" if target.into else "-o", target.path, *(["--force"] if target.force else [])]
            if not target.into and not given.emit:
                self.words += ["--emit", spec.emit]
        return spec, target

    def _into(self, spec: RequestSpec, target: WriteTarget) -> WriteTarget:
        """An existing App JSON; a request in it is replaced only after a yes."""
        try:
            made = make(spec, target)
        except Refused as error:
            if error.code != "exists":
                raise
            if not ask_yes(self.console, f"{visible(error.message)}. Replace it?", default=False):
                raise Refused("its request is kept; name another file, or - to print the block") from None
            target = target._replace(force=True)
            made = make(spec, target)
        _refuse_flaws(made)
        return target

    def _emit(self, spec: RequestSpec, path: str) -> RequestSpec:
        return ask_until(
            self.console,
            f"{visible(path)} is new. Write the {', the '.join(EMIT[:2])}, or a complete app with a sample action?",
            lambda answer: _clean(spec._replace(emit=_emitted(answer))),
            default="app",
        )


def _clean(spec: RequestSpec) -> RequestSpec:
    """`spec`, if what it has so far has no errors and no warnings. Raises McappError with the first one."""
    _refuse_flaws(draft(spec))
    return spec


def _refuse_flaws(made: Draft) -> None:
    for finding in made.findings:
        if finding.severity != NOTE:
            raise Refused(finding.message, hint=finding.help, code=finding.name)


def _with_param(spec: RequestSpec, answer: str) -> RequestSpec:
    return _clean(spec._replace(params=(*spec.params, parse_param(answer))))


def _with_entry(spec: RequestSpec, base: dict[str, object], answer: str) -> RequestSpec:
    return _clean(spec._replace(payload=merge(spec.payload or base, [parse_entry(answer)])))


def _emitted(answer: str) -> str:
    word = answer.lower()
    if word not in EMIT:
        raise Refused(f"one of {', '.join(EMIT)}")
    return word
