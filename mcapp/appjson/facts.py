"""The facts about one document: what the rules, `mcapp send` and `mcapp listen` look at.

They are collected in one pass over the data, from the root to each request. A part under a misspelt key is taken for
what was meant (`member`): the one mistake has its own rule.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from mcapp.appjson import placeholders, secrets, shape, urls
from mcapp.appjson.app_schema import APP, KEYS, REQUEST, at, kind_of, member, misspelt
from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST, DAMAGED, Declared, Names, Placeholder, Use, Zone, find
from mcapp.appjson.requests import Header, Leaf, Request, headers, strings, texts
from mcapp.appjson.secrets import SecretInFile
from mcapp.appjson.shape import ShapeIssue
from mcapp.appjson.urls import Url, split
from mcapp.document import Document
from mcapp.document.places import Defect, Path
from mcapp.errors import nearest

Value = TypeVar("Value")

_SUGGESTIONS = 200  # names among which one is looked for
_COMPARISONS = 60_000
# How many suspicious placeholders of one string are reported.
_MOST = 100
# A fault of a whole URL explains the placeholders that are damaged in it; one finding is enough.
_EXPLAINED: dict[str | None, str] = {urls.DAMAGED: placeholders.UNBALANCED, urls.UNFILLED: placeholders.SINGLE_BRACES}
_UNKNOWN = (placeholders.UNDECLARED, placeholders.UNKNOWN, placeholders.UNKNOWN_PORTABLE)
# What was meant to send the App Key, perhaps, in the order in which it is reported.
_NEAR_MISSES = (
    placeholders.SINGLE_BRACES,
    placeholders.UNBALANCED,
    placeholders.UNKNOWN,
    placeholders.UNKNOWN_PORTABLE,
    placeholders.UNDECIDED,
    placeholders.UNDECLARED,
)
# A name that the reader of the article may take for the App Key's.
_OTHER_NAMES = frozenset(("app_key", "appkey", "api_token", "access_token", "manychat_token", "manychat_key"))
_OBJECTS = {"form field": "form", "context field": "contextField"}


class lazy(Generic[Value]):  # noqa: N801  # used like `property`
    """An attribute that is computed on first use: functools.cached_property without its lock (1 us in 3.11)."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute = compute
        self.name = compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, instance: object, owner: type) -> Value:
        value = instance.__dict__[self.name] = self.compute(instance)
        return value


class Facts:
    """The facts about one document. No part of it raises, whatever the JSON: a value of a wrong type is left out.

    The document is read as `kind`: "app", "auth", "request", or None to decide by its keys; the author writes
    placeholders in the `notation` "manychat" or "portable". Of the attributes, `kind` is one of these three or None;
    `portable` says whether `<<name>>` is the author's notation. `suspicious` are the placeholders with a problem, by
    the verdict of `placeholders.classify`. `key_uses` are those that send the App Key in auth.request, `key_lost` those
    after the `#` of its URL, `key_near` those that were probably meant to send it, `key_typed` those that name a param
    called app_token. `urls` are the URLs without a fault, `faults` the others by fault (an http:// URL is in both).
    `lists` are the lists of declared things, each with the name of what it declares.
    """

    def __init__(self, document: Document, kind: str | None = None, notation: str = "manychat") -> None:
        self.document = document
        self.guessed = document.guessed
        self.portable = notation == "portable"
        self.kind, self.auth_path, self.request_path = kind_of(document.data, kind)
        self.auth: dict[str, Any] | None = None
        self.request: Request | None = None
        self.requests: list[Request] = []
        self.urls: list[tuple[Request, Url]] = []
        self.faults: dict[str, list[tuple[Request, Url]]] = {}
        self.headers: list[Header] = []
        self.adds_type = False  # whether auth.connection adds a Content-Type to every request
        self.queries: list[Leaf] = []  # auth.connection.qs
        self.params: list[Declared] = []
        self.forms: list[Declared] = []
        self.actions: list[Declared] = []
        self.second_requests: list[tuple[Declared, Path]] = []
        self.sources: list[Declared] = []
        self.sources_known = True  # whether all of them could be read
        self.mappings: list[Declared] = []
        self.triggers: list[Declared] = []
        self.triggers_path: Path = ()
        self.unnamed: list[Path] = []  # the names that are empty
        self.lists: list[tuple[str, list[Declared]]] = []
        self.suspicious: dict[str, list[Use]] = {}
        self.key_uses: list[Use] = []
        self.key_lost: list[Use] = []
        self.key_near: list[Use] = []
        self.key_typed: list[Use] = []
        self.auth_zone = Zone(placeholders.IN_AUTH, placeholders.NOBODY, placeholders.BLOCK)
        self.connection_zone = self.auth_zone
        self.answered = placeholders.NOBODY  # the params, and the names that auth.request maps
        self.zones = [self.auth_zone]
        self.most: int | None = shape.LIMIT  # shape issues; None: all, as fixing needs them
        self._names: dict[Path, set[str]] = {}
        self._nearest: dict[tuple[str, ...], str | None] = {}
        self._compared = 0

        data: Any = document.data
        if self.kind == REQUEST:
            self._auth_request(data)
        elif self.kind is not None and isinstance(data, dict):
            self._auth(data)
            if self.kind == APP:
                self._app(data)
        if self.request is not None and not self.key_uses:
            self._find_key()

    def _find_key(self) -> None:
        """Find what was meant to send the App Key and does not. That the key is not sent is then the one finding."""
        for verdict in _NEAR_MISSES:
            for use in self.suspicious.pop(verdict, ()):
                name = use.at.name.casefold()
                meant = name == APP_KEY or name in _OTHER_NAMES or self.nearest(name, AUTH_REQUEST) == APP_KEY
                if meant and use.zone.auth:
                    self.key_near.append(use)
                else:
                    self.suspicious.setdefault(verdict, []).append(use)

    def _auth(self, data: dict[str, Any]) -> None:
        zone = self.auth_zone
        auth = at(data, self.auth_path)
        zone.open = "" if self.whole(()) else DAMAGED
        if not isinstance(auth, dict):
            # Without auth, or with null, nothing is declared; any other type is a mistake that hides what was declared.
            if _part(data, (), "auth", "app")[0] is not None:
                zone.open = DAMAGED
            return
        self.auth = auth
        path = self.auth_path or ()
        self.params, known = self._entries("param", *_part(auth, path, "params", "auth"))
        zone.params = Names(self.params)
        if not known:
            zone.open = DAMAGED
        self._auth_request(data)
        # V: what auth.request maps from its answer can be used like a param, but not in auth.request itself.
        self.answered = Names((*self.params, *self.mappings)) if self.mappings else zone.params
        self.connection_zone = zone = Zone(placeholders.IN_CONNECTION, self.answered, zone.open)
        self.zones.append(zone)
        connection, path = _part(auth, path, "connection", "auth")
        if not isinstance(connection, dict):
            return
        own = headers(*_part(connection, path, "headers", "connection"), zone)
        self.headers += own
        self.adds_type = any(header.name.lower() == "content-type" for header in own)
        queries, place = _part(connection, path, "qs", "connection")
        self.queries += strings(queries, place, str(place[-1]))
        for leaf in strings(connection, path, ""):
            self._look(leaf.value, leaf.path, zone, "connection")

    def _auth_request(self, data: Any) -> None:
        request = at(data, self.request_path)
        if isinstance(request, dict) and self.request_path is not None:
            self.request = self._request(request, self.request_path, self.auth_zone)

    def _app(self, data: dict[str, Any]) -> None:
        self.sources, known = self._entries("source", *_part(data, (), "sources", "app"))
        self.sources_known = known and self.whole(())
        triggers, self.triggers_path = _part(data, (), "triggers", "app")
        self.triggers, _ = self._entries("trigger", triggers, self.triggers_path)
        for trigger in self.triggers:
            self._entries("context field", *_part(trigger.data, trigger.path, "context", "trigger"))
        self.actions, _ = self._entries("action", *_part(data, (), "actions", "app"))
        for action in self.actions:
            zone = Zone(placeholders.IN_ACTION, self.answered, self.auth_zone.open)
            self.zones.append(zone)
            forms, known = self._entries("form field", *_part(action.data, action.path, "forms", "action"), zone)
            if forms:
                self.forms += forms
                zone.forms = Names(forms)
            if not known or (self.guessed and not self.whole(action.path)):
                zone.open = DAMAGED
            requests, path = _part(action.data, action.path, "requests", "action")
            if isinstance(requests, list):
                if len(requests) > 1:
                    self.second_requests.append((action, (*path, 1)))
                for index, request in enumerate(requests):
                    if isinstance(request, dict):
                        self._request(request, (*path, index), zone)
            elif isinstance(requests, dict):  # this has its own rule; the request in it is checked all the same
                self._request(requests, path, zone)

    def _entries(self, what: str, data: Any, path: Path, zone: Zone | None = None) -> tuple[list[Declared], bool]:
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
                    self.unnamed.append((*path, index, key))
                name = ""
                known = False
            found.append(Declared((*path, index), name, item, zone))
        if len(found) > 1:
            self.lists.append((what, found))
        return found, known

    def _request(self, data: dict[str, Any], path: Path, zone: Zone) -> Request:
        request = Request(path, data, zone)
        request.whole = not self.guessed or self.whole(path)
        self.requests.append(request)
        known = KEYS["request"]
        for key, value in data.items():
            name = key if key in known else misspelt(key, known) or key
            if name != key and name in data:
                name = key
            place = (*path, key)
            if name == "url":
                if isinstance(value, str):
                    found = find(value)
                    request.url_path = place
                    request.url = url = split(value, found)
                    self._keep(found, place, zone, "url", url)
                    if url.fault is None or url.fault is urls.CLEARTEXT:
                        self.urls.append((request, url))
                    if url.fault is not None:
                        self.faults.setdefault(url.fault, []).append((request, url))
            elif name == "method":
                request.method_path = place
                if isinstance(value, str):
                    request.method = value
            elif name == "headers":
                self._headers(request, value, place)
            elif name == "mapping":
                if isinstance(value, list):
                    request.mapping = value
                    request.mapping_path = place
                self.mappings += self._entries("mapping", value, place, zone)[0]
            else:
                leaves = strings(value, place, key)
                if name == "payload":
                    request.payload_path = place
                    request.payload = value
                    request.leaves = leaves
                for leaf in leaves:
                    self._look(leaf.value, leaf.path, zone, name)
        return request

    def _headers(self, request: Request, value: Any, path: Path) -> None:
        zone = request.zone
        request.headers_path = path
        request.headers = headers(value, path, zone)
        request.headers_malformed = not isinstance(value, list) or len(request.headers) != len(value)
        self.headers += request.headers
        if request.headers_malformed:
            for leaf in strings(value, path, "headers"):
                self._look(leaf.value, leaf.path, zone, "headers")
            return
        for header in request.headers:
            if header.name.lower() == "content-type":
                request.content_type = header
            self._look(header.raw, header.path, zone, "headers")

    def _look(self, text: str, path: Path, zone: Zone, part: str) -> None:
        """Find, classify and keep the placeholders of one string."""
        # The same question as placeholders.may_hold, without the call: most strings hold none.
        if "{" in text or "[[" in text or "<<" in text or "]]" in text or ">>" in text:
            self._keep(find(text), path, zone, part)

    def _keep(self, found: tuple[Placeholder, ...], path: Path, zone: Zone, part: str, url: Url | None = None) -> None:
        kept = 0
        for each in found:
            name = each.name.casefold()
            zone.used.add(name)
            verdict = placeholders.classify(each, zone, portable=self.portable)
            if verdict is not None and kept < _MOST and not (url and verdict is _EXPLAINED.get(url.fault)):
                kept += 1
                self.suspicious.setdefault(verdict, []).append(Use(path, each, zone, part))
            # A use of app_token in auth.request, or in what is added to it, by whether it sends the App Key. A near
            # miss is left to _find_key.
            if name == APP_KEY and zone.place is not placeholders.IN_ACTION:
                use = Use(path, each, zone, part)
                if each.style is placeholders.SQUARE and zone.spelt(each.name) is not None:
                    self.key_typed.append(use)
                elif each.style is not placeholders.SINGLE and each.style is not placeholders.BROKEN:
                    # R: RFC 9110, 7.1: what follows the `#` of a URL stays with the client
                    lost = url is not None and 0 <= url.fragment < each.start
                    (self.key_lost if lost else self.key_uses).append(use)

    @lazy
    def defects(self) -> Mapping[str, Sequence[Defect]]:
        """The defects of the text by kind; empty for strict JSON."""
        found: dict[str, list[Defect]] = {}
        for defect in self.document.defects:
            found.setdefault(defect.kind, []).append(defect)
        return found

    @lazy
    def secrets(self) -> list[SecretInFile]:
        """The secrets that are written into the file."""
        own = [header for header in self.headers if header.zone is self.connection_zone and header.member]
        return secrets.collect(
            self.document, self.requests, own, self.queries, self.request, key_is_sent=bool(self.key_uses)
        )

    @property
    def key_in_place(self) -> bool:
        """Whether auth.request has a key where the placeholder belongs."""
        if self.request is None:
            return False
        path = self.request.path
        found = [each.path for each in self.secrets if each.kind != secrets.CREDENTIALS and each.path is not None]
        return any(place[: len(path)] == path for place in found)

    @lazy
    def issues(self) -> Mapping[str, Sequence[ShapeIssue]]:
        """Where the data does not fit the schema, unknown keys, …, by the name of the rule that reports them."""
        found: dict[str, list[ShapeIssue]] = {}
        for issue in shape.all_issues(self.document, self.kind, self.most):
            found.setdefault(issue.rule, []).append(issue)
        return found

    @lazy
    def form_names(self) -> dict[str, Declared]:
        """The form fields of all actions by name."""
        return {form.name: form for form in reversed(self.forms) if form.name}

    @lazy
    def source_names(self) -> set[str]:
        """The names of the sources."""
        return {source.name for source in self.sources}

    @lazy
    def used(self) -> set[str]:
        """Every name in a placeholder of any kind anywhere, case-folded."""
        return set().union(*(zone.used for zone in self.zones))

    @lazy
    def sourced(self) -> list[tuple[Declared, str, object]]:
        """The form fields that have a source: the field, the key, and its value."""
        found = [(form, member(form.data, "source", "form")) for form in self.forms]
        return [(form, key, form.data[key]) for form, key in found if key is not None]

    @lazy
    def misspelt_names(self) -> set[str | None]:
        """Declared names that were probably meant where an unknown one is written."""
        unknown = [use for verdict in _UNKNOWN for use in self.suspicious.get(verdict, ())]
        return {self.nearest_declared(use) for use in unknown}

    def written(self, use: Use) -> str:
        """A placeholder as it is written."""
        return str(at(self.document.data, use.path))[use.at.start : use.at.end]

    def alone(self, use: Use) -> bool:
        """Whether there is no bracket beside a placeholder that may belong to it: in `[[email])`, `)` is one."""
        text = str(at(self.document.data, use.path))
        beside = {text[use.at.start - 1 : use.at.start], text[use.at.end : use.at.end + 1]}
        return beside.isdisjoint("()[]{}")

    def names_in(self, path: Path) -> set[str]:
        """The names in all placeholders below `path`, keys included, case-folded. Slow: ask only when in doubt."""
        if path not in self._names:
            found = (find(text) for text in texts(at(self.document.data, path)))
            self._names[path] = {each.name.casefold() for each in chain.from_iterable(found)}
        return self._names[path]

    @lazy
    def _incomplete(self) -> set[Path]:
        """The values that were not read to their end, and all that contain one of them."""
        found: set[Path] = set()
        for path in self.guessed:
            while path not in found:
                found.add(path)
                path = path[:-1]
        return found

    def whole(self, path: Path | None) -> bool:
        """Whether the value at `path`, with all that is in it, was read to its end: only then can it lack anything."""
        return path is None or path not in self._incomplete

    def nearest(self, name: str, known: Iterable[str]) -> str | None:
        """The only known name that `name` may have been meant to be. It gives up when that has cost a second or so."""
        asked = (name, *islice(known, _SUGGESTIONS))
        if asked not in self._nearest:
            self._compared += len(asked)
            if self._compared > _COMPARISONS:
                return None
            self._nearest[asked] = nearest(name, asked[1:], alone=True)
        return self._nearest[asked]

    def nearest_declared(self, use: Use) -> str | None:
        """The param or form field that was probably meant there."""
        return self.nearest(use.at.name, use.zone.declared(_SUGGESTIONS))

    def nearest_any(self, use: Use) -> str | None:
        """The system value, param or form field that was probably meant there."""
        return self.nearest(use.at.name, (*use.zone.system, *use.zone.declared(_SUGGESTIONS)))


def _part(data: dict[str, Any], path: Path, key: str, name: str) -> tuple[Any, Path]:
    """The value that an object `name` at `path` has under `key`, or a misspelling of it, and its path; else None."""
    found = member(data, key, name)
    return (None, (*path, key)) if found is None else (data[found], (*path, found))
