"""What mcapp.appjson.shape says of a document that does not fit, once per root cause; nothing of one that fits."""

import json
import subprocess
import sys
from typing import Any

import pytest

from mcapp.appjson import app_schema, shape
from mcapp.appjson.app_schema import accepts
from mcapp.appjson.facts import Facts
from mcapp.document import Document, pointer, read
from tests.appjson.mutants import FULL, mutants
from tests.appjson.test_app_schema import ACCEPTED, REJECTED, REMOVED, changed


def document(data: Any) -> Document:
    return read(json.dumps(data, indent=2).encode())


def issues(data: Any, kind: str | None = "app") -> list[tuple[str, str]]:
    return sorted((issue.rule, pointer(issue.path)) for issue in shape.issues(document(data), kind))


def unknown(data: Any, kind: str | None = "app") -> list[tuple[str, str]]:
    return sorted((issue.rule, pointer(issue.path)) for issue in shape.unknown_keys(document(data), kind))


@pytest.mark.parametrize(("where", "value"), ACCEPTED)
def test_nothing_is_said_of_what_fits(where: str, value: Any) -> None:
    assert issues(changed(where, value)) == []


def expected(where: str, value: Any) -> tuple[str, str]:
    parent, _, key = where.rpartition("/")
    if where == "" and value == {}:
        return "missing-actions", ""
    if value is REMOVED:
        return f"missing-{key}", parent
    if value == [] and key in ("actions", "requests"):
        return f"missing-{key}", where
    if where.endswith("/headers/0"):
        return "headers-not-a-list", parent
    if key == "headers" and value is not None:
        return ("headers-not-an-object" if isinstance(value, list) else "headers-not-a-list"), where
    return "wrong-type", where


@pytest.mark.parametrize(("where", "value"), REJECTED)
def test_one_issue_for_one_mistake(where: str, value: Any) -> None:
    assert issues(changed(where, value)) == [expected(where, value)]


class TestParts:
    """A part of an App JSON keeps the pointers of its file."""

    @pytest.mark.parametrize(
        ("data", "kind", "expected"),
        [
            ({"request": {"method": "POST"}}, "request", [("missing-url", "/request")]),
            ({"method": "POST"}, "request", [("missing-url", "")]),
            ({"request": []}, "request", [("wrong-type", "/request")]),
            ({"auth": {"params": [{}]}}, "auth", [("missing-name", "/auth/params/0")]),
            ({"params": [{}]}, "auth", [("missing-name", "/params/0")]),
            ({"auth": None}, "auth", []),
            ({"auth": []}, "auth", [("wrong-type", "/auth")]),
            ({"requset": {}}, "request", [("missing-url", "/requset")]),
            ({"auth": None}, "app", [("missing-actions", "")]),
            ({"anything": 1}, "app", [("missing-actions", "")]),
            ([], None, [("wrong-type", "")]),
            ("text", None, [("wrong-type", "")]),
            (None, None, [("wrong-type", "")]),
        ],
    )
    def test_pointers(self, data: Any, kind: str | None, expected: list[tuple[str, str]]) -> None:
        assert issues(data, kind) == expected

    def test_the_kind_is_found_out(self) -> None:
        assert list(Facts(document({"request": {"method": "POST"}})).issues) == ["missing-url"]
        assert list(Facts(document([])).issues) == ["wrong-type"]

    def test_the_wrapper_has_known_keys_too(self) -> None:
        data = {"request": {"url": "https://example.com", "method": "POST"}, "comment": 1}
        assert unknown(data, "request") == [("unknown-key", "/comment")]
        assert unknown({"requset": data["request"]}, "request") == [("misspelt-key", "/requset")]


def both(data: Any) -> list[shape.ShapeIssue]:
    paper = document(data)
    unknown = shape.unknown_keys(paper, "app")
    return [*unknown, *shape.issues(paper, "app", unknown)]


class TestMisspelt:
    def test_a_required_key_is_not_missing(self) -> None:
        data = changed("/actions", REMOVED) | {"actoins": FULL["actions"]}
        (issue,) = both(data)
        assert (issue.rule, issue.path, issue.key, issue.fits) == ("misspelt-key", ("actoins",), "actions", True)

    def test_what_is_below_a_misspelt_key_is_checked(self) -> None:
        data = changed("/auth/request/url", 5) | {"actoins": changed("/actions/0/title", REMOVED)["actions"]}
        del data["actions"]
        data["atuh"] = data.pop("auth")
        data["atuh"]["request"]["Headers"] = {}
        data["atuh"]["request"].pop("headers")
        assert {(issue.rule, pointer(issue.path)) for issue in both(data)} == {
            ("misspelt-key", "/actoins"),
            ("misspelt-key", "/atuh"),
            ("misspelt-key", "/atuh/request/Headers"),
            ("headers-not-a-list", "/atuh/request/Headers"),
            ("missing-title", "/actoins/0"),
            ("wrong-type", "/atuh/request/url"),
        }

    def test_an_optional_key(self) -> None:
        data = changed("/actions/0/forms", REMOVED)
        data["actions"][0]["Forms"] = []
        assert issues(data) == []
        assert unknown(data) == [("misspelt-key", "/actions/0/Forms")]

    def test_no_rename_to_a_type_that_would_be_wrong(self) -> None:
        data = changed("/actions/0/requests", REMOVED)
        data["actions"][0]["Requests"] = FULL["actions"][0]["requests"][0]
        (issue,) = both(data)
        assert (issue.rule, issue.path[-1], issue.fits) == ("misspelt-key", "Requests", False)

    def test_the_right_key_is_there_as_well(self) -> None:
        assert unknown(FULL | {"Actions": []}) == [("unknown-key", "/Actions")]

    def test_only_one_key_is_renamed_to_one_name(self) -> None:
        data = changed("/auth", REMOVED) | {"Auth": None, "AUTH": None}
        assert unknown(data) == [("misspelt-key", "/Auth"), ("unknown-key", "/AUTH")]

    def test_a_misspelt_description_is_not_missing(self) -> None:
        data = changed("/triggers/0/description", REMOVED)
        data["triggers"][0]["desciption"] = "x"
        assert unknown(data) == [("misspelt-key", "/triggers/0/desciption")]


@pytest.mark.parametrize(
    ("where", "value", "issues"),
    [
        ("/auth", REMOVED, [("missing-auth", "")]),
        ("/auth", None, []),
        ("/auth/type", "OAUTH", [("unknown-type", "/auth/type")]),
        ("/auth/type", 5, []),
        ("/auth/connection", [], []),
        ("/auth/connection/headers", {"X-Anything": "x"}, []),
        ("/auth/request/payload", ["x"], [("payload-list", "/auth/request/payload")]),
        ("/auth/request/payload", {"Headers": {"unknown": 1}}, []),
        ("/actions/0/description", REMOVED, [("missing-description", "/actions/0")]),
        ("/actions/0/unknown", {"deep": {"unknown": 1}}, [("unknown-key", "/actions/0/unknown")]),
        ("/actions/0/forms", {"name": "x", "unknown": 1}, []),
        ("/actions/0/forms/0/type", "checkbox", [("unknown-type", "/actions/0/forms/0/type")]),
        ("/actions/0/requests/0/mapping/0/type", "bool", [("unknown-type", "/actions/0/requests/0/mapping/0/type")]),
        ("/sources/0/type", "static", [("unknown-type", "/sources/0/type")]),
        ("/sources/0/list/0/label", "x", [("unknown-key", "/sources/0/list/0/label")]),
        ("/sources/1/unknown", 1, []),
        ("/triggers/0/description", REMOVED, [("missing-description", "/triggers/0")]),
        ("/triggers/0/context/0/unknown", 1, [("unknown-key", "/triggers/0/context/0/unknown")]),
    ],
)
def test_likely_mistakes_that_the_schema_allows(where: str, value: Any, issues: list[tuple[str, str]]) -> None:
    assert unknown(changed(where, value)) == issues


def test_the_whole_document_has_no_likely_mistake() -> None:
    assert unknown(FULL) == []


class Unclosed:
    """A document as the reader leaves it when ends were guessed."""

    readable = True

    def __init__(self, data: Any, *guessed: tuple[str | int, ...]) -> None:
        self.data = data
        self.guessed = frozenset(guessed)


def test_nothing_is_missing_where_an_end_was_guessed() -> None:
    data: Any = {"actions": [{"forms": [{}], "requests": []}]}
    everything = [
        ("missing-name", "/actions/0"),
        ("missing-name", "/actions/0/forms/0"),
        ("missing-requests", "/actions/0/requests"),
        ("missing-title", "/actions/0"),
    ]

    def left(*guessed: tuple[str | int, ...]) -> list[tuple[str, str]]:
        found = shape.issues(Unclosed(data, *guessed), "app")  # type: ignore[arg-type]  # all that it looks at
        return sorted((issue.rule, pointer(issue.path)) for issue in found)

    assert left() == everything
    assert left(("actions", 0, "requests")) == [*everything[:2], everything[3]]
    assert left(("actions", 0, "forms", 0)) == [everything[0], *everything[2:]]
    assert left(("actions", 0)) == everything[1:3]
    assert left(("actions", 0), ("actions", 0, "forms", 0), ("actions", 0, "requests")) == []
    found = shape.unknown_keys(Unclosed(data, ("actions", 0)), "app")  # type: ignore[arg-type]
    assert [issue.rule for issue in found] == ["missing-auth"]
    found = shape.unknown_keys(Unclosed(data), "app")  # type: ignore[arg-type]
    assert sorted(issue.rule for issue in found) == ["missing-auth", "missing-description"]


def test_nothing_is_said_of_what_could_not_be_read() -> None:
    nothing = read(b"")
    assert not nothing.readable
    assert shape.issues(nothing, None) == shape.unknown_keys(nothing, None) == shape.all_issues(nothing, None) == ()


@pytest.mark.parametrize("seed", range(3))
def test_damaged_documents(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed = app_schema.smaller
    for data in mutants(300, seed):
        paper = document(data)
        issues = shape.issues(paper, "app")
        assert (issues == ()) == accepts(data)
        for issue in (*issues, *shape.unknown_keys(paper, "app")):
            assert paper.has(issue.path)
        assert shape.all_issues(paper, "app") == tuple(both(data))  # with one walk where there is none
        assert len({(issue.rule, issue.path) for issue in issues}) == len(issues)
        # Leaving out what fits is for speed alone.
        monkeypatch.setattr(shape, "smaller", lambda value, *_: value)
        assert sorted(map(repr, shape.issues(paper, "app"))) == sorted(map(repr, issues))
        monkeypatch.setattr(shape, "smaller", trimmed)


def test_nothing_follows_from_a_wrong_type() -> None:
    for data in mutants(300, 7):
        issues = shape.issues(document(data), "app")
        wrong = {issue.path for issue in issues if issue.rule == "wrong-type"}
        for issue in issues:
            assert not any(issue.path[: len(path)] == path for path in wrong if path != issue.path)
            assert (issue.path in wrong) == (issue.rule == "wrong-type")


def test_a_file_full_of_mistakes_is_not_listed_to_its_end() -> None:
    data = {"auth": None, "actions": [{"name": 1, "x": 2}] * 5000}
    assert len(issues(data)) == shape.LIMIT


def test_what_fits_imports_no_schema_library() -> None:
    code = (
        "import json, sys; from mcapp.document import read; from mcapp.appjson.facts import Facts\n"
        "facts = Facts(read(sys.stdin.buffer.read()))\n"
        "assert facts.issues == {}\n"
        "print(sorted({'jsonschema', 'referencing', 'difflib', 'decimal'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(FULL), capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
