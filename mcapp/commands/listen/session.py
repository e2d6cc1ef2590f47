"""One run of `mcapp listen`, from the first event to the exit code."""

import queue
import threading
import time
from pathlib import Path
from typing import Any

import typer

from mcapp.cli.output import EventWriter
from mcapp.cli.servers import READY, Interrupts, Terminated, warn_of_reach
from mcapp.commands.listen.deliveries import Received, as_dict, refusal_line, refusal_row, told
from mcapp.commands.listen.storing import Keeper
from mcapp.errors import Interrupted, McappError, Refused, Undecided
from mcapp.handover.endpoint.content import hide, take_apart
from mcapp.handover.endpoint.listener import Delivery, Listener, Refusal
from mcapp.handover.endpoint.recognize import listed, recognize
from mcapp.handover.endpoint.saved import save
from mcapp.handover.endpoint.slots import Block
from mcapp.keys.secret import Secret
from mcapp.terminal.console import Console
from mcapp.terminal.format import failure_row

_TICK = 0.05  # seconds between two looks at whether it should end
_MOST_REFUSED = 1000  # refusals in a report


class Session:
    """One run: what arrived, was refused and was stored."""

    def __init__(
        self,
        listener: Listener,
        console: Console,
        output: EventWriter,
        keeper: Keeper,
        block: Block | None,
        folder: Path | None,
        control_c: Interrupts,
    ) -> None:
        self._listener = listener
        self._console = console
        self._output = output
        self._keeper = keeper
        self._block = block
        self._folder = folder
        self._control_c = control_c
        self._url = ""
        self._received: list[dict[str, Any]] = []
        self._refused: list[dict[str, Any]] = []
        self._turned_away = 0

    def announce(self) -> None:
        """Where it listens, in one line for scripts that wait for it; and what should be known about that."""
        console, listener = self._console, self._listener
        style = console.err_style
        self._url = listener.url
        console.say(f"listening on {self._url}")
        warn_of_reach(self._url, console, "deliver keys to it, and there is no TLS")
        if self._block is not None:
            console.say(f"the block puts the key into {listed(self._block.key_spots)}")
        if listener.status != 200:
            console.say(f"it answers {listener.status}: ManyChat shows success for 200 alone")
        console.say(style.dim(READY))
        self._output.event("listening", {"url": self._url})

    def watch(self, stop: threading.Event, timeout: float | None) -> None:
        """Deal with each event as it comes, until it is over."""
        until = None if timeout is None else time.monotonic() + timeout
        while not (stop.is_set() or self._control_c.came or (self._listener.once and self._received)):
            rest = _TICK if until is None else min(_TICK, until - time.monotonic())
            if rest <= 0:
                return
            try:
                event = self._listener.events.get(timeout=rest)
            except queue.Empty:
                continue
            self._take(event, ask=True)

    def settle(self) -> None:
        """What arrived while it ended: it was answered, so it counts. To be called once nobody listens any more."""
        while not self._listener.events.empty():
            self._take(self._listener.events.get(), ask=False)

    def _take(self, event: Delivery | Refusal, *, ask: bool) -> None:
        if isinstance(event, Refusal):
            self._turned_away += 1
            if self._turned_away <= _MOST_REFUSED:
                self._refused.append(refusal_row(event))
                self._output.event("refused", self._refused[-1])
                self._console.say(refusal_line(event, self._console.err_style))
            return
        received = self._examine(event)
        self._listener.release(event)
        self._received.append(as_dict(received))
        self._output.say(lambda style: told(received, style), apart=True)
        if not self._output.prints_text:
            key = received.recognized.key
            self._console.say(f"delivery {event.number}: {'no App Key' if key is None else f'App Key {key.hint}'}")
        if received.recognized.key is not None:
            self._keep(received.recognized.key, received.recognized.values.get("page_id", ""), ask=ask)
        self._output.event("delivery", self._received[-1])

    def _keep(self, key: Secret, page_id: str, *, ask: bool) -> None:
        """Store the key of the last delivery, if it may be stored."""
        row = self._received[-1]
        try:
            with self._control_c.raised():
                entry, note = self._keeper.keep(key, page_id, self._control_c.asked if ask else None)
        except (KeyboardInterrupt, typer.Abort, Terminated) as ending:
            self._console.say("")  # what follows does not belong behind the question
            late = self._keeper.close()
            if late:
                row["stored_as"] = late.name
                self._output.say(lambda _style: f"stored as {late.name} all the same")
            if not isinstance(ending, Terminated):
                self._control_c.came = True
            return
        row["stored_as"] = entry.name if entry else None
        if note:
            row["notes"] += note.split("\n")
            self._output.say(lambda _style: note)

    def _examine(self, delivery: Delivery) -> Received:
        content = take_apart(delivery)
        recognized = recognize(content, delivery.method, self._block)
        hidden = hide(delivery, content, recognized.hides)
        received = Received(
            delivery._replace(body=b""), content._replace(data=None, items=()), hidden, recognized, recognized.notes
        )
        if self._folder is None:
            return received
        try:
            saved = save(self._folder, as_dict(received, whole=True))
        except McappError as error:
            self._keeper.errors.append(error)
            return received._replace(notes=(*received.notes, f"not saved: {error.message}"))
        return received._replace(notes=(*received.notes, f"saved as {saved}"), saved=str(saved))

    def report(self, stored: list[dict[str, Any]], expired: float | None, *, interrupted: bool) -> int:
        """Print the end, and give the exit code."""
        errors = list(self._keeper.errors)
        carried = sum(row["key"] is not None for row in self._received)
        if interrupted:
            errors.append(Interrupted("interrupted; this is what arrived until then"))
        elif not self._received and expired is not None:
            errors.append(
                Undecided(
                    f"nothing arrived within {expired:g} seconds",
                    hint=f"deliver to {self._url}, for example with mcapp send --to {self._url}",
                    code="timeout",
                )
            )
        elif self._received and not carried:
            errors.append(
                Refused("no delivery carried an App Key", hint="--app FILE says where it should be", code="no-key-came")
            )
        code = 130 if interrupted else max((error.exit_code for error in errors), default=0)
        number = len(self._received)
        text = f"{number} deliver{'y' if number == 1 else 'ies'}, {carried} with an App Key"
        if self._turned_away:
            text += f", {self._turned_away} request{'' if self._turned_away == 1 else 's'} refused"
        content = {
            "url": self._url,
            "deliveries": self._received,
            "refused": self._refused,
            "stored": stored,
            "errors": [failure_row(error.failure) for error in errors],
        }
        if self._output.prints_text:
            for error in errors:
                if not isinstance(error, Interrupted):  # that is said of every command, at its very end
                    self._console.error(error)
        self._output.finish(content, text, ok=not errors)
        if stored and self._output.prints_text:
            self._console.say("\n".join(f"next: mcapp probe --key {row['name']}" for row in stored))
        return code
