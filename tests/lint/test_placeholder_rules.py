"""The rules on placeholders: one finding for each, by the zone it stands in."""

from typing import Any

import pytest

from tests.lint.findings_of import app, auth, findings, names, request, said

HEADERS = ["Content-Type: application/json", "x-token: {{app_token}}"]


def in_auth(text: str, **how: str) -> set[str]:
    return names(auth("email", "Shop-Id", headers=HEADERS, payload={"a": text, "b": "[[email]][[Shop-Id]]"}), **how)


def in_action(text: str, **how: str) -> set[str]:
    return names(
        app("amount", params=("email",), method="POST", headers=HEADERS[:1], payload={"a": text, "b": "[[amount]]"}),
        **how,
    )


def in_block(text: str, **how: str) -> set[str]:
    return names(request(headers=HEADERS, payload={"a": text}), **how)


@pytest.mark.parametrize(
    ("text", "auth_says", "action_says", "block_says"),
    [
        ("", None, None, None),
        ("{{page_id}}", None, None, None),
        ("{{app_id}} {{app_version}}", None, None, None),
        ("[[email]]", None, None, None),
        ("{{user_id}} {{last_input_text}}", "unknown-placeholder", None, "unknown-in-block"),
        ("{{first_name}}", "unknown-placeholder", None, "unknown-in-block"),
        ("[[amount]]", "undeclared-placeholder", None, None),
        ("[[nobody]]", "undeclared-placeholder", "undeclared-placeholder", None),
        ("[[Email]]", "placeholder-case", "placeholder-case", None),
        ("[[ Email ]]", "placeholder-case", "placeholder-case", "spaces-in-placeholder"),
        ("[[ email ]]", "spaces-in-placeholder", "spaces-in-placeholder", "spaces-in-placeholder"),
        ("[[shop-id]]", "placeholder-case", "undeclared-placeholder", None),
        ("[[page_id]]", *["system-value-in-square-brackets"] * 3),
        ("[[app_token]]", *["system-value-in-square-brackets"] * 3),
        ("[[user_id]]", "undeclared-placeholder", "system-value-in-square-brackets", None),
        ("{{Page_Id}}", *["placeholder-case"] * 3),
        ("{{FIRST_NAME}}", "unknown-placeholder", "unknown-placeholder", "unknown-in-block"),
        ("{{email}}", "param-in-curly-braces", "unknown-placeholder", "unknown-in-block"),
        ("{{nobody}}", "unknown-placeholder", "unknown-placeholder", "unknown-in-block"),
        ("{{NOBODY}}", "unknown-placeholder", "unknown-placeholder", "unknown-in-block"),
        ("{{}}", "unknown-placeholder", "unknown-placeholder", "unknown-in-block"),
        ("{{ page_id }}", *["spaces-in-placeholder"] * 3),
        ("{{page_id|upper}}", None, None, None),
        ("{{app_token}}", None, "app-key-outside-auth", None),
        ("<<page_id>>", *["portable-notation-left"] * 3),
        ("<<email>>", "portable-notation-left", "portable-notation-left", "portable-notation-left"),
        ("<<nobody>>", "unknown-portable-name", "unknown-portable-name", "portable-notation-left"),
        ("{page_id}", *["single-braces"] * 3),
        ("{email}", "single-braces", "single-braces", None),
        ("{nobody}", None, None, None),
        ("${{page_id}}", *["dollar-placeholder"] * 3),
        ("${{ secrets.X }}", *["dollar-placeholder"] * 3),
        ("{{page_id}", *["unbalanced-placeholder"] * 3),
        ("[[nobody]", *["unbalanced-placeholder"] * 3),
        ("nobody}} nobody]]", None, None, None),
        ('{"a": [[1, 2], [3]], "b": {"c": {{page_id}}}}', None, None, None),
        ("[[true]] [[1]] [[]] [[ ]] [[{}]]", None, None, None),
        ("a << b; c >> d; <<1>>", None, None, None),
        ("<b>bold</b> <<-- arrow", None, None, None),
        ("{ page_id } and {0} and {}", None, None, None),
    ],
)
def test_each_placeholder_has_one_finding(text: str, auth_says: Any, action_says: Any, block_says: Any) -> None:
    for where, expected in ((in_auth, auth_says), (in_action, action_says), (in_block, block_says)):
        assert where(text) == ({expected} if expected else set()), where.__name__


@pytest.mark.parametrize(
    ("text", "auth_says", "action_says", "block_says"),
    [
        ("<<page_id>>", None, None, None),
        ("<<user_id>>", "unknown-portable-name", None, None),
        ("<<email>>", None, None, None),
        ("<< email >>", "spaces-in-placeholder", "spaces-in-placeholder", None),
        ("<<Email>>", "placeholder-case", "placeholder-case", None),
        ("<<nobody>>", "unknown-portable-name", "unknown-portable-name", None),
        ("<<app_token>>", None, "app-key-outside-auth", None),
        ("{{page_id}} [[email]]", None, None, None),
        ("[[app_token]]", *["system-value-in-square-brackets"] * 3),
    ],
)
def test_with_the_portable_notation(text: str, auth_says: Any, action_says: Any, block_says: Any) -> None:
    for where, expected in ((in_auth, auth_says), (in_action, action_says), (in_block, block_says)):
        assert where(text, placeholders="portable") == ({expected} if expected else set()), where.__name__


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("email", "wrong-type"),
        ({"email": "Your e-mail"}, "wrong-type"),
        (["email"], "wrong-type"),
        ([{"title": "Your e-mail"}], "missing-name"),
    ],
)
def test_names_are_not_checked_where_what_declares_them_is_broken(params: Any, expected: str) -> None:
    data = auth(headers=HEADERS, payload={"a": "[[email]] {{email}}"})
    data["auth"]["params"] = params
    assert names(data) == {expected}


def test_names_are_not_checked_where_their_declaration_was_not_read() -> None:
    text = '{"auth": {"request": {"url": "https://[[host]].example.com/?t={{app_token}}", "method": "GET"}, "params": ['
    assert "undeclared-placeholder" not in names(text)


def test_suggestions_name_the_declared_spelling() -> None:
    data = auth("email", headers=HEADERS, payload={"a": "[[emial]]", "b": "[[email]]"})
    (found,) = findings(data)
    assert "`[[email]]`" in found.help
    assert found.fix is not None
    assert [edit.text for edit in found.fix.edits] == ["[[email]]"]
    data = app("email", params=("email",), method="POST", headers=HEADERS[:1], payload={"a": "[[emial]][[email]]"})
    (found, _) = sorted(findings(data), key=lambda one: one.rule)
    assert found.fix is not None, "a param and a form field may have one name"


@pytest.mark.parametrize("names", [("street1", "street2"), ("street-4", "street_4")])
def test_of_two_names_that_are_equally_near_none_is_written(names: tuple[str, str]) -> None:
    data = auth(*names, headers=HEADERS, payload={"a": "[[street3]]", "b": "".join(f"[[{each}]]" for each in names)})
    (found,) = findings(data)
    assert (found.name, found.fix) == ("undeclared-placeholder", None)


@pytest.mark.parametrize("text", ["{{app_token})", "[{app_token}}", "[[email[]", "][email]]", "[[emai]l]"])
def test_a_bracket_that_may_be_the_missing_one_leaves_no_fix(text: str) -> None:
    found = findings(auth("email", headers=HEADERS[: 2 - ("app" in text)], payload={"a": text, "b": "[[email]]"}))
    (one,) = [each for each in found if each.name in ("unbalanced-placeholder", "key-never-sent")]
    assert one.fix is None
    assert ("`{{app_token}}`" if "app" in text else "`[[email]]`") in one.help


def test_a_form_of_another_action_is_pointed_at() -> None:
    data = app("amount", url="https://example.com/[[amount]]")
    data["actions"].append({**app("size", url="https://example.com/[[size]][[amount]]")["actions"][0], "name": "other"})
    (found,) = findings(data)
    assert (found.name, found.pointer) == ("undeclared-placeholder", "/actions/1/requests/0/url")
    assert len(found.related) == 1


@pytest.mark.parametrize(
    "data",
    [
        app("amount", url="https://example.com/", headers=["x: [[amount]]"]),
        app("amount", url="https://example.com/", payload={"[[amount]]": 1}, headers=HEADERS[:1], method="POST"),
        app("amount", url="https://example.com/[[ Amount ]]"),
        app("amount", url="https://example.com/{{amount}}"),
        app("amount", url="https://example.com/[[amuont]]"),
        app("amount", more={"auth": {"connection": {"qs": {"a": "[[amount]]"}}}}),
        app(more={"auth": {"params": [{"name": "email"}], "connection": {"headers": {"x": "[[email]]"}}}}),
        app(
            more={
                "auth": {"params": [{"name": "host"}]},
                "sources": [{"name": "s", "type": "enum:rpc", "url": "[[host]]"}],
            }
        ),
    ],
)
def test_what_is_used_in_whatever_way_is_not_unused(data: Any) -> None:
    assert not names(data) & {"unused-param", "unused-form-field"}


def test_a_form_field_is_used_in_its_own_action_only() -> None:
    data = app("amount", url="https://example.com/[[amount]]")
    data["actions"].append({**app("amount")["actions"][0], "name": "other"})
    assert said(data) == {("unused-form-field", "/actions/1/forms/0")}


def test_unused_params_are_reported_only_in_a_whole_app_json() -> None:
    data = auth("email")
    assert names(data) == set()
    assert said({**app(), **data}) == {("unused-param", "/auth/params/0")}


def test_of_many_unknown_placeholders_in_one_string_some_are_reported() -> None:
    found = findings(auth("email", headers=HEADERS, payload={"a": "[[nobody]]" * 10_000, "b": "[[email]]"}))
    assert len(found) == 100
