"""The facts about one document: what the rules, `mcapp send` and `mcapp listen` look at. gather.py collects them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mcapp.appjson import kinds, placeholder_uses, secrets, shape
from mcapp.appjson.kinds import at, member
from mcapp.appjson.placeholder_uses import Declared, Use, Zone
from mcapp.appjson.placeholders import find
from mcapp.appjson.requests import texts
from mcapp.appjson.secrets import SecretInFile
from mcapp.appjson.shape import ShapeIssue
from mcapp.document import Document
from mcapp.document.places import Defect, Path
from mcapp.errors import nearest

if TYPE_CHECKING:
    from mcapp.appjson.requests import Header, Leaf, Request
    from mcapp.appjson.urls import Url

Value = TypeVar("Value")


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

    `kind` is "app", "auth", "request" or None; `portable` says whether `<<name>>` is the author's notation.
    `suspicious` are the placeholders with a problem, by the verdict of `placeholder_uses.classify`. `key_uses` are
    those that send the App Key in auth.request, `key_lost` those after the `#` of its URL, `key_near` those that were
    probably meant to send it, `key_typed` those that name a param called app_token.
    `urls` are the URLs without a fault, `faults` the others by fault (an http:// URL is in both). `lists` are the lists
    of declared things, each with the name of what it declares.
    """

    def __init__(self, document: Document, kind: str | None, *, portable: bool) -> None:
        self.document = document
        self.guessed = document.guessed
        self.portable = portable
        self.kind, self.auth_path, self.request_path = kinds.classify(document.data, kind)
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
        self.auth_zone = Zone(placeholder_uses.IN_AUTH, placeholder_uses.NOBODY, placeholder_uses.BLOCK)
        self.connection_zone = self.auth_zone
        self.answered = placeholder_uses.NOBODY  # the params, and the names that auth.request maps
        self.zones = [self.auth_zone]
        self.most: int | None = shape.LIMIT  # shape issues; None: all, as fixing needs them
        self._names: dict[Path, set[str]] = {}
        self._nearest: dict[tuple[str, ...], str | None] = {}
        self._compared = 0

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
        path = self.request.path if self.request else None
        return any(
            path is not None
            and each.path is not None
            and each.kind != secrets.CREDENTIALS
            and each.path[: len(path)] == path
            for each in self.secrets
        )

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
        verdicts = (placeholder_uses.UNDECLARED, placeholder_uses.UNKNOWN, placeholder_uses.UNKNOWN_PORTABLE)
        unknown = [use for verdict in verdicts for use in self.suspicious.get(verdict, ())]
        return {self.nearest_declared(use) for use in unknown}

    def written(self, use: Use) -> str:
        """A placeholder as it is written."""
        return str(at(self.document.data, use.path))[use.at.start : use.at.end]

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
        """The known name that `name` was probably meant to be. It gives up when that has cost a second or so."""
        asked = (name, *islice(known, _SUGGESTIONS))
        if asked not in self._nearest:
            self._compared += len(asked)
            if self._compared > _COMPARISONS:
                return None
            self._nearest[asked] = nearest(name, asked[1:])
        return self._nearest[asked]

    def nearest_declared(self, use: Use) -> str | None:
        """The param or form field that was probably meant there."""
        return self.nearest(use.at.name, use.zone.declared(_SUGGESTIONS))

    def nearest_any(self, use: Use) -> str | None:
        """The system value, param or form field that was probably meant there."""
        return self.nearest(use.at.name, (*use.zone.system, *use.zone.declared(_SUGGESTIONS)))


_SUGGESTIONS = 200  # names among which one is looked for
_COMPARISONS = 60_000
