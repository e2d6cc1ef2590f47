"""How `mcapp listen` reports: each delivery as it arrives (`text`, `jsonl`), and all of them at the end (`json`)."""

from collections.abc import Callable, Mapping, Sequence
from json import dumps
from typing import Any, NamedTuple

import typer

from mcapp.commands import formats
from mcapp.commands.base import common
from mcapp.commands.keys_output import Output, error_row
from mcapp.console import Style, visible
from mcapp.delivery.listen_content import JSON, Content, Shown, hide_words
from mcapp.delivery.listen_key import Recognized, listed
from mcapp.delivery.listen_server import Delivery, Refusal
from mcapp.errors import McappError
from mcapp.redact import mask

FORMATS = ("text", "json", "jsonl")

_LINES = 60  # of a body that are shown on a terminal
_WIDTH = 300  # characters of one of them
_REPORTED = 65_536  # characters of a body in a report


class Received(NamedTuple):
    """One delivery with all that is known of it, without its key."""

    delivery: Delivery
    content: Content
    shown: Shown
    recognized: Recognized
    notes: tuple[str, ...] = ()
    stored_as: str | None = None
    saved: str | None = None


class Stream(Output):
    """An Output that can also tell of what happens while it happens."""

    def __init__(
        self, ctx: typer.Context, given: Sequence[str] | None, json: bool, blank: Callable[[], dict[str, Any]]
    ) -> None:
        super().__init__(ctx, given, json, blank, FORMATS)
        self._lines: list[str] = []
        self._texts: list[str] = []
        self._style = common(ctx).console.style

    @property
    def prints_text(self) -> bool:
        """Whether stdout is for people."""
        return formats.Target("text") in self._targets

    def event(self, kind: str, content: Mapping[str, Any]) -> None:
        """A line of jsonl."""
        self._lines.append(dumps({"schema_version": 1, "event": kind, **content}))
        if formats.Target("jsonl") in self._targets:
            self._console.out(self._lines[-1])

    def tell(self, paint: Callable[[Style], str], *, apart: bool = False) -> None:
        """A part of the text; `apart`: with an empty line before it."""
        gap = "\n" if apart and self._texts else ""
        self._texts.append(gap + paint(Style(on=False)))
        if self.prints_text and not self._console.quiet:
            self._console.out(gap + paint(self._style))

    def finish(self, content: Mapping[str, Any], text: str, *, ok: bool) -> None:
        """The end: what was told in parts is complete, and the JSON document is written."""
        ending = {name: value for name, value in content.items() if name not in ("deliveries", "refused")}
        self.event("end", {"ok": ok, **ending})
        self.tell(lambda _style: text, apart=True)
        whole = {
            "text": "\n".join(self._texts),
            "json": self.document(content, ok=ok),
            "jsonl": "\n".join(self._lines),
        }
        waiting = [target for target in self._targets if target.path is not None or target.name == "json"]
        formats.write(waiting, lambda name, _style: whole[name], self._console)

    def _fail(self, error: BaseException) -> bool:
        printed = super()._fail(error)
        if isinstance(error, McappError):
            self.event("end", {"ok": False, **self._blank(), "errors": [error_row(error)]})
            printed = printed or formats.Target("jsonl") in self._targets
        return printed


def as_dict(received: Received, *, whole: bool = False) -> dict[str, Any]:
    """A delivery as plain data. `whole`: with its body however long it is."""
    delivery, content, recognized = received.delivery, received.content, received.recognized
    body, truncated = received.shown.body, False
    if not whole:
        text = body if isinstance(body, str) else dumps(body)
        if len(text) > _REPORTED:
            body, truncated = text[:_REPORTED], True
    return {
        "number": delivery.number,
        "at": delivery.at,
        "method": delivery.method,
        "path": hide_words(delivery.path),
        "query": [{"name": name, "value": value} for name, value in received.shown.query],
        "headers": [{"name": name, "value": value} for name, value in received.shown.headers],
        "body_kind": content.kind,
        "bytes": content.size,
        "body": body,
        "truncated": truncated,
        "status": delivery.status,
        "key": _key(recognized),
        "problem": recognized.problem or None,
        "values": recognized.values,
        "notes": list(received.notes),
        "stored_as": received.stored_as,
        "saved": received.saved,
    }


def _key(recognized: Recognized) -> dict[str, Any] | None:
    secret = recognized.key
    if secret is None:
        return None
    return {
        "hint": secret.hint,
        "fingerprint": secret.fingerprint,
        "characters": len(secret),
        "found": [{"kind": spot.kind, "name": spot.name} for spot in recognized.spots],
    }


def refusal_row(refusal: Refusal) -> dict[str, Any]:
    """A refused request as plain data."""
    return {
        "at": refusal.at,
        "method": refusal.method or None,
        "path": hide_words(refusal.path)[:200],
        "status": refusal.status,
        "reason": hide_words(refusal.reason),
    }


def refusal_line(refusal: Refusal, style: Style) -> str:
    """The same in a line, with what to do about it."""
    what = visible(hide_words(f"{refusal.method} {refusal.path[:100]}").strip()) or "a connection"
    reason = visible(hide_words(refusal.reason))
    hint = f"\n  {style.note('hint:')} {visible(hide_words(refusal.hint))}" if refusal.hint else ""
    return f"{style.warning('refused')} {what}: {reason} ({refusal.status}){hint}"


def told(received: Received, style: Style) -> str:
    """A delivery for people: what arrived, masked, and what is known of the key."""
    delivery, recognized = received.delivery, received.recognized
    title = f"{delivery.method} {visible(hide_words(delivery.path))}"
    paint = style.good if delivery.status == 200 else style.warning
    lines = [f"{style.bold(f'{delivery.number}. {title}')}  answered {paint(str(delivery.status))}"]
    lines += [style.dim(f"   ?{_line(name)}={_line(value)}") for name, value in received.shown.query]
    lines += [f"   {style.dim(_line(name) + ':')} {_line(value)}" for name, value in received.shown.headers]
    lines += _body(received)
    if recognized.key is not None:
        key = recognized.key
        where = visible(listed(recognized.spots))
        lines.append(
            f"{style.good('App Key')} in {where}: {key.hint}, {len(key):,} characters, fingerprint {key.fingerprint}"
        )
    else:
        lines.append(f"{style.warning('no App Key:')} {visible(recognized.problem)}")
    if recognized.values:
        lines.append(", ".join(f"{name} {visible(value)}" for name, value in recognized.values.items()))
    lines += [visible(line) for note in received.notes for line in note.split("\n")]
    return mask("\n".join(lines))


def _body(received: Received) -> list[str]:
    content, body = received.content, received.shown.body
    if content.kind == "empty":
        return []
    if content.kind == "binary":
        return [f"   ({content.size:,} bytes that are no text)"]
    text = body if isinstance(body, str) and content.kind != JSON else dumps(body, indent=2, ensure_ascii=False)
    lines = text.split("\n")
    shown = ["   " + _line(line) for line in lines[:_LINES]]
    if len(lines) > _LINES:
        shown.append(f"   … {len(lines) - _LINES:,} more lines")
    return shown


def _line(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _WIDTH else text[:_WIDTH] + "…"
