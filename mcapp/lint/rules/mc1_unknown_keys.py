"""MC109 to MC115: mistakes in keys that the schema accepts."""

from collections.abc import Set

from mcapp.appjson.app_schema import KEYS, OBJECTS
from mcapp.appjson.facts import Facts
from mcapp.appjson.shape import WITHIN
from mcapp.document.places import AddMember, Path, RenameKey
from mcapp.lint.model import ERROR, SAFE, UNSAFE, Bad, Fix, Good, Problem, Problems, error, note, warning
from mcapp.lint.rules import samples
from mcapp.lint.wording import OBJECT_WORDS, listed, quote


@warning(
    "MC109",
    "DSXI: the keys in ManyChat's documents and in published App JSON; that others are ignored is inferred",
    fix=SAFE,
    wrong=Bad(
        samples.request(f'"Headers": [{samples.KEY_HEADER}]'),
        kind="request",
        at=("/request/Headers",),
        fixed=samples.request(f'"headers": [{samples.KEY_HEADER}]'),
    ),
)
def misspelt_key(facts: Facts) -> Problems:
    """A key is unknown, and close to a known key that is missing.

    ManyChat probably ignores keys that it does not know: the headers under `Headers` are never sent. It is an error
    where that takes away something that is needed: a required key, the App Key, `auth`, or the declaration of a name
    that is used. If the right key is present as well, or no known key is close, the key is only reported as unknown.
    """
    misspelt = {issue.path for issue in facts.issues.get("misspelt-key", ())}
    needed = _needed(facts, misspelt) if misspelt else set()
    for issue in facts.issues.get("misspelt-key", ()):
        written, right = str(issue.path[-1]), str(issue.key)
        rename = f"rename it to `{right}`"
        required = issue.path in needed or right in OBJECTS[issue.owner].required
        yield Problem(
            issue.path,
            f"{quote(written)} is probably a misspelling of `{right}`",
            help=f"ManyChat does not know it; {rename}" if required else rename,
            key=True,
            fix=Fix(rename, changes=(RenameKey(issue.path, right),)) if issue.fits else None,
            severity=ERROR if required else None,
        )


def _needed(facts: Facts, misspelt: Set[Path]) -> set[Path]:
    """The misspelt keys on the way to something without which the app does not work."""

    def on_the_way(path: Path) -> set[Path]:
        return {path[:length] for length in range(1, len(path) + 1)} & misspelt

    places = [path for path in (facts.auth_path, facts.request_path) if path]
    if all(on_the_way(use.path) for use in facts.key_uses):
        places += [use.path for use in facts.key_uses]
    places += [each.path for each in (*facts.params, *facts.forms) if each.name.casefold() in facts.used]
    if facts.sourced:
        places += [source.path for source in facts.sources]
    return set().union(*map(on_the_way, places))


@error(
    "MC115",
    "DSX: ManyChat, Dev Program - Quick Start and Technical Specification; every published App JSON",
    wrong=Bad(samples.auth(f'"type": "APIKEY",\n    "actions": [{samples.ACTION}]'), ("/auth/actions",), kind="auth"),
    right=samples.app(),
)
def misplaced_key(facts: Facts) -> Problems:
    """A part of the App JSON is inside another part, or outside the one that it belongs in.

    ManyChat looks for each part in one place. Often a bracket was lost: if the `}` after `auth` is missing, the
    actions become a part of `auth`, and the app has none.
    """
    for issue in facts.issues.get("misplaced-key", ()):
        inside, home = OBJECT_WORDS[issue.expected[0]], OBJECT_WORDS[issue.owner]
        deeper = issue.owner in WITHIN[issue.expected[0]]
        yield Problem(
            issue.path,
            f"{quote(str(issue.key))} belongs in {home}, but is in {inside}",
            help=f"move it into {home}" if deeper else f"close {inside} with a `}}` before it",
            key=True,
        )


@warning(
    "MC110",
    "DS: ManyChat, Dev Program - Quick Start; every published App JSON: an object or null",
    wrong=Bad(samples.request('"payload": ["{{app_token}}"]'), kind="request", at=("/request/payload",)),
    right=Good(samples.request('"payload": {"keys": ["{{app_token}}"]}'), kind="request"),
)
def payload_list(facts: Facts) -> Problems:
    """The `payload` of a request is an array.

    Every known payload is an object or null. What ManyChat does with an array is not known, and an endpoint that
    looks up values by name finds none.
    """
    for issue in facts.issues.get("payload-list", ()):
        yield Problem(
            issue.path,
            "`payload` is an array; every known payload is an object or null",
            help='give each value a name, such as `{"app_token": "{{app_token}}"}`',
        )


@warning(
    "MC111",
    "S: every published App JSON",
    wrong=Bad(samples.app(samples.changed('"description": "Asks the shop.", ')), at=("/actions/0",)),
    right=samples.app(),
)
def missing_description(facts: Facts) -> Problems:
    """An action or a trigger has no `description`.

    Users read it when they choose what a flow does, and reviewers read it before the app is listed.
    """
    for issue in facts.issues.get("missing-description", ()):
        yield Problem(
            issue.path,
            f"{OBJECT_WORDS[issue.owner]} has no `description`",
            help='describe in a sentence what it does, such as `"description": "Creates an order in the shop."`',
        )


@note(
    "MC112",
    "?: the keys in ManyChat's documents and in published App JSON; whether others are accepted is open",
    wrong=Bad(samples.auth('"comment": "for the shop"'), kind="auth", at=("/auth/comment",)),
    right=samples.app(),
)
def unknown_key(facts: Facts) -> Problems:
    """A key is unknown, and no known key is close to it.

    It may be ignored or refused; which of the two is not documented. A key that belongs to another object has no
    effect here.
    """
    for issue in facts.issues.get("unknown-key", ()):
        key = str(issue.path[-1])
        yield Problem(
            issue.path,
            f"{quote(key)} is not a known key of {OBJECT_WORDS[issue.owner]}",
            help=_home(key) or f"known keys: {listed(issue.expected)}",
            key=True,
        )


def _home(key: str) -> str:
    """Where a key belongs, if that is one or two objects: `title` belongs nearly everywhere."""
    homes = [OBJECT_WORDS[name] for name, keys in KEYS.items() if key in keys]
    return f"{quote(key)} belongs in {' or '.join(homes)}" if 0 < len(homes) < 3 else ""


@note(
    "MC113",
    "DS?: the types in ManyChat's documents and in published App JSON; whether there are more is open",
    wrong=Bad(samples.auth('"type": "OAUTH"'), kind="auth", at=("/auth/type",)),
    right=Good(samples.auth('"type": "APIKEY"'), kind="auth"),
)
def unknown_type(facts: Facts) -> Problems:
    """A `type` has an unknown value.

    Known values are APIKEY for `auth`; string, number and select for form fields; string and number for mappings;
    enum:static and enum:rpc for sources. There may be others that are not documented.
    """
    for issue in facts.issues.get("unknown-type", ()):
        yield Problem(
            issue.path,
            f"{quote(str(issue.value))} is not a known type of {OBJECT_WORDS[issue.owner]}",
            help=f"the known type is {listed(issue.expected)}"
            if len(issue.expected) == 1
            else f"known types: {listed(issue.expected)}",
        )


@note(
    "MC114",
    "D: ManyChat, Dev Program - Quick Start: `auth` is an object or null",
    fix=UNSAFE,
    wrong=Bad(
        samples.app().replace('"auth": null,\n  ', ""),
        at=("",),
        fixed=samples.app().replace('"auth": null,\n  ', "").replace("\n}", ',\n  "auth": null\n}'),
    ),
)
def missing_auth(facts: Facts) -> Problems:
    """An App JSON has no `auth`.

    ManyChat documents an object or null. Null says that the app needs no authorization; a missing `auth` may have
    been forgotten.
    """
    for issue in facts.issues.get("missing-auth", ()):
        yield Problem(
            issue.path,
            "the App JSON has no `auth`",
            help='write `"auth": null` if the app needs no authorization',
            fix=Fix('add `"auth": null`', changes=(AddMember(issue.path, "auth", None),)),
        )
