"""How findings name things."""

LONGEST = 60

# The places of the schema (mcapp.appjson.accept.PLACES) in the middle of a sentence.
PLACE_WORDS = {
    "app": "the App JSON",
    "auth": "`auth`",
    "param": "the param",
    "connection": "`connection`",
    "request": "the request",
    "mapping": "the mapping entry",
    "action": "the action",
    "form": "the form field",
    "source": "the source",
    "choice": "the choice",
    "trigger": "the trigger",
    "contextField": "the context entry",
}


def quoted(text: str) -> str:
    """`text` in backticks, at most LONGEST characters of it."""
    return f"`{text}`" if len(text) <= LONGEST else f"`{text[: LONGEST - 1]}…`"


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """`a`, `b` and `c`."""
    return f" {last} ".join(", ".join(quoted(name) for name in names).rsplit(", ", 1))
