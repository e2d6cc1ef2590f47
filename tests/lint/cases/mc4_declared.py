"""Further cases of the rules on what is declared."""

from mcapp.lint.model import Example
from mcapp.lint.rules.mc4_declared import CHOICES, MAPPING, TRIGGER, forms, select, triggers
from mcapp.lint.rules.samples import IN_ACTION, one_param, with_action
from tests.lint.cases import Cases

CASES: Cases = {
    "bad-mapping-path": [
        *(MAPPING(path) for path in ("$.id", "$.data.items[0].id", "$..id", "$.items[*].content-type")),
        *(MAPPING.wrong(path) for path in ("$.", "$data", "$.items[", "$.items[]", "$.order id", "/data/id")),
        *(MAPPING(path) for path in ("$['order id']", "$.items[-1:]", "$.items[?(@.id > 1)].id", "$.items.length()")),
        MAPPING(".data.x"),
        MAPPING("$.[[field]]"),
    ],
    "mapping-path-without-root": [
        *(MAPPING(path) for path in ("$.id", "$", "/data/id", "", "[[field]]")),
        MAPPING.wrong("data.x", "$.data.x"),
        MAPPING.wrong("[0].id", "$[0].id"),
    ],
    "triggers-without-request": [
        triggers(TRIGGER, auth='{"request": {"url": "https://example.com/", "headers": ["x-token: {{app_token}}"]}}'),
        Example(triggers(TRIGGER, auth='{"type": "APIKEY"}'), "/triggers"),
    ],
    "select-without-source": [
        select(', "sorce": "colors"'),
        select(', "source": 1'),
        select("").replace("select", "string"),
        Example(select(', "source": ""'), "/actions/0/forms/0/source"),
    ],
    "undeclared-source": [
        select(', "source": "colors"'),
        select(', "source": ""'),
        select(', "source": "colors"', '{"nme": "colors", "type": "enum:static"}'),
        select(', "source": "colors"').replace('"sources"', '"source"'),
        Example(select(', "source": "sizes"'), "/actions/0/forms/0/source"),
        Example(select(', "source": "sizes"', ""), "/actions/0/forms/0/source"),
    ],
    "unused-source": [
        select(', "source": "colours"'),
        select(', "source": "colors"', '{"type": "enum:static", "list": []}'),
    ],
    "duplicate-list-value": [
        CHOICES('{"key": "One", "value": 1}, {"key": "Yes", "value": true}, {"key": "1", "value": "1"}'),
        CHOICES('{"key": "A"}, {"key": "B"}'),
    ],
    "param-named-like-system-value": [
        one_param("user_id"),
        one_param("my_page_id"),
        Example(one_param("App_Token"), "/auth/params/0/name"),
    ],
    "unused-param": [
        *(IN_ACTION("[[amount]] " + value) for value in ("[[ Email ]]", "{{email}}", "<<email>>", "[[emial]]")),
        (
            '{"auth": {"params": [{"name": "key"}], "connection": {"headers": {"x-key": "[[key]]"}}}, "actions": '
            '[{"name": "a", "title": "A", "requests": [{"url": "https://example.com/"}]}]}'
        ),
        '{"auth": {"params": [{"name": "email"}]}}',
        Example(IN_ACTION(""), "/auth/params/0"),
    ],
    "duplicate-name": [
        forms(', {"name": "pay", "type": "string"}', auth='{"params": [{"name": "pay"}]}'),
        forms(', {"type": "string"}, {"type": "string"}'),
        Example('{"auth": {"params": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}}', "/auth/params/2"),
        Example(forms(', {"name": "amount", "type": "number"}'), "/actions/0/forms/1"),
        Example(
            '{"request": {"url": "https://example.com/?t={{app_token}}", "mapping": ['
            '{"name": "a", "path": "$.a"}, {"name": "a", "path": "$.b"}]}}',
            "/request/mapping/1",
        ),
    ],
    "unused-form-field": [
        with_action('"forms": [], "requests": [{"url": "https://example.com/"}]'),
        forms().replace('"name": "amount"', '"name": "amuont"'),
        with_action(
            '"forms": [{"name": "key", "type": "string"}], "requests": [{"url": "https://example.com/"}]'
        ).replace("null", '{"connection": {"qs": {"key": "[[key]]"}}}'),
    ],
}
