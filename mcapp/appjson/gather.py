"""Collect the facts about a document: one pass over the data, from the root to each request.

A part under a misspelt key is taken for what was meant (`kinds.member`): the one mistake has its own rule.
"""

from typing import Any

from mcapp.appjson import kinds, placeholder_uses
from mcapp.appjson.app_schema import KEYS
from mcapp.appjson.facts import Facts
from mcapp.appjson.kinds import at, member
from mcapp.appjson.placeholder_uses import Declared, Names, Use, Zone, classify
from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST, BROKEN, SINGLE, SQUARE, Placeholder, find
from mcapp.appjson.requests import Request, headers, strings
from mcapp.appjson.urls import CLEARTEXT, DAMAGED, UNFILLED, Url, split
from mcapp.document import Document
from mcapp.document.places import Path


def collect(document: Document, kind: str | None = None, placeholders: str = "manychat") -> Facts:
    """The facts about `document`, read as `kind`: "app", "auth", "request", or None to decide by its keys.

    `placeholders` is the notation that the author writes in: "manychat" or "portable". Never raises, whatever the data.
    """
    facts = Facts(document, kind, portable=placeholders == "portable")
    data: Any = facts.document.data
    if facts.kind == kinds.REQUEST:
        _auth_request(facts, at(data, facts.request_path))
    elif facts.kind is not None and isinstance(data, dict):
        _auth(facts, data)
        if facts.kind == kinds.APP:
            _app(facts, data)
    if facts.request is not None and not facts.key_uses:
        _find_key(facts)
    return facts


def _find_key(facts: Facts) -> None:
    """Find what was meant to send the App Key and does not. That the key is not sent is then the one finding."""
    for verdict in _NEAR_MISSES:
        for use in facts.suspicious.pop(verdict, ()):
            name = use.at.name.casefold()
            meant = name == APP_KEY or name in _OTHER_NAMES or facts.nearest(name, AUTH_REQUEST) == APP_KEY
            if meant and use.zone.auth:
                facts.key_near.append(use)
            else:
                facts.suspicious.setdefault(verdict, []).append(use)


_NEAR_MISSES = (
    placeholder_uses.SINGLE_BRACES,
    placeholder_uses.UNBALANCED,
    placeholder_uses.UNKNOWN,
    placeholder_uses.UNKNOWN_PORTABLE,
    placeholder_uses.UNDECIDED,
    placeholder_uses.UNDECLARED,
)
# A name that the reader of the article may take for the App Key's.
_OTHER_NAMES = frozenset(("app_key", "appkey", "api_token", "access_token", "manychat_token", "manychat_key"))


def _auth(facts: Facts, data: dict[str, Any]) -> None:
    zone = facts.auth_zone
    auth = at(data, facts.auth_path)
    zone.open = "" if facts.whole(()) else placeholder_uses.DAMAGED
    if not isinstance(auth, dict):
        # Without auth, or with null, nothing is declared; any other type is a mistake that hides what was declared.
        if _part(data, (), "auth", "app")[0] is not None:
            zone.open = placeholder_uses.DAMAGED
        facts.connection_zone = zone
        return
    facts.auth = auth
    path = facts.auth_path or ()
    facts.params, known = _entries(facts, "param", *_part(auth, path, "params", "auth"))
    zone.params = Names(facts.params)
    if not known:
        zone.open = placeholder_uses.DAMAGED
    if facts.request_path is not None:
        _auth_request(facts, at(data, facts.request_path))
    # V: what auth.request maps from its answer can be used like a param, but not in auth.request itself.
    facts.answered = Names((*facts.params, *facts.mappings)) if facts.mappings else zone.params
    facts.connection_zone = Zone(placeholder_uses.IN_CONNECTION, facts.answered, zone.open)
    facts.zones.append(facts.connection_zone)
    connection, path = _part(auth, path, "connection", "auth")
    if isinstance(connection, dict):
        _connection(facts, connection, path)


def _auth_request(facts: Facts, data: Any) -> None:
    if isinstance(data, dict) and facts.request_path is not None:
        facts.request = _request(facts, data, facts.request_path, facts.auth_zone)


def _connection(facts: Facts, connection: dict[str, Any], path: Path) -> None:
    zone = facts.connection_zone
    own = headers(*_part(connection, path, "headers", "connection"), zone)
    facts.headers += own
    facts.adds_type = any(header.name.lower() == "content-type" for header in own)
    queries, place = _part(connection, path, "qs", "connection")
    facts.queries += strings(queries, place, str(place[-1]))
    for leaf in strings(connection, path, ""):
        _look(facts, leaf.value, leaf.path, zone, "connection")


def _app(facts: Facts, data: dict[str, Any]) -> None:
    facts.sources, facts.sources_known = _entries(facts, "source", *_part(data, (), "sources", "app"))
    if not facts.whole(()):
        facts.sources_known = False
    triggers, facts.triggers_path = _part(data, (), "triggers", "app")
    facts.triggers, _ = _entries(facts, "trigger", triggers, facts.triggers_path)
    for trigger in facts.triggers:
        _entries(facts, "context field", *_part(trigger.data, trigger.path, "context", "trigger"))
    facts.actions, _ = _entries(facts, "action", *_part(data, (), "actions", "app"))
    for action in facts.actions:
        _action(facts, action)


def _action(facts: Facts, action: Declared) -> None:
    auth = facts.auth_zone
    zone = Zone(placeholder_uses.IN_ACTION, facts.answered, auth.open)
    facts.zones.append(zone)
    if facts.guessed and not facts.whole(action.path):
        zone.open = placeholder_uses.DAMAGED
    forms, known = _entries(facts, "form field", *_part(action.data, action.path, "forms", "action"), zone)
    if forms:
        facts.forms += forms
        zone.forms = Names(forms)
    if not known:
        zone.open = placeholder_uses.DAMAGED
    requests, path = _part(action.data, action.path, "requests", "action")
    # One object instead of an array of them has its own rule; the request in it is checked all the same.
    each = enumerate(requests) if isinstance(requests, list) else [(None, requests)]
    if isinstance(requests, list) and len(requests) > 1:
        facts.second_requests.append((action, (*path, 1)))
    for index, request in each:
        if isinstance(request, dict):
            _request(facts, request, path if index is None else (*path, index), zone)


def _part(data: dict[str, Any], path: Path, key: str, name: str) -> tuple[Any, Path]:
    """The value that an object `name` at `path` has under `key`, or a misspelling of it, and its path; else None."""
    found = member(data, key, name)
    return (None, (*path, key)) if found is None else (data[found], (*path, found))


def _entries(facts: Facts, what: str, data: Any, path: Path, zone: Zone | None = None) -> tuple[list[Declared], bool]:
    """The objects in a list of declared things, and whether all its entries are objects with a name."""
    if not isinstance(data, list):
        return [], data is None
    found = []
    known = True
    for index, item in enumerate(data):
        if not isinstance(item, dict):
            known = False
            continue
        key = "name" if "name" in item else member(item, "name", _OBJECTS.get(what, what))
        name = None if key is None else item[key]
        if name.__class__ is not str or not name.strip():
            if key is not None and name.__class__ is str:
                facts.unnamed.append((*path, index, key))
            name = ""
            known = False
        found.append(Declared((*path, index), name, item, zone))
    if len(found) > 1:
        facts.lists.append((what, found))
    return found, known


_OBJECTS = {"form field": "form", "context field": "contextField"}


def _request(facts: Facts, data: dict[str, Any], path: Path, zone: Zone) -> Request:
    request = Request(path, data, zone)
    request.whole = not facts.guessed or facts.whole(path)
    facts.requests.append(request)
    known = KEYS["request"]
    for key, value in data.items():
        name = key if key in known else kinds.misspelt(key, known) or key
        if name != key and name in data:
            name = key
        place = (*path, key)
        if name == "url":
            if isinstance(value, str):
                request.url_path = place
                request.url = url = _url(facts, value, place, zone)
                if url.fault is None or url.fault is CLEARTEXT:
                    facts.urls.append((request, url))
                if url.fault is not None:
                    facts.faults.setdefault(url.fault, []).append((request, url))
        elif name == "method":
            request.method_key = key
            if isinstance(value, str):
                request.method = value
        elif name == "headers":
            _request_headers(facts, request, value, place)
        elif name == "mapping":
            if isinstance(value, list):
                request.mapping = value
                request.mapping_path = place
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


def _request_headers(facts: Facts, request: Request, value: Any, path: Path) -> None:
    zone = request.zone
    request.headers_path = path
    request.headers = headers(value, path, zone)
    request.headers_malformed = not isinstance(value, list) or len(request.headers) != len(value)
    facts.headers += request.headers
    if request.headers_malformed:
        for leaf in strings(value, path, "headers"):
            _look(facts, leaf.value, leaf.path, zone, "headers")
        return
    for header in request.headers:
        if header.name.lower() == "content-type":
            request.content_type = header
        _look(facts, header.raw, header.path, zone, "headers")


def _look(facts: Facts, text: str, path: Path, zone: Zone, part: str) -> None:
    """Find, classify and keep the placeholders of one string."""
    # The same question as placeholders.may_hold, without the call: most strings hold none.
    if "{" in text or "[[" in text or "<<" in text or "]]" in text or ">>" in text:
        _keep(facts, find(text), path, zone, part)


def _url(facts: Facts, text: str, path: Path, zone: Zone) -> Url:
    found = find(text)
    url = split(text, found)
    if found:
        _keep(facts, found, path, zone, "url", url)
    return url


def _keep(
    facts: Facts, found: tuple[Placeholder, ...], path: Path, zone: Zone, part: str, url: Url | None = None
) -> None:
    kept = 0
    for each in found:
        name = each.name.casefold()
        zone.used.add(name)
        verdict = classify(each, zone, portable=facts.portable)
        # A fault of the whole URL explains the placeholders that are damaged in it; one finding is enough.
        if verdict is not None and kept < _MOST and not (url and verdict is _EXPLAINED.get(url.fault)):
            kept += 1
            facts.suspicious.setdefault(verdict, []).append(Use(path, each, zone, part))
        if name == APP_KEY and zone.place is not placeholder_uses.IN_ACTION:
            _keep_key(facts, Use(path, each, zone, part), url)


def _keep_key(facts: Facts, use: Use, url: Url | None) -> None:
    """Sort a use of app_token in auth.request, or in what is added to it, by whether it sends the App Key."""
    at = use.at
    if at.style is SQUARE and use.zone.spelt(at.name) is not None:
        facts.key_typed.append(use)
    elif at.style is SINGLE or at.style is BROKEN:
        pass  # a near miss: _find_key takes it up
    elif url is not None and 0 <= url.fragment < at.start:
        facts.key_lost.append(use)  # R: RFC 9110, 7.1: what follows the `#` of a URL stays with the client
    else:
        facts.key_uses.append(use)


# How many suspicious placeholders of one string are reported.
_MOST = 100
_EXPLAINED: dict[str | None, str] = {DAMAGED: placeholder_uses.UNBALANCED, UNFILLED: placeholder_uses.SINGLE_BRACES}
