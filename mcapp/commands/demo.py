"""`mcapp demo`: the whole loop on one machine, as a script of mcapp commands that are really run."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TextIO

import typer

from mcapp import config as configuration
from mcapp.cli.command import command, common
from mcapp.cli.servers import READY, Interrupts, handled
from mcapp.commands.emulate import KEY
from mcapp.emulator.emulated_key import scopes_of
from mcapp.errors import InputProblem, Refused, Undecided
from mcapp.keys.vault import VARIABLE
from mcapp.scopes import expect
from mcapp.terminal.console import Console
from mcapp.terminal.format import quoted

TIMEOUT = 30.0  # seconds for one command, which takes less than one
_LIFETIME = ("--timeout", "120")  # seconds: a server whose demo was killed ends too
_ENDPOINT, _PATH = "https://example.com/manychat/install", "/manychat/install"
_SCOPES = ("page", "GET /fb/subscriber/getInfo", "POST /fb/sending/sendContent")
_URL = re.compile(r"listening on (http://[^\s\x1b]+)")
# Variables with the user's own settings and keys; of the colour variables the demo sets one.
_FOREIGN = ("MCAPP_", "MANYCHAT_", "NO_COLOR", "FORCE_COLOR")


class Running(NamedTuple):
    """A command that was started; `output` reads what it has printed since it was read last."""

    words: tuple[str, ...]
    process: subprocess.Popen[bytes]
    output: TextIO


@command(
    formats=(),
    examples="""
    mcapp demo                     see the whole loop, in a few seconds
    """,
    exits={
        0: "every step succeeded, and the probe found exactly the scopes that the key was given",
        1: "a step had another outcome",
        3: "a step was not possible: nothing can listen on 127.0.0.1, or it took too long",
    },
    notes="""
    It writes a block and checks it, plays the developer's endpoint (listen) and ManyChat's side of an installation
    (send), stores the key that arrives, plays ManyChat's API (emulate), and asks there what the key may do (probe).

    It needs no account, connects to no other machine, and works in a temporary folder with its own key store, which is
    removed at the end. Your own files, keys and settings are neither read nor changed.
    """,
)
def demo(ctx: typer.Context) -> None:
    """Each step is an mcapp command that is really run, shown as you would type it."""
    shared = common(ctx)
    if shared.config is not None:
        configuration.load(shared.config)  # has no effect here, but a mistake in it is reported
    begun = time.monotonic()
    control_c = Interrupts()
    with handled(control_c.interrupt, "SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"), ExitStack() as ends:
        try:
            folder = Path(ends.enter_context(TemporaryDirectory(prefix="mcapp-demo-")))
            (folder / "mcapp.toml").write_text("# ends the search for a configuration\n", encoding="utf-8")
        except OSError as error:
            raise InputProblem(
                f"no temporary folder can be made: {error.strerror}", hint="TMPDIR names another place for it"
            ) from None
        _play(Script(folder, shared.console, control_c, ends))
    shared.console.say(
        f"\nThat took {time.monotonic() - begun:.1f} seconds on this machine alone, and nothing of it is left.\n"
        "next: mcapp generate    asks for your own endpoint, and writes the block"
    )


def _play(script: "Script") -> None:
    script.title("1. generate", "an App JSON whose auth.request hands the App Key to your endpoint")
    script.run(
        *("generate", "--url", _ENDPOINT, "--param", "email=Your e-mail", "--payload", "app_token=<<app_token>>"),
        *("--payload", "page=<<page_id>>", "--payload", "email=<<email>>", "--emit", "app", "-o", "app.json"),
    )
    script.title("2. validate", "finds what otherwise shows only when an installation fails")
    script.run("validate", "app.json")
    # Two mistakes that nobody sees: the key unencrypted, and the wrong brackets.
    good = (script.folder / "app.json").read_text(encoding="utf-8")
    bad = good.replace(_ENDPOINT, _ENDPOINT.replace("https", "http")).replace("{{app_token}}", "[[app_token]]")
    (script.folder / "mistakes.json").write_text(bad, encoding="utf-8")
    script.run("validate", "mistakes.json", expected=1)
    script.title("3. listen", "your endpoint, played by mcapp")
    listener, url = script.start(
        "listen", "--app", "app.json", "--path", _PATH, "--store-as", "demo", "--once", *_LIFETIME
    )
    script.title("4. send", "ManyChat's side of an installation: fills in your block and sends it")
    to = ("--to", url, "--set", "email=me@example.com", "--key", VARIABLE)
    script.run("send", "app.json", *to, key=KEY)
    script.title("5. store", "what the listener received; it stored the key, as it was asked to")
    script.finish(listener)
    script.run("keys", "list")
    script.title("6. emulate", "ManyChat's API, played by mcapp, for a key with some scopes")
    _, url = script.start("emulate", "--scopes", ",".join(_SCOPES), *_LIFETIME)
    script.title("7. probe", "what the stored key may really do")
    script.run(
        *("probe", "--key", "demo", "--base-url", url, "--include-writes", "--rate", "100"),
        *("--write-expect", "scopes.txt"),
    )
    if set(expect.read_file(str(script.folder / "scopes.txt"))) != scopes_of(_SCOPES):
        raise Refused("the probe did not find exactly the scopes that the key was given", code="unexpected")


class Script:
    """Runs mcapp commands in `folder`, and prints each as typed, with its output. `ends` ends what still runs.

    Ctrl-C is raised while a command is waited for and nowhere else: so no process is lost right after its start.
    """

    def __init__(self, folder: Path, console: Console, control_c: Interrupts, ends: ExitStack) -> None:
        self.folder = folder
        self._console = console
        self._control_c = control_c
        self._ends = ends
        self._started = 0

    def title(self, name: str, text: str) -> None:
        """Begin a step."""
        gap = "\n" if self._started else ""
        self._print(f"{gap}{self._console.style.note(name)}  {text}")

    def run(self, *words: str, expected: int = 0, key: str = "") -> None:
        """Run a command to its end; `key` is the App Key in its environment. Raises Refused, Undecided."""
        remark = f"where the environment has {VARIABLE}={key}" if key else ""
        self.finish(self._start(words, remark, {VARIABLE: key} if key else {}), expected)

    def start(self, *words: str) -> tuple[Running, str]:
        """Start a command beside the others: with its URL, once it listens. Raises Undecided if it does not."""
        running = self._start(words, "in a terminal of its own", {})
        until = time.monotonic() + TIMEOUT
        shown = ""

        def read() -> None:
            nonlocal shown
            while READY not in shown and running.process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
                shown += running.output.read()

        self._wait(running, read)
        url = _URL.search(shown)
        if READY not in shown or url is None:
            shown += running.output.read()
            raise Undecided(f"mcapp {words[0]} did not start to listen: {shown.strip() or 'it printed nothing'}")
        self._print(shown)
        return running, url[1]

    def finish(self, running: Running, expected: int = 0) -> None:
        """Wait until it has ended, and print the rest of its output. Raises Refused, Undecided."""
        self._wait(running, lambda: running.process.wait(TIMEOUT))
        self._print(running.output.read())
        name, code = running.words[0], running.process.returncode
        if code != expected:
            message = f"mcapp {name} ended with {code} instead of {expected}"
            raise Refused(message, hint="its output says why", code="unexpected")
        if expected:
            self._print(self._console.style.dim(f"(exit code {expected})"))

    def _start(self, words: tuple[str, ...], remark: str, variables: dict[str, str]) -> Running:
        style = self._console.style
        self._print(style.bold(f"$ mcapp {quoted(*words)}"))
        if remark:  # the shells have no common sign for it
            self._print(style.dim(f"({remark})"))
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_FOREIGN)}
        # In a checkout that is not installed, mcapp would not be found from the other folder.
        paths = [str(Path(__file__).parents[2]), *filter(None, [kept.get("PYTHONPATH")])]
        own = {
            "FORCE_COLOR" if style.on else "NO_COLOR": "1",
            "COLUMNS": str(self._console.width),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONIOENCODING": "utf-8",
            "MCAPP_CONFIG_DIR": str(self.folder / "store"),
            "MCAPP_KEY_STORE": "file",
            "MCAPP_NO_INPUT": "1",
        }
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "mcapp"]
        self._started += 1
        log = self.folder / f"{self._started}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603  # mcapp itself
                [*program, *words],
                cwd=self.folder,
                env={**kept, **own, **variables},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self._ends.callback(process.wait)
        self._ends.callback(process.kill)
        output = self._ends.enter_context(log.open(encoding="utf-8", errors="backslashreplace"))
        return Running(words, process, output)

    def _wait(self, running: Running, work: Callable[[], object]) -> None:
        with self._control_c.raised():
            if self._control_c.came:
                raise KeyboardInterrupt
            try:
                work()
            except subprocess.TimeoutExpired:
                message = f"mcapp {running.words[0]} did not end within {TIMEOUT:g} seconds"
                raise Undecided(message, code="timeout") from None

    def _print(self, text: str) -> None:
        if text and not self._console.quiet:
            self._console.out(text)
