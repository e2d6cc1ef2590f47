"""Further cases of the rules on actions, mappings, sources and triggers."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules import samples

CASES: dict[str, list[Good | Bad | str]] = {
    "bad-mapping-path": [
        *(Good(samples.mapping(path)) for path in ("$.id", "$.data.items[0].id", "$..id", "$.items[*].content-type")),
        *(
            Bad(samples.mapping(path), samples.PATH)
            for path in ("$.", "$data", "$.items[", "$.items[]", "$.order id", "/data/id")
        ),
        *(
            Good(samples.mapping(path))
            for path in ("$['order id']", "$.items[-1:]", "$.items[?(@.id > 1)].id", "$.items.length()")
        ),
        Good(samples.mapping(".data.x")),
        Good(samples.mapping("$.[[field]]")),
    ],
    "mapping-path-without-root": [
        *(Good(samples.mapping(path)) for path in ("$.id", "$", "/data/id", "", "[[field]]")),
        Bad(samples.mapping("data.x"), samples.PATH, fixed=samples.mapping("$.data.x")),
        Bad(samples.mapping("[0].id"), samples.PATH, fixed=samples.mapping("$[0].id")),
    ],
    "triggers-without-request": [
        Good(
            samples.triggers(
                samples.TRIGGER,
                auth='{"request": {"url": "https://example.com/", "headers": ["x-token: {{app_token}}"]}}',
            )
        ),
        Bad(samples.triggers(samples.TRIGGER, auth='{"type": "APIKEY"}'), ("/triggers",)),
    ],
    "select-without-source": [
        Good(samples.form(', "sorce": "colors"')),
        Good(samples.form(', "source": 1')),
        Good(samples.form("").replace("select", "string")),
        Bad(samples.form(', "source": ""'), ("/actions/0/forms/0/source",)),
    ],
    "undeclared-source": [
        Good(samples.form(', "source": "colors"')),
        Good(samples.form(', "source": ""')),
        Good(samples.form(', "source": "colors"', '{"nme": "colors", "type": "enum:static"}')),
        Good(samples.form(', "source": "colors"').replace('"sources"', '"source"')),
        Bad(samples.form(', "source": "sizes"'), ("/actions/0/forms/0/source",)),
        Bad(samples.form(', "source": "sizes"', ""), ("/actions/0/forms/0/source",)),
    ],
    "unused-source": [
        Good(samples.form(', "source": "colours"')),
        Good(samples.form(', "source": "colors"', '{"type": "enum:static", "list": []}')),
    ],
    "duplicate-list-value": [
        Good(samples.choices('{"key": "One", "value": 1}, {"key": "Yes", "value": true}, {"key": "1", "value": "1"}')),
        Good(samples.choices('{"key": "A"}, {"key": "B"}')),
    ],
}
