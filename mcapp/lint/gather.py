"""Collect the facts: one pass over the data, from the root to each request."""

from typing import TYPE_CHECKING, Any

from mcapp.lint import kinds, uses
from mcapp.lint.kinds import member
from mcapp.lint.requests import Request, headers, strings
from mcapp.lint.urls import DAMAGED, UNFILLED, Url, split
from mcapp.lint.uses import Entry, Use, Zone, judge
from mcapp.placeholders import APP_KEY, BROKEN, SINGLE, SQUARE, Placeholder, find

if TYPE_CHECKING:
    from mcapp.document.model import Path
    from mcapp.lint.facts import Facts


def gather(facts: "Facts") -> None:
    """Fill `facts` from its document. Never raises, whatever the data."""
    data: Any = facts.document.data
    if facts.kind == kinds.REQUEST:
        _auth_request(facts, _at(data, facts.request_path))
    elif facts.kind is not None and isinstance(data, dict):
        _auth(facts, data)
        if facts.kind == kinds.APP:
            _app(facts, data)


def _at(data: Any, path: "Path | None") -> Any:
    """What stands at a path of dict keys that is known to exist."""
    if path is None:
        return None
    for key in path:
        data = data[key]
    return data


def _auth(facts: "Facts", data: dict[str, Any]) -> None:
    zone = facts.auth_zone
    auth = _at(data, facts.auth_path)
    zone.open = "" if facts.whole(()) else uses.DAMAGED
    if not isinstance(auth, dict):
        # `null` and nothing at all declare nothing; any other type is a mistake that hides what was declared.
        key = member(data, "auth", kinds.APP_KEYS) if isinstance(data, dict) else None
        if key is not None and data[key] is not None:
            zone.open = uses.DAMAGED
        facts.connection_zone = zone
        return
    facts.auth = auth
    path = facts.auth_path or ()
    key = member(auth, "params", kinds.AUTH_KEYS)
    if key is not None:
        facts.params, sound = _entries(facts, "param", auth[key], (*path, key), None)
        zone.declared = {entry.name: entry for entry in facts.params if entry.name}
        if not sound:
            zone.open = uses.DAMAGED
    facts.connection_zone = Zone("auth.connection", auth=False, declared=zone.declared, open=zone.open)
    key = member(auth, "connection", kinds.AUTH_KEYS)
    if key is not None and isinstance(auth[key], dict):
        _connection(facts, auth[key], (*path, key))
    if facts.request_path is not None:
        _auth_request(facts, _at(data, facts.request_path))


def _auth_request(facts: "Facts", data: Any) -> None:
    if isinstance(data, dict) and facts.request_path is not None:
        facts.request = _request(facts, data, facts.request_path, facts.auth_zone)


def _connection(facts: "Facts", connection: dict[str, Any], path: "Path") -> None:
    zone = facts.connection_zone
    key = member(connection, "headers", kinds.CONNECTION_KEYS)
    if key is not None:
        facts.headers += headers(connection[key], (*path, key), zone, None)
    key = member(connection, "qs", kinds.CONNECTION_KEYS)
    if key is not None:
        facts.queries += strings(connection[key], (*path, key), key)
    for leaf in strings(connection, path, ""):
        _look(facts, leaf.value, leaf.path, zone, "connection")


def _app(facts: "Facts", data: dict[str, Any]) -> None:
    key = member(data, "sources", kinds.APP_KEYS)
    if key is not None:
        facts.sources, _ = _entries(facts, "source", data[key], (key,), None)
    key = member(data, "triggers", kinds.APP_KEYS)
    if key is not None:
        facts.triggers_path = (key,)
        facts.triggers, _ = _entries(facts, "trigger", data[key], (key,), None)
        for trigger in facts.triggers:
            key = member(trigger.data, "context", kinds.TRIGGER_KEYS)
            if key is not None:
                _entries(facts, "context field", trigger.data[key], (*trigger.path, key), None)
    key = member(data, "actions", kinds.APP_KEYS)
    if key is not None:
        facts.actions, _ = _entries(facts, "action", data[key], (key,), None)
        for action in facts.actions:
            _action(facts, action)


def _action(facts: "Facts", action: Entry) -> None:
    auth = facts.auth_zone
    zone = Zone("this action", auth=False, declared=auth.declared, open=auth.open)
    if not facts.whole(action.path):
        zone.open = uses.DAMAGED
    key = member(action.data, "forms", kinds.ACTION_KEYS)
    if key is not None:
        forms, sound = _entries(facts, "form field", action.data[key], (*action.path, key), zone)
        if forms:
            facts.forms += forms
            zone.declared = {**auth.declared, **{form.name: form for form in forms if form.name}}
        if not sound:
            zone.open = uses.DAMAGED
    key = member(action.data, "requests", kinds.ACTION_KEYS)
    if key is None:
        return
    requests = action.data[key]
    path = (*action.path, key)
    # One object where an array of them belongs is the shape rules' business; the request in it can be judged.
    each = enumerate(requests) if isinstance(requests, list) else [(None, requests)]
    for index, request in each:
        if isinstance(request, dict):
            _request(facts, request, path if index is None else (*path, index), zone)


def _entries(facts: "Facts", what: str, data: Any, path: "Path", zone: Zone | None) -> tuple[list[Entry], bool]:
    """The objects in a list of declared things, and whether each is one and has a name."""
    if not isinstance(data, list):
        return [], data is None
    found = []
    sound = True
    for index, item in enumerate(data):
        if not isinstance(item, dict):
            sound = False
            continue
        name = item.get("name")
        if name.__class__ is not str or not name:
            name = ""
            sound = False
        found.append(Entry((*path, index), name, item, zone))
    if len(found) > 1:
        facts.lists.append((what, found))
    return found, sound


def _request(facts: "Facts", data: dict[str, Any], path: "Path", zone: Zone) -> Request:
    request = Request(path, data, zone)
    request.whole = facts.whole(path)
    facts.requests.append(request)
    known = kinds.REQUEST_KEYS
    for key, value in data.items():
        name = key if key in known else kinds.misspelt(key, known) or key
        if name != key and name in data:
            name = key
        place = (*path, key)
        if name == "url":
            if isinstance(value, str):
                request.url_path = place
                request.url = _url(facts, value, place, zone)
        elif name == "method":
            request.method_key = key
            if isinstance(value, str):
                request.method = value
        elif name == "headers":
            request.headers_path = place
            request.headers = headers(value, place, zone, request)
            request.headers_odd = not isinstance(value, list) or len(request.headers) != len(value)
            facts.headers += request.headers
            for header in request.headers:
                if header.name.lower() == "content-type":
                    request.content_type = header
                _look(facts, header.raw or header.value, header.path, zone, name)
        elif name == "mapping":
            entries, _ = _entries(facts, "mapping", value, place, zone)
            facts.mappings += entries
        else:
            if name == "payload":
                request.payload_key = key
                request.payload = value
            leaves = strings(value, place, key)
            if name == "payload":
                request.leaves = leaves
            for leaf in leaves:
                _look(facts, leaf.value, leaf.path, zone, name)
    return request


def _look(facts: "Facts", text: str, path: "Path", zone: Zone, part: str) -> list[Placeholder]:
    """Find, judge and keep the placeholders of one string."""
    # The same question as placeholders.may_hold, without the call: most strings hold none.
    if not ("{" in text or "[[" in text or "<<" in text or "]]" in text or ">>" in text):
        return _NOTHING
    found = find(text)
    for at in found:
        use = Use(path, at, zone, part)
        facts.uses.append(use)
        name = at.name.casefold()
        zone.used.add(name)
        verdict = judge(at, zone, portable=facts.portable)
        if verdict is not None:
            facts.odd.setdefault(verdict, []).append(use)
        if name == APP_KEY and (zone is facts.auth_zone or zone is facts.connection_zone) and _carries(use):
            facts.key_uses.append(use)
    return found


_NOTHING: list[Placeholder] = []


def _carries(use: Use) -> bool:
    """Whether the App Key is filled in there, or is meant to be by a notation that another rule reports."""
    if use.at.style is SINGLE or use.at.style is BROKEN:
        return False
    return use.at.style is not SQUARE or use.zone.spelt(use.at.name) is None


def _url(facts: "Facts", text: str, path: "Path", zone: Zone) -> Url:
    found = _look(facts, text, path, zone, "url")
    url = split(text, found)
    # What is wrong with the URL as a whole explains these; one finding is enough.
    if url.fault is DAMAGED:
        _drop(facts, uses.UNBALANCED, path)
    elif url.fault is UNFILLED:
        _drop(facts, uses.SINGLE_BRACES, path)
    return url


def _drop(facts: "Facts", verdict: str, path: "Path") -> None:
    left = [use for use in facts.odd.pop(verdict, ()) if use.path != path]
    if left:
        facts.odd[verdict] = left
