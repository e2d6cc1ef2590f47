"""The last result for each stored key: which scopes were granted and denied. No secret, and nothing that ManyChat sent.

Kept in `probes.json` beside the keys' index, by the key's id, so that a key that takes over a name does not
inherit its results. Results from this machine (an emulator) and from ManyChat are kept apart.
"""

import json
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mcapp.errors import McappError
from mcapp.keys.private_files import PROBES, Folder
from mcapp.scopes.report import DENIED, GRANTED, KEY_VERDICTS, Changes, ProbeReport

_VERSION = 1
_PLACES = 4  # hosts that are remembered for one key
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").fullmatch


def compare(report: ProbeReport, folder: Folder, key_id: str, place: str) -> ProbeReport:
    """The report with what changed since the last run for this key; unchanged if there was none."""
    last = _load(folder).get(key_id, {}).get(place)
    if last is None:
        return report
    now = {result.scope: result.verdict for result in report.scopes}
    added = tuple(scope for scope in now if now[scope] == GRANTED and scope in last.get(DENIED, ()))
    removed = tuple(scope for scope in now if now[scope] == DENIED and scope in last.get(GRANTED, ()))
    return replace(report, changes=Changes(added, removed, since=str(last.get("at", ""))))


def remember(report: ProbeReport, folder: Folder, key_id: str, place: str, known: Collection[str]) -> None:
    """Keep the verdicts that are certain; what this run did not find out keeps its last verdict.

    `known` are the ids of all stored keys: what was kept for others is dropped. Raises McappError if it cannot be kept.
    """
    if report.key is None:
        return
    with folder.lock():
        content = {stored: places for stored, places in _load(folder).items() if stored in {*known, key_id}}
        places = content.setdefault(key_id, {})
        last = places.pop(place, {})  # to be put last: the places that were not used for longest are dropped
        verdicts = {scope: verdict for verdict in (GRANTED, DENIED) for scope in last.get(verdict, ())}
        verdicts |= {result.scope: result.verdict for result in report.scopes if result.verdict in (GRANTED, DENIED)}
        places[place] = {
            "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "verdict": report.key.verdict,
            GRANTED: sorted(scope for scope, verdict in verdicts.items() if verdict == GRANTED),
            DENIED: sorted(scope for scope, verdict in verdicts.items() if verdict == DENIED),
        }
        content[key_id] = dict(list(places.items())[-_PLACES:])
        _save(folder, content)


def carry(folder: Folder, old_id: str, new_id: str) -> None:
    """Let a key that was moved into another store, and has another id there, keep its results."""
    with folder.lock():
        content = _load(folder)
        if old_id in content:
            content[new_id] = content.pop(old_id)
            _save(folder, content)


def verdicts(folder: Folder) -> dict[str, dict[str, str]]:
    """By key id: `verdict` of the last run against ManyChat itself, and `at`: when that was (UTC, ISO 8601)."""
    from mcapp.net.target import MANYCHAT

    last = {key_id: places[MANYCHAT] for key_id, places in _load(folder).items() if MANYCHAT in places}
    # What something else wrote into that file is left out.
    return {
        key_id: {"verdict": entry["verdict"], "at": entry["at"]}
        for key_id, entry in last.items()
        if entry.get("verdict") in KEY_VERDICTS and _TIME(str(entry.get("at")))
    }


def last(folder: Folder, key_id: str, place: str) -> dict[str, bool] | None:
    """Whether the last runs for this key were granted each scope; None if there was none."""
    entry = _load(folder).get(key_id, {}).get(place)
    if entry is None:
        return None
    return {str(scope): verdict == GRANTED for verdict in (GRANTED, DENIED) for scope in entry.get(verdict, ())}


def _save(folder: Folder, content: dict[str, dict[str, Any]]) -> None:
    data = json.dumps({"schema_version": _VERSION, "keys": content}, indent=1).encode()
    folder.write(PROBES, data)


def _load(folder: Folder) -> dict[str, dict[str, Any]]:
    """What is kept; nothing if it cannot be read, or not as `_save` writes it. That must not stop a probe."""
    try:
        content = json.loads(folder.read(PROBES) or b"{}")
        keys: dict[str, dict[str, Any]] = content["keys"] if content["schema_version"] == _VERSION else {}
        entries = [entry for places in keys.values() for entry in places.values()]
        sound = all(isinstance(entry.get(verdict, []), list) for entry in entries for verdict in (GRANTED, DENIED))
    except (McappError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return {}
    return keys if sound else {}
