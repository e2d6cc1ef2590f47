"""The outcome of a rehearsal, in text and as data: the request, each answer, and what App Setup would show.

The key is masked everywhere.
"""

import json
from typing import Any

from mcapp.errors import Interrupted, McappError, Undecided
from mcapp.handover.render import Prepared
from mcapp.handover.verdict import FAILURE, SUCCESS, UNDECIDED, Answer, Verdict
from mcapp.terminal.console import Style, visible
from mcapp.terminal.redact import mask

# What is shown and reported of an answer's body: characters, and lines in text.
_SHOWN, _LINES = 2000, 20


class Outcome:
    """The answers to the requests that were sent, in order; `expected` is the status that counts as right here."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.answers: list[tuple[Answer, Verdict]] = []
        self.interrupted = False

    @property
    def app_setup(self) -> str | None:
        """What App Setup would show: "success" or "error"; None where there was no complete answer."""
        outcomes = {verdict.outcome for _, verdict in self.answers}
        if FAILURE in outcomes:
            return "error"
        return "success" if outcomes == {SUCCESS} else None

    @property
    def exit_code(self) -> int:
        """0 if every answer has the expected status, 1 if one has another, 3 if one is missing, 130 after Ctrl-C."""
        if self.interrupted:
            return 130
        if any(verdict.outcome != UNDECIDED and answer.status != self.expected for answer, verdict in self.answers):
            return 1
        return 3 if any(verdict.outcome == UNDECIDED for _, verdict in self.answers) else 0

    @property
    def errors(self) -> list[McappError]:
        """Why answers are missing."""
        errors: list[McappError] = [
            Undecided(verdict.reason, hint=verdict.next, code=answer.problem)
            for answer, verdict in self.answers
            if verdict.outcome == UNDECIDED
        ]
        return [*errors, Interrupted("interrupted")] if self.interrupted else errors


def request_json(prepared: Prepared) -> dict[str, Any]:
    """The request, as in schemas/send.schema.json."""
    return {
        "method": prepared.method,
        "url": mask(prepared.url),
        "headers": [{"name": name, "value": mask(value)} for name, value in prepared.headers],
        "body": None if prepared.body is None else mask(prepared.body.decode("utf-8")),
    }


def answers_json(outcome: Outcome) -> list[dict[str, Any]]:
    """The answers, as in schemas/send.schema.json."""
    rows = []
    for answer, verdict in outcome.answers:
        body, whole = _body(answer)
        rows.append(
            {
                "status": answer.status,
                "outcome": verdict.outcome,
                "reason": visible(verdict.reason),
                "next": visible(verdict.next),
                "headers": [{"name": mask(name), "value": mask(value)} for name, value in answer.headers],
                "body": body,
                "body_complete": whole,
                "elapsed_ms": round(answer.elapsed * 1000),
            }
        )
    return rows


def request_text(prepared: Prepared, style: Style) -> str:
    """The request for people: method and URL, headers, the payload indented."""
    lines = [style.bold(f"{prepared.method} {visible(prepared.url)}")]
    lines += [f"  {style.note(name)}: {visible(value)}" for name, value in prepared.headers]
    if prepared.body is not None:
        # Masked before it is split: strings do not span lines.
        indented = json.dumps(prepared.payload, indent=2, ensure_ascii=False)
        lines += ["", *(f"  {visible(line)}" for line in mask(indented).split("\n"))]
    return "\n".join(lines)


def outcome_text(outcome: Outcome, style: Style) -> str:
    """The answers and the verdict. An answer like the one before it takes one line."""
    parts: list[str] = []
    several = len(outcome.answers) > 1
    last: tuple[int | None, bytes] | None = None
    for number, (answer, verdict) in enumerate(outcome.answers, 1):
        repeated = (answer.status, answer.body) == last and not answer.problem
        last = (answer.status, answer.body)
        parts.append(_answer_text(answer, verdict, style, f"{number}: " if several else "", short=repeated))
    if outcome.interrupted:
        parts.append("interrupted; these are the answers until then")
    parts.append(_verdict_text(outcome, style))
    return "\n\n".join(part for part in parts if part)


def _answer_text(answer: Answer, verdict: Verdict, style: Style, number: str, *, short: bool) -> str:
    if answer.status is None:
        return style.warning(f"{number}no answer: ") + visible(verdict.reason)
    paint = style.good if answer.status == 200 else style.warning
    head = f"{answer.status} {visible(answer.phrase)}".rstrip()
    lines = [f"{number}{paint(head)} {style.dim(f'in {answer.elapsed * 1000:.0f} ms')}"]
    if short:
        return lines[0] + style.dim(", the same answer")
    lines += [f"  {style.note(visible(name))}: {visible(value)}" for name, value in answer.headers]
    body, whole = _body(answer)
    shown = body.splitlines()
    if shown:
        lines += ["", *(f"  {visible(line)}" for line in shown[:_LINES])]
    if not whole or len(shown) > _LINES:
        lines.append(style.dim(f"  … ({len(answer.body):,} bytes{'' if answer.whole else ', and more'})"))
    return "\n".join(lines)


def _verdict_text(outcome: Outcome, style: Style) -> str:
    if not outcome.answers:
        return ""
    # The first answer that is not 200 decides: it is what the user of the app would see.
    answer, verdict = next((pair for pair in outcome.answers if pair[1].outcome != SUCCESS), outcome.answers[-1])
    sentence = {
        "success": style.good("App Setup would show success"),
        "error": style.error("App Setup would show an error") + " and ask the user to try again",
        None: style.warning("It is not known whether App Setup would show success"),
    }[outcome.app_setup]
    lines = [sentence if answer.status is None else f"{sentence}: {visible(verdict.reason)}"]
    if verdict.next:
        lines.append(f"  {style.note('help:')} {visible(verdict.next)}")
    statuses = {answer.status for answer, _ in outcome.answers}
    if len(statuses) > 1 and 200 in statuses:
        lines.append(
            f"  {style.note('note:')} the answers differ; ManyChat may call again at every save, retry and reinstall"
        )
    if outcome.expected != 200:
        kept = all(answer.status == outcome.expected for answer, _ in outcome.answers)
        lines.append(f"  the status is {'' if kept else 'not '}the expected {outcome.expected}")
    return "\n".join(lines)


def _body(answer: Answer) -> tuple[str, bool]:
    """The beginning of the body as text, masked before it is cut, and whether it is complete."""
    if answer.header("content-encoding").lower() not in ("", "identity"):
        return f"({len(answer.body):,} bytes, compressed)", False
    text = mask(answer.body.decode("utf-8", "replace"))
    return text[:_SHOWN], answer.whole and len(text) <= _SHOWN
