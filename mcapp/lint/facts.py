"""What the rules loop over, collected from a document in one pass.

Nothing raises, whatever the JSON: a value of a wrong type is the shape rules' business and is left out. A part under a
misspelt key is taken for what was meant (`kinds.member`), for the same reason.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mcapp.lint import kinds, uses
from mcapp.lint.gather import gather
from mcapp.lint.uses import Entry, Use, Zone
from mcapp.placeholders import near

if TYPE_CHECKING:
    from mcapp.document import Document
    from mcapp.document.model import Defect, Path
    from mcapp.lint.requests import Header, Leaf, Request


class Facts:
    """Everything known of one document.

    `kind` is "app", "auth", "request" or None; `portable` whether `<<name>>` is the author's notation. `odd` are the
    uses of placeholders by what is odd about them (`uses.judge`), `key_uses` those by which auth.request sends the App
    Key. `lists` are the lists of declared things with what one of them is called.
    """

    def __init__(self, document: "Document", kind: str | None, *, portable: bool) -> None:
        self.document = document
        self.portable = portable
        told = kinds.tell(document.data, kind)
        self.kind = told.name
        self.auth_path = told.auth
        self.request_path = told.request
        self.auth: dict[str, Any] | None = None
        self.request: Request | None = None
        self.requests: list[Request] = []
        self.headers: list[Header] = []
        self.queries: list[Leaf] = []  # auth.connection.qs
        self.params: list[Entry] = []
        self.forms: list[Entry] = []
        self.actions: list[Entry] = []
        self.sources: list[Entry] = []
        self.mappings: list[Entry] = []
        self.triggers: list[Entry] = []
        self.triggers_path: Path | None = None
        self.lists: list[tuple[str, list[Entry]]] = []
        self.uses: list[Use] = []
        self.odd: dict[str, list[Use]] = {}
        self.key_uses: list[Use] = []
        self.auth_zone = Zone("auth.request", auth=True, declared={}, open=uses.BLOCK)
        self.connection_zone = self.auth_zone
        self._near: dict[tuple[str, ...], str | None] = {}

    @cached_property
    def defects(self) -> "Mapping[str, Sequence[Defect]]":
        """The defects of the text by kind; empty for a file that was strict JSON."""
        found: dict[str, list[Defect]] = {}
        for defect in self.document.defects:
            found.setdefault(defect.kind, []).append(defect)
        return found

    @cached_property
    def shape_issues(self) -> Sequence[Any]:
        """Where the data does not fit the schema (mcapp.lint.shape)."""
        from mcapp.lint import shape

        return shape.issues(self.document, self.kind)

    @cached_property
    def odd_keys(self) -> Sequence[Any]:
        """Keys that the format does not know (mcapp.lint.shape)."""
        from mcapp.lint import shape

        return shape.odd_keys(self.document, self.kind)

    def whole(self, path: "Path | None") -> bool:
        """Whether what stands at `path` was read to its end, with all that is in it: only then can it lack anything."""
        guessed = self.document.guessed
        return not guessed or path is None or not any(each[: len(path)] == path for each in guessed)

    def near(self, name: str, known: Collection[str]) -> str | None:
        """The known name that `name` was probably meant to be. After many it gives up: none is worth minutes."""
        asked = (name, *tuple(known)[:_SUGGESTIONS])
        if asked not in self._near:
            if len(self._near) >= _SUGGESTIONS:
                return None
            self._near[asked] = near(name, asked[1:])
        return self._near[asked]


_SUGGESTIONS = 200


def collect(document: "Document", kind: str | None = None, placeholders: str = "manychat") -> Facts:
    """The facts about `document`, as the `kind` the user said, or as its keys tell (None).

    `placeholders` is the notation the author writes in: "manychat" or "portable". Never raises, whatever the data.
    """
    facts = Facts(document, kind, portable=placeholders == "portable")
    gather(facts)
    return facts
