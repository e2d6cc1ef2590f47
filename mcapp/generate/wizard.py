"""`mcapp generate` without `--url` at a terminal: asks step by step, on stderr, so that stdout has the result alone.

Every answer is checked at once with the rules that check the result; after a wrong one the question is repeated, with
the reason. All answers are kept by question. To go back, or to change one at the end, the conversation starts again
from the beginning, and only what has no answer, or is to get another one, is asked.
"""

import json
import sys
from collections.abc import Callable, Collection
from itertools import count
from pathlib import Path
from typing import TypeVar

from mcapp import files
from mcapp.errors import McappError, Refused
from mcapp.generate import build as blocks
from mcapp.generate.build import RequestSpec, carries_key, dotted, merge, parse_entry
from mcapp.generate.draft import Draft, WriteTarget, make
from mcapp.terminal.console import Console, is_terminal, visible
from mcapp.terminal.drawing import colored
from mcapp.terminal.format import quoted
from mcapp.terminal.prompts import Back, ask_until, ask_yes, print_line

Value = TypeVar("Value")

_ASK = {
    "URL": "URL of your endpoint, such as https://example.com/manychat/install",
    "method": f"Method: {', '.join(blocks.METHODS)}",
    "place of the key": f"Where to send the App Key: {', '.join(blocks.TOKEN_IN)}",
    "header of the key": "Name of the header with the key",
    "file": "File to put it into, an App JSON or a new file; - prints it",
    "content": "The file is new. Write the request, the auth, or a complete app with a sample action?",
}
_HELP = {
    "URL": "ManyChat calls it after each install: https, reachable from the internet, and without the key in it.",
    "method": "POST, unless your endpoint wants another one. GET and DELETE have no payload.",
    "place of the key": "In a header, in the payload, or in both, as in ManyChat's article.",
    "header of the key": "Any name that your endpoint reads; ManyChat's article has x-token-header.",
    "value": """App Setup asks the installer for it. NAME is its name in the block, TITLE what the installer reads:
  email=Your e-mail. Enter alone, or -, when there are no more.""",
    "entry": """KEY=VALUE adds a text; a dot in KEY nests, KEY:=JSON is a number, list and so on. <<page_id>> is what
  ManyChat fills in, <<NAME>> for what the installer enters. Enter alone, or -, when there are no more.""",
    "file": "An existing App JSON gets the block and is otherwise not changed; a new file is written; - prints it.",
    "content": "request and auth are parts to be put into an App JSON; app is a complete one, with a sample action.",
}


class Wizard:
    """One conversation, for what the options leave open; `given` names the options that were on the command line."""

    def __init__(self, console: Console, spec: RequestSpec, target: WriteTarget, given: Collection[str]) -> None:
        self._console = console
        self._spec = spec
        self._target = target
        self._given = given
        self._answers: dict[str, str] = {}
        self._asked: list[str] = []  # the questions of this round, in order
        self._again: str | None = None  # the one to be asked although it has an answer
        self._replaced: set[str | None] = set()  # files in which a request may be replaced

    def ask(self) -> tuple[RequestSpec, WriteTarget]:
        """What the options and the answers say. Raises Refused where the options alone make a block with errors."""
        if not self._answers:
            _clean(self._spec._replace(url="https://example.com/"))
            print_line(
                "This writes the auth.request block that makes ManyChat hand over the App Key of each installation.\n"
                "Enter takes the default in [ ], ? explains, < goes back. Ctrl-C stops, and nothing is written."
            )
        while True:
            self._asked = []
            try:
                return self._talk()
            except Back:
                continue

    def confirms(self, spec: RequestSpec, made: Draft) -> bool:
        """Show the result and ask before it is written; False where an answer is to be changed: ask again.

        Raises Refused, code "declined", for a no, with the command that gives the same.
        """
        target = made.target
        if target.diff or not made.changed:
            return True  # no file is written
        if target.path is not None or not is_terminal(sys.stdout):
            text = made.document.text if target.path is None else made.diff
            print_line((colored(text, self._console.err_style) if target.path else text).rstrip("\n"))
        for number, name in enumerate(self._asked, 1):
            print_line(f"{number:3} {name}: {visible(self._answers[name]) or 'no more'}")
        most = len(self._asked)

        def decide(answer: str) -> str | int:
            word = answer.lower()
            if word.isdecimal() and 0 < int(word) <= most:
                return int(word)
            if word not in ("y", "yes", "n", "no"):
                raise Refused(f"answer yes or no, or a number from 1 to {most}")
            return word[0]

        name = "stdout" if target.path is None else visible(target.path)
        question = f"Write this to {name}? yes, no, or the number of an answer to change"
        explanation = "  yes writes it, no ends without writing, a number asks that question again."
        try:
            answer = ask_until(self._console, question, decide, default="yes", help=explanation)
        except Back:
            answer = most
        if answer == "n":
            hint = f"your answers: {self.command(spec, target)}"
            raise Refused("nothing was written", hint=hint, code="declined")
        if answer != "y":
            self._again = self._asked[int(answer) - 1]
        return answer == "y"

    def command(self, spec: RequestSpec, target: WriteTarget) -> str:
        """The command that gives the same without questions."""
        options, words = self._spec, ["--url", spec.url]
        if spec.method != options.method:
            words += ["--method", spec.method]
        if spec.token_in is not None and options.token_in is None:
            words += ["--token-in", spec.token_in]
        if spec.token_header not in (None, options.token_header, blocks.KEY_HEADER):
            words += ["--token-header", str(spec.token_header)]
        for name, title in spec.params[len(options.params) :]:
            words += ["--param", f"{name}={title}"]
        for name, value in (spec.payload or {}).items() if options.payload is None else ():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            words += ["--payload", f"{dotted([name])}{'=' if isinstance(value, str) else ':='}{text}"]
        if target.path is not None and self._target.path is None:
            words += ["--into" if target.into else "-o", target.path, *(["--force"] if target.force else [])]
            if not target.into and "emit" not in self._given:
                words += ["--emit", spec.emit]
        return f"mcapp {quoted(*sys.argv[1:], *words)}"

    def _question(
        self, name: str, use: Callable[[str], Value], default: str = "", *, question: str = "", none: str = ""
    ) -> Value:
        """What `use` makes of the answer: of the known one, or of one that is asked for."""
        known = self._answers.get(name)
        if known is not None and name != self._again:
            try:
                value = use(known)
            except McappError:  # what was changed before it made it wrong
                pass
            else:
                self._asked.append(name)
                return value
        try:
            answer, value = ask_until(
                self._console,
                question or _ASK[name],
                lambda typed: (typed, use(typed)),
                default=default if known is None else known,
                none=none,
                help=f"  {_HELP.get(name) or _HELP[name.split()[0]]}",
            )
        except Back:
            self._again = self._asked[-1] if self._asked else name
            raise
        self._again = None if self._again == name else self._again
        self._answers[name] = answer
        self._asked.append(name)
        return value

    def _talk(self) -> tuple[RequestSpec, WriteTarget]:
        spec, target = self._spec, self._target
        spec = self._question("URL", lambda answer: _clean(spec._replace(url=answer)))
        if "method" not in self._given:
            spec = self._question(
                "method", lambda answer: _clean(spec._replace(method=blocks.check_method(answer))), spec.method
            )
        with_payload = spec.method in blocks.WITH_PAYLOAD
        extras = spec.payload is None and with_payload
        if spec.payload is None and not any(map(carries_key, spec.headers)):
            if spec.token_in is None and with_payload:
                spec = self._question(
                    "place of the key", lambda answer: _clean(spec._replace(token_in=answer.lower())), "both"
                )
            if spec.token_in != "payload" and spec.token_header is None:  # noqa: S105  # a location, not a password
                spec = self._question(
                    "header of the key", lambda answer: _clean(spec._replace(token_header=answer)), blocks.KEY_HEADER
                )
        if not spec.params:
            spec = self._params(spec)
        if extras:
            spec = self._payload(spec)
        return self._place(spec, target) if target.path is None else (spec, target)

    def _params(self, spec: RequestSpec) -> RequestSpec:
        """The values that the installer enters, one after the other."""

        def use(answer: str) -> RequestSpec:
            more = () if answer in ("", "-") else (blocks.parse_param(answer),)
            return _clean(spec._replace(params=spec.params + more))

        while True:
            number = len(spec.params) + 1
            question = f"{'A' if number == 1 else 'Another'} value that the installer enters, as NAME or NAME=TITLE"
            none = "nothing" if number == 1 else "no more"
            new = self._question(f"value {number}", use, question=question, none=none)
            if new == spec:
                return spec
            spec = new

    def _payload(self, spec: RequestSpec) -> RequestSpec:
        """Further entries of the default payload."""
        default = {**blocks.DEFAULT_PAYLOAD, **{param.name: f"<<{param.name}>>" for param in spec.params}}
        base: dict[str, object] = {name: value for name, value in default.items() if value != blocks.KEY}

        def use(answer: str) -> RequestSpec:
            if answer in ("", "-"):
                return spec
            path, value = parse_entry(answer)
            payload = place = spec.payload or base
            for key in path:
                if not isinstance(place, dict) or key not in place:
                    return _clean(spec._replace(payload=merge(payload, [(path, value)])))
                place = place[key]
            raise Refused(f"the payload has `{dotted(path)}` already", hint="choose another KEY")

        for number in count(1):
            key = () if spec.token_in == "header" else ("app_token",)  # noqa: S105  # as above
            has = ", ".join((*key, *(spec.payload or base)))
            question = f"The payload has {visible(has)}. Another entry, as KEY=VALUE"
            new = self._question(f"entry {number}", use, question=question, none="no more")
            if new == spec:
                break
            spec = new
        return spec

    def _place(self, spec: RequestSpec, target: WriteTarget) -> tuple[RequestSpec, WriteTarget]:
        def use(answer: str) -> WriteTarget:
            if answer == "-":
                return target
            if files.exists(answer) and "emit" not in self._given:
                return self._into(spec, target._replace(path=answer, into=True))
            files.exists(answer, keep=not target.force)
            return target._replace(path=answer)

        default = "app.json" if Path("app.json").is_file() and "emit" not in self._given else "-"
        target = self._question("file", use, default)
        if target.path is not None and not target.into and "emit" not in self._given:
            spec = self._question("content", lambda answer: _clean(spec._replace(emit=answer.lower())), "app")
        return spec, target

    def _into(self, spec: RequestSpec, target: WriteTarget) -> WriteTarget:
        """An existing App JSON; a request in it is replaced only after a yes."""
        try:
            made = make(spec, target)
        except Refused as error:
            if error.code != "exists":
                raise
            question = f"{visible(error.message)}. Replace it?"
            if target.path not in self._replaced and not ask_yes(self._console, question, default=False):
                raise Refused("its request is kept; name another file, or - to print the block") from None
            self._replaced.add(target.path)
            target = target._replace(force=True)
            made = make(spec, target)
        made.refuse_flaw()
        return target


def _clean(spec: RequestSpec) -> RequestSpec:
    """`spec`, if what it has so far has no errors and no warnings. Raises McappError with the first one."""
    make(spec).refuse_flaw()
    return spec
