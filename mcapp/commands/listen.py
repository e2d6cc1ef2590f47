"""`mcapp listen`: play the developer's endpoint."""

import os
import queue
import re
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import typer

from mcapp import config as configuration
from mcapp import files
from mcapp.cli import servers
from mcapp.cli.command import command, common, flag, option
from mcapp.cli.output import EventWriter
from mcapp.commands.stored_keys import STORE, carry_probes, offer_file, opened
from mcapp.errors import InputProblem, Interrupted, McappError, Refused, Undecided, UsageProblem
from mcapp.handover import deliveries
from mcapp.handover.block import Block, block_of
from mcapp.handover.listener import METHODS, Listener, Refusal
from mcapp.handover.received import Delivery, key_spots, listed, receive
from mcapp.handover.render import METHOD
from mcapp.keys.index import check_name
from mcapp.keys.secret import Secret
from mcapp.keys.vault import Vault, store_wanted
from mcapp.lint.check import read
from mcapp.terminal.console import Console
from mcapp.terminal.format import failure_row, file_word, plural
from mcapp.terminal.prompts import ask_line, ask_yes
from mcapp.terminal.redact import looks_like_key

# RFC 3986, 3.3: the characters of a path. Two slashes at its start would begin a host's name.
_PATH = re.compile(r"(?!//)/[A-Za-z0-9._~!$&'()+,*;=:@%/-]*")
_TICK = 0.05  # seconds between two checks whether it should end


@command(
    formats=EventWriter.formats,
    examples="""
    mcapp listen                                a free port; asks before it stores
    mcapp listen --port 3000 --path /manychat/install --app app.json
    mcapp listen --store-as shop-a --once --timeout 60  for scripts and CI
    mcapp listen --once --save fixtures/        for your tests, without the key
    """,
    exits={
        0: "a key arrived (and was stored, with --store-as), or nothing arrived until it was terminated",
        1: "no delivery had a key, or the key was not stored: the name or the key exists already",
        3: "nothing arrived within --timeout",
        4: "no usable key store",
        130: "ended by Ctrl-C; the report is complete",
    },
    notes="""
    With --app it expects the method and the path of the block, looks for the key where the block has {{app_token}}, and
    shows nothing of what stands there. Without it, in headers, fields at any depth and
    parameters with the name of a key (x-token-header, app_token, api-key …), and for the form of an account's API key
    (digits, a colon, letters) or of one that mcapp send makes up. A value that only may be a key is masked and never
    stored.

    A delivered key never becomes the default key. With --store-as only the first key of a run is stored.

    It refuses, and stores nothing from: requests with another host in the Host header, requests of web pages (Origin,
    Sec-Fetch-Site, Referer), other paths and methods, bodies over 1 MB, chunked or without a length, and requests that
    are not complete after 10 seconds. A tunnel must rewrite the Host header: ngrok http --host-header=rewrite PORT.

    The sender is not authenticated: any program that can reach the port can deliver a key. There is no TLS either.
    """,
)
def listen(
    ctx: typer.Context,
    host: str = servers.HOST,
    port: int = servers.PORT,
    path: str | None = option("PATH", "Accept deliveries at this path: by default the block's, or /."),
    app: str | None = option("FILE", "Expect what this App JSON sends: method, path, and the key."),
    store_as: str | None = option("NAME", "Store the first key that arrives under this name."),
    store: str | None = STORE,
    force: bool = flag("--force", "Replace the key of that name."),
    once: bool = flag("--once", "End after the first delivery."),
    timeout: float | None = option(
        "SECONDS", "End after this time; exit code 3 if nothing came.", min=0, callback=servers.finite
    ),
    status: int = option("STATUS", "Answer with this status (200), to rehearse errors.", min=200, max=599, default=200),
    save_to: str | None = option("DIR", "Write each delivery to a file in this folder, without its key.", "--save"),
) -> None:
    """It shows every delivery with the key masked, answers 200, and stores a key only with --store-as or after a yes at
    the terminal.
    """
    shared = common(ctx)
    console = shared.console
    if shared.config is not None:
        configuration.load(shared.config)  # has no effect here, but a mistake in it is reported
    if store_as is not None:
        check_name(store_as)
    elif (force or store is not None) and not console.can_ask:
        raise UsageProblem("--force and --store have no effect: no key is stored", hint="add --store-as NAME")
    if path is not None:
        rewritten = "MSYSTEM" in os.environ and re.match(r"[A-Za-z]:[/\\]", path)
        if looks_like_key(path):
            raise UsageProblem("the value of --path looks like a key; expected the path of a URL")
        path = path if path.startswith("/") else f"/{path}"
        if rewritten or not _PATH.fullmatch(path):
            raise UsageProblem(
                "--path is not the path of a URL: it begins with one / and has no spaces, ? or #",
                hint="Git Bash made a Windows path of it: write --path install" if rewritten else "",
            )
    wanted = store_wanted(store)
    writer = EventWriter(ctx, {"url": None, "deliveries": [], "refused": [], "stored": []})
    writer.check_files()
    block = _block(app) if app is not None else None
    folder = deliveries.prepare_folder(save_to) if save_to is not None else None
    method = block.method.strip().upper() or METHOD if block else ""
    start = partial(
        Listener,
        host=servers.check_host(host),
        port=port,
        path=path or (block.path if block else None) or "/",
        methods=(method,) if method in METHODS else METHODS,
        status=status,
        once=once,
    )
    control_c = servers.Interrupts()
    with opened(ctx) as vault:
        ask_name = control_c.asked()(partial(_ask_name, console, vault, force=force))
        storing = deliveries.StoreOnArrival(
            vault,
            name=store_as,
            force=force,
            store=wanted,
            ask_name=ask_name if console.can_ask else None,
            offer_file=control_c.asked()(partial(offer_file, console, vault)),
        )
        storing.prepare()
        replaced = vault.index().find(store_as) if store_as else None
        with servers.handled(control_c.interrupt, "SIGINT", "SIGBREAK"):
            terminating = servers.handled(control_c.terminate, "SIGTERM")
            with servers.listening(start) as listener, terminating:
                session = Session(listener, console, writer, storing, block, folder, control_c)
                session.announce()
                session.watch(timeout)
            while not listener.events.empty():  # what arrived while it stopped was answered, so it counts
                session.handle(listener.events.get(), ask=False)
        stored = [entry.data(vault.index().default) for entry in storing.entries]
        for entry in storing.entries:
            if replaced and replaced.page_id == entry.page_id:
                carry_probes(vault, replaced, entry)
    raise typer.Exit(session.report(stored, timeout))


def _block(path: str) -> Block:
    """The block in this file. Raises InputProblem if there is none, or if it never sends the App Key."""
    block = block_of(read(files.read_document(path), path))
    if block is None:
        raise InputProblem(
            f"{path} has no auth.request, so ManyChat delivers nothing",
            hint=f"mcapp generate --url URL --into {file_word(path)} writes one",
            code="no-request",
            path=path,
        )
    if not key_spots(block):
        hint = f"mcapp validate {file_word(path)} says what is wrong with it"
        raise InputProblem(f"the auth.request in {path} never sends the App Key", hint=hint, code="no-key", path=path)
    return block


def _ask_name(console: Console, vault: Vault, *, force: bool) -> str | None:
    """Ask whether to store the key, and under which name; None for a no. After a taken name it asks again."""
    if not ask_yes(console, "Store this key?"):
        return None
    while True:
        answer = ask_line(console, "Name for it").strip()
        if not answer:
            return None
        try:
            name = check_name(answer)
            vault.index().refuse_taken(name, force=force)
        except (UsageProblem, Refused) as error:
            console.error(error)
        else:
            return name


@dataclass
class Session:
    """One run, from the first event to the exit code."""

    _listener: Listener
    _console: Console
    _writer: EventWriter
    _storing: deliveries.StoreOnArrival
    _block: Block | None
    _folder: Path | None
    _control_c: servers.Interrupts
    _received: list[dict[str, Any]] = field(default_factory=list)
    _refused: list[dict[str, Any]] = field(default_factory=list)

    def announce(self) -> None:
        """Say where it listens, in one line for scripts that wait for it, and further facts about that."""
        console, listener = self._console, self._listener
        console.say(f"listening on {listener.url}")
        servers.warn_of_reach(listener.url, console, "deliver keys to it, and there is no TLS")
        if self._block is not None:
            console.say(f"the block puts the key into {listed(key_spots(self._block))}")
        if listener.status != 200:
            console.say(f"it answers {listener.status}: ManyChat shows success for 200 alone")
        console.say(console.err_style.dim(servers.READY))
        self._writer.event("listening", {"url": listener.url})

    def watch(self, timeout: float | None) -> None:
        """Handle each event as it comes, until the run should end."""
        until = None if timeout is None else time.monotonic() + timeout
        while not (self._control_c.stop.is_set() or self._control_c.came or (self._listener.once and self._received)):
            rest = _TICK if until is None else min(_TICK, until - time.monotonic())
            if rest <= 0:
                return
            try:
                event = self._listener.events.get(timeout=rest)
            except queue.Empty:
                continue
            self.handle(event, ask=True)

    def handle(self, event: Delivery | Refusal, *, ask: bool) -> None:
        """Show, save and report it, and store its key if it may be stored; `ask`: a person may be asked about that."""
        if isinstance(event, Refusal):
            self._refused.append(deliveries.refusal_row(event))
            self._writer.event("refused", self._refused[-1])
            self._console.say(deliveries.refusal_text(event, self._console.err_style))
            return
        received = receive(event, self._block)
        if self._folder is not None:
            try:
                path = str(deliveries.save(self._folder, received))
                received = received._replace(notes=(*received.notes, f"saved as {path}"), saved=path)
            except McappError as error:
                self._storing.errors.append(error)
                received = received._replace(notes=(*received.notes, f"not saved: {error.message}"))
        key = received.key
        self._received.append(deliveries.row(received))
        self._writer.say(lambda style: deliveries.text(received, style), apart=True)
        if not self._writer.stdout.people:
            self._console.say(f"delivery {event.number}: {'no App Key' if key is None else f'App Key {key.hint}'}")
        if key is not None:
            self._store(key, received.values.get("page_id", ""), self._received[-1], ask=ask)
        self._writer.event("delivery", self._received[-1])

    def _store(self, key: Secret, page_id: str, row: dict[str, Any], *, ask: bool) -> None:
        """Store the key if it may be stored, and note that in its row of the report."""
        try:
            with self._control_c.raised():
                note = self._storing.keep(key, page_id, ask=ask)
        except (KeyboardInterrupt, EOFError) as ending:
            self._console.say("")  # ends the line of the question
            self._control_c.came |= isinstance(ending, EOFError)
            late = self._storing.break_off(key)
            note = f"stored as {late.name} before it was interrupted" if late else ""
        entry = self._storing.entry(key)
        row["stored_as"] = entry.name if entry else None
        if note:
            row["notes"] += note.split("\n")
            self._writer.say(lambda _style: note)

    def report(self, stored: list[dict[str, Any]], timeout: float | None) -> int:
        """Write the report: the exit code."""
        interrupted, url = self._control_c.came, self._listener.url
        errors = list(self._storing.errors)
        number, refused = len(self._received), len(self._refused)
        with_key = sum(row["key"] is not None for row in self._received)
        if interrupted:
            errors.append(Interrupted("interrupted; this is what arrived until then"))
        elif not number and timeout is not None and not self._control_c.stop.is_set():
            hint = f"deliver to {url}, for example with mcapp send --to {url}"
            errors.append(Undecided(f"nothing arrived within {timeout:g} seconds", hint=hint, code="timeout"))
        elif number and not with_key:
            hint = "--app FILE says where it should be"
            errors.append(Refused("no delivery has an App Key", hint=hint, code="no-key-came"))
        text = f"{number} deliver{'y' if number == 1 else 'ies'}, {with_key} with an App Key"
        if refused:
            text += f", {plural(refused, 'request')} refused"
        content = {
            "url": url,
            "deliveries": self._received,
            "refused": self._refused,
            "stored": stored,
            "errors": [failure_row(error.failure) for error in errors],
        }
        if self._writer.stdout.people:
            for error in errors:
                if not isinstance(error, Interrupted):  # which cli prints last, for every command
                    self._console.error(error)
        self._writer.finish(content, text, ok=not errors, streamed=("deliveries", "refused"))
        if stored and self._writer.stdout.people:
            self._console.say("\n".join(f"next: mcapp probe --key {row['name']}" for row in stored))
        return 130 if interrupted else max((error.exit_code for error in errors), default=0)
