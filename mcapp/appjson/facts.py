"""What the rules loop over, collected from a document in one pass.

Nothing raises, whatever the JSON: a value of a wrong type is the shape rules' business and is left out. A part under a
misspelt key is taken for what was meant (`kinds.member`), for the same reason.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mcapp.appjson import json_path, kinds, placeholder_uses, secrets
from mcapp.appjson.gather import gather
from mcapp.appjson.kinds import member
from mcapp.appjson.placeholder_uses import Entry, Use, Zone
from mcapp.appjson.placeholders import find, may_hold
from mcapp.appjson.secrets import Written
from mcapp.errors import nearest

if TYPE_CHECKING:
    from mcapp.appjson.requests import Header, Leaf, Request
    from mcapp.appjson.shape import ShapeIssue
    from mcapp.appjson.urls import Url
    from mcapp.document import Document
    from mcapp.document.places import Defect, Path

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801  # used like `property`
    """An attribute computed when it is first asked for: functools.cached_property without its lock (1 us in 3.11)."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute = compute
        self.name = compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, instance: object, owner: type) -> Value:
        value = instance.__dict__[self.name] = self.compute(instance)
        return value


class Facts:
    """Everything known of one document.

    `kind` is "app", "auth", "request" or None; `portable` whether `<<name>>` is the author's notation. `odd` are the
    uses of placeholders by what is odd about them (`uses.judge`). `key_uses` are those by which auth.request sends the
    App Key, `key_lost` those behind the `#` of its URL, `key_near` what was meant to be one, where there is none,
    `key_typed` those that are a param of that name.
    `urls` are the URLs that are some, `faults` those with a fault, by fault (http:// is in both).
    `lists` are the lists of declared things with what one of them is called.
    """

    def __init__(self, document: "Document", kind: str | None, *, portable: bool) -> None:
        self.document = document
        self.guessed = document.guessed
        self.portable = portable
        told = kinds.tell(document.data, kind)
        self.kind = told.name
        self.auth_path = told.auth
        self.request_path = told.request
        self.auth: dict[str, Any] | None = None
        self.request: Request | None = None
        self.requests: list[Request] = []
        self.urls: list[tuple[Request, Url]] = []
        self.faults: dict[str, list[tuple[Request, Url]]] = {}
        self.headers: list[Header] = []
        self.adds_type = False  # whether auth.connection adds a Content-Type to every request
        self.queries: list[Leaf] = []  # auth.connection.qs
        self.params: list[Entry] = []
        self.forms: list[Entry] = []
        self.actions: list[Entry] = []
        self.second_requests: list[tuple[Entry, Path]] = []
        self.sources: list[Entry] = []
        self.sources_sound = True  # whether all of them could be read
        self.mappings: list[Entry] = []
        self.triggers: list[Entry] = []
        self.triggers_path: Path | None = None
        self.lists: list[tuple[str, list[Entry]]] = []
        self.odd: dict[str, list[Use]] = {}
        self.key_uses: list[Use] = []
        self.key_lost: list[Use] = []
        self.key_near: list[Use] = []
        self.key_typed: list[Use] = []
        self.auth_zone = Zone(placeholder_uses.IN_AUTH, placeholder_uses.NOBODY, placeholder_uses.BLOCK)
        self.connection_zone = self.auth_zone
        self.zones = [self.auth_zone]
        self._names: dict[Path, set[str]] = {}
        self._near: dict[tuple[str, ...], str | None] = {}

    @lazy
    def defects(self) -> "Mapping[str, Sequence[Defect]]":
        """The defects of the text by kind; empty for a file that was strict JSON."""
        found: dict[str, list[Defect]] = {}
        for defect in self.document.defects:
            found.setdefault(defect.kind, []).append(defect)
        return found

    @lazy
    def secrets(self) -> list[Written]:
        """Secrets that are written into the file."""
        return secrets.collect(self)

    @property
    def key_written(self) -> bool:
        """Whether a key stands in auth.request where the placeholder belongs."""
        path = self.request.path if self.request else None
        return any(
            path is not None
            and each.path is not None
            and each.kind != secrets.CREDENTIALS
            and each.path[: len(path)] == path
            for each in self.secrets
        )

    @lazy
    def shape_issues(self) -> "Sequence[ShapeIssue]":
        """Where the data does not fit the schema (mcapp.appjson.shape)."""
        from mcapp.appjson.shape import issues

        return issues(self.document, self.kind)

    @lazy
    def odd_keys(self) -> "Sequence[ShapeIssue]":
        """Keys that the format does not know (mcapp.appjson.shape)."""
        from mcapp.appjson.shape import odd_keys

        return odd_keys(self.document, self.kind)

    @lazy
    def form_names(self) -> dict[str, Entry]:
        """The form fields of all actions by name."""
        return {form.name: form for form in reversed(self.forms) if form.name}

    @lazy
    def source_names(self) -> set[str]:
        """The names of the sources."""
        return {source.name for source in self.sources}

    @lazy
    def odd_paths(self) -> "list[tuple[Path, str]]":
        """The paths of mappings that are no JSONPath as they stand, each with its place."""
        return json_path.odd(self.mappings)

    @lazy
    def used(self) -> set[str]:
        """Every name in a placeholder of any kind anywhere, case folded."""
        return set().union(*(zone.used for zone in self.zones))

    @lazy
    def sourced(self) -> list[tuple[Entry, str, object]]:
        """The form fields that have a source: the field, the key, and what stands there."""
        found = [(form, member(form.data, "source", kinds.FORM_KEYS)) for form in self.forms]
        return [(form, key, form.data[key]) for form, key in found if key is not None]

    @lazy
    def misspelt_names(self) -> set[str | None]:
        """Declared names that were probably meant where an unknown one stands."""
        verdicts = (placeholder_uses.UNDECLARED, placeholder_uses.UNKNOWN, placeholder_uses.UNKNOWN_PORTABLE)
        odd = [use for verdict in verdicts for use in self.odd.get(verdict, ())]
        return {self.near_declared(use) for use in odd}

    def names_in(self, path: "Path") -> set[str]:
        """The names in all placeholders below `path`, keys included, case folded. Slow: for the second look."""
        if path not in self._names:
            data: Any = self.document.data
            for key in path:
                data = data[key]
            texts = (text for text in secrets.texts(data) if may_hold(text))
            self._names[path] = {at.name.casefold() for text in texts for at in find(text)}
        return self._names[path]

    def whole(self, path: "Path | None") -> bool:
        """Whether what stands at `path` was read to its end, with all that is in it: only then can it lack anything."""
        return path is None or not any(each[: len(path)] == path for each in self.guessed)

    def near(self, name: str, known: Iterable[str]) -> str | None:
        """The known name that `name` was probably meant to be. After many it gives up: none is worth minutes."""
        asked = (name, *islice(known, _SUGGESTIONS))
        if asked not in self._near:
            if len(self._near) >= _SUGGESTIONS:
                return None
            self._near[asked] = nearest(name, asked[1:])
        return self._near[asked]

    def near_declared(self, use: Use) -> str | None:
        """The param or form field that was probably meant there."""
        return self.near(use.at.name, use.zone.declared(_SUGGESTIONS))

    def near_any(self, use: Use) -> str | None:
        """The value of ManyChat's own, param or form field that was probably meant there."""
        return self.near(use.at.name, (*use.zone.system, *use.zone.declared(_SUGGESTIONS)))


_SUGGESTIONS = 200


def collect(document: "Document", kind: str | None = None, placeholders: str = "manychat") -> Facts:
    """The facts about `document`, as the `kind` the user said, or as its keys tell (None).

    `placeholders` is the notation the author writes in: "manychat" or "portable". Never raises, whatever the data.
    """
    facts = Facts(document, kind, portable=placeholders == "portable")
    gather(facts)
    return facts
