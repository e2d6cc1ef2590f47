"""Further cases of the rules on placeholders."""

from mcapp.lint.model import Example
from mcapp.lint.rules.samples import IN_ACTION, IN_AUTH, IN_BLOCK
from tests.lint.cases import Alone, Cases

CASES: Cases = {
    "undeclared-placeholder": [
        IN_AUTH("[[email]]"),
        IN_ACTION("[[email]] [[amount]]"),
        IN_AUTH("[[Email]]"),
        IN_AUTH("[[app_token]]"),
        IN_AUTH("[[1,2],[3]]"),
        IN_AUTH("[[true]]"),
        IN_BLOCK("[[anything]]"),
        (
            '{"auth": {"connection": {"headers": {"x-session": "[[session]]"}}, "request": {"url": '
            '"https://example.com/?t={{app_token}}", "method": "GET", '
            '"mapping": [{"name": "session", "path": "$.id"}]}}}'
        ),
        '{"auth": {"params": "email", "request": {"url": "https://[[email]].example.com/"}}}',
        (
            '{"auth": {"connection": {"qs": {"key": "[[key]]"}}}, "actions": [{"name": "a", "title": "A", "forms": ['
            '{"name": "key", "type": "string"}], "requests": [{"url": "https://example.com/"}]}]}'
        ),
        IN_AUTH.wrong("Mr [[nothing_alike]]"),
        IN_ACTION.wrong("[[amuont]]", fixed="[[amount]]"),
        IN_ACTION.wrong("[[ nothing_alike ]]"),
        Example('{"auth": {"connection": {"qs": {"key": "[[api_key]]"}}}}', "/auth/connection/qs/key"),
    ],
    "system-value-in-square-brackets": [
        IN_AUTH("{{page_id}}"),
        IN_AUTH("[[email]]"),
        IN_ACTION("{{user_id}}"),
        (
            '{"auth": {"params": [{"name": "page_id", "title": "Page"}], "request": {"url": '
            '"https://example.com/[[page_id]]?t={{app_token}}", "method": "GET"}}}'
        ),
        IN_AUTH.wrong("[[ PAGE_ID ]]", fixed="{{page_id}}"),
        IN_BLOCK.wrong("[[app_token]]", fixed="{{app_token}}"),
        IN_ACTION.wrong("[[user_id]]", fixed="{{user_id}}"),
        IN_ACTION.wrong("[[app_token]]"),
        IN_AUTH.wrong('[[page_id|fallback:\\"x\\"]]', fixed='{{page_id|fallback:\\"x\\"}}'),
    ],
    "unknown-placeholder": [
        IN_AUTH("{{app_id}} {{app_version}} {{page_id}}"),
        IN_AUTH("{{email}}"),
        IN_AUTH("{{Page_ID}}"),
        IN_ACTION("{{user_id}} {{last_input_text}}"),
        IN_ACTION("{{first_name}} {{cuf_123}} {{page_id}}"),
        IN_BLOCK("{{anything}}"),
        IN_AUTH.wrong("{{emial}}", fixed="[[email]]"),
        IN_AUTH.wrong("{{user_id}}"),
        IN_AUTH.wrong("{{ENDPOINT_URL}}"),
        IN_AUTH.wrong("{{}}"),
        IN_ACTION.wrong("{{amount}}", fixed="[[amount]]"),
        IN_ACTION.wrong("{{something_else}}"),
    ],
    "placeholder-case": [
        IN_AUTH("{{page_id}} [[email]]"),
        IN_AUTH("{{Something}}"),
        IN_AUTH("[[Page_Id]]"),
        IN_BLOCK("[[Email]]"),
        IN_AUTH.wrong("{{ PAGE_ID }}", fixed="{{page_id}}"),
        IN_AUTH.wrong("[[Email]]", fixed="[[email]]"),
        IN_ACTION.wrong("[[AMOUNT]]", fixed="[[amount]]"),
        IN_ACTION.wrong("{{USER_ID}}", fixed="{{user_id}}"),
        IN_AUTH.wrong("<<Email>>", fixed="<<email>>")._replace(placeholders="portable"),
    ],
    "app-key-outside-auth": [
        IN_BLOCK("{{ app_token }}"),
        IN_ACTION("{{user_id}}"),
        IN_ACTION("[[app_token]]"),
        IN_ACTION.wrong("{{ App_Token }}"),
        IN_ACTION.wrong("<<app_token>>")._replace(placeholders="portable"),
        Example(
            '{"auth": {"connection": {"headers": {"x-token": "{{app_token}}"}}}}', "/auth/connection/headers/x-token"
        ),
    ],
    "unknown-portable-name": [
        Alone(IN_AUTH("<<page_id>> <<email>>"), "portable"),
        IN_AUTH("<<page_id>>"),
        IN_AUTH("1 << 2 >> 3"),
        Alone(IN_BLOCK("<<anything>>"), "portable"),
        IN_AUTH.wrong("<<emial>>", fixed="[[email]]"),
        IN_ACTION.wrong("<<something_else>>")._replace(placeholders="portable"),
    ],
    "unbalanced-placeholder": [
        IN_AUTH("{{page_id}} [[email]]"),
        IN_AUTH('{\\"a\\": {\\"b\\": {{page_id}}}}'),
        IN_AUTH("[[1, 2], [null]]"),
        IN_AUTH("list[0]] {x}} <b>>"),
        IN_AUTH("{page_id}"),
        '{"request": {"url": "<https://host.example.com/[[x]>]", "headers": ["x: {{app_token}}"]}}',
        IN_AUTH.wrong("{{page_id", fixed="{{page_id}}"),
        IN_AUTH.wrong("{page_id}}", fixed="{{page_id}}"),
        IN_AUTH.wrong("{{page_id]]", fixed="{{page_id}}"),
        IN_AUTH.wrong("[[email]", fixed="[[email]]"),
        IN_ACTION.wrong("[amount]]", fixed="[[amount]]"),
        IN_BLOCK.wrong("{{something}"),
        IN_AUTH.wrong("<<page_id>", fixed="{{page_id}}"),
    ],
    "portable-notation-left": [
        IN_AUTH("{{page_id}} [[email]]"),
        Alone(IN_AUTH("<<page_id>> << email >>"), "portable"),
        Alone(IN_BLOCK("<<email>>"), "portable"),
        IN_AUTH("cat << EOF >> file"),
        IN_AUTH.wrong("<< Email >>", fixed="[[email]]"),
        IN_ACTION.wrong("<<amount>>", fixed="[[amount]]"),
        IN_BLOCK.wrong("<<app_id>>", fixed="{{app_id}}"),
        IN_BLOCK.wrong("<<email>>"),
    ],
    "param-in-curly-braces": [
        IN_AUTH("[[email]]"),
        IN_AUTH("{{page_id}}"),
        IN_ACTION("{{amount}}"),
        Alone(IN_AUTH("<<email>>"), "portable"),
        IN_AUTH.wrong("{{ Email }}", fixed="[[email]]"),
    ],
    "spaces-in-placeholder": [
        IN_AUTH("{{page_id}} [[email]]"),
        IN_AUTH("{{ Page_Id }}"),
        IN_AUTH("{{ nothing_known }}"),
        Alone(IN_AUTH("<<page_id>>"), "portable"),
        IN_AUTH.wrong("[[ email]]", fixed="[[email]]"),
        IN_BLOCK.wrong("[[anything ]]", fixed="[[anything]]"),
        IN_AUTH.wrong("<< email >>", fixed="<<email>>")._replace(placeholders="portable"),
    ],
    "single-braces": [
        IN_AUTH("{{page_id}}"),
        IN_AUTH("{something}"),
        IN_AUTH('{\\"page_id\\": 1}'),
        IN_AUTH("{page_id}}"),
        IN_AUTH.wrong("{email}", fixed="[[email]]"),
        IN_ACTION.wrong("{user_id}", fixed="{{user_id}}"),
    ],
    "dollar-placeholder": [
        IN_AUTH("{{page_id}}"),
        IN_AUTH("$ {{page_id}}"),
        IN_AUTH("$[[email]]"),
        IN_BLOCK.wrong("${{ secrets.KEY }}", fixed="{{ secrets.KEY }}"),
    ],
    "unknown-in-block": [
        IN_BLOCK("[[email]]"),
        IN_AUTH("{{something}}"),
        IN_BLOCK.wrong("{{pageid}}", fixed="{{page_id}}"),
        IN_BLOCK.wrong("{{ENDPOINT_URL}}"),
    ],
}
