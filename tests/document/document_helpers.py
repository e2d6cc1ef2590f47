"""What the tests of the document share."""

import json
from collections.abc import Iterator

from mcapp.document import Document, Edit, Path, apply, read


def walk(data: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value with its path."""
    yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from walk(value, (*path, index))


def same(one: object, other: object) -> bool:
    """Equal, and of the same types: 1 is not True, 1.0 not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def check_places(document: Document) -> None:
    """Every span cuts out text that json reads as the value or the key that stands there."""
    for path, value in walk(document.data):
        start, end = document.span(path)
        assert same(json.loads(document.text[start:end]), value)
        if path and isinstance(path[-1], str):
            start, end = document.key_span(path)
            assert json.loads(document.text[start:end]) == path[-1]


# A small App JSON with something of everything.
SAMPLE = """{
  "auth": {
    "type": "APIKEY",
    "params": [{"name": "email", "title": "Your \\u00e9-mail é😀"}],
    "request": {
      "url": "https://example.com/install?a=b",
      "method": "POST",
      "headers": [
        "Content-Type: application/json",
        "x-token-header: {{app_token}}"
      ],
      "mapping": [],
      "payload": {"app_token": "{{app_token}}", "n": -1.5e+3, "on": true, "off": null}
    }
  },
  "actions": []
}
"""


def found(text: str | bytes) -> list[str]:
    """The defects of a text, one line each: `line:column kind: cause`."""
    document = read(text.encode() if isinstance(text, str) else text)
    places = [document.place(defect.span) for defect in document.defects]
    return [
        f"{place.line}:{place.column} {defect.kind}: {defect.cause}"
        for place, defect in zip(places, document.defects, strict=True)
    ]


def mend(document: Document) -> Document:
    """The document after all edits of its defects, carried out and looked for again until none is left."""
    for _ in range(10):
        chosen: list[Edit] = []
        for defect in document.defects:
            if not any(_meet(one, other) for one in defect.edits for other in chosen):
                chosen.extend(defect.edits)
        if not chosen:
            return document
        document = read(document.encode(apply(document.text, chosen)))
    raise AssertionError("mending does not come to an end")


def _meet(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


def check_broken(text: str | bytes, defects: list[str], data: object, mended: str | None) -> None:
    """What is said of a text, what is read of it, and what mending leaves; None if it cannot be mended."""
    assert found(text) == defects
    document = read(text.encode() if isinstance(text, str) else text)
    assert repr(document.data) == repr(data)  # NaN is not equal to itself
    after = mend(document)
    assert after.valid == (mended is not None)
    if mended is not None:
        assert after.text == mended
