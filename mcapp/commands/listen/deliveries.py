"""How `mcapp listen` shows what arrived: in the words of `text`, and as the plain data of `json` and `jsonl`."""

from json import dumps
from typing import Any, NamedTuple

from mcapp.handover.endpoint.content import JSON, Content, Shown, hide_words
from mcapp.handover.endpoint.listener import Delivery, Refusal
from mcapp.handover.endpoint.recognize import Recognized, listed
from mcapp.terminal.console import Style, visible
from mcapp.terminal.redact import mask

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
