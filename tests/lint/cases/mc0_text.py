"""Further cases of the rules on the text itself."""

from mcapp.lint.model import Example
from mcapp.lint.rules.samples import ACTION, ACTIONS, APP, app
from tests.lint.cases import Cases

CASES: Cases = {
    "invalid-json": [
        APP,
        '{"auth": null, "actions": [' + ACTION.replace("Ping", "\\u00e9\\n") + "]}",
        Example(f"{{\n  'auth': null,\n  {ACTIONS}\n}}", (2, 3), fixed=f'{{\n  "auth": null,\n  {ACTIONS}\n}}'),
        Example(f'{{\n  "auth": None,\n  {ACTIONS}\n}}', (2, 11), fixed=f'{{\n  "auth": null,\n  {ACTIONS}\n}}'),
        Example("", (1, 1)),
    ],
    "comment": [
        APP,
        APP.replace("Asks the shop.", "/* no */ // comment"),
        Example(f'{{\n  "auth": null, /* none */ {ACTIONS}\n}}', (2, 17), fixed=f'{{\n  "auth": null, {ACTIONS}\n}}'),
    ],
    "trailing-comma": [APP],
    "unclosed-bracket": [
        APP,
        Example(f'{{\n  "auth": null,\n  {ACTIONS}\n', (1, 1), fixed=f'{{\n  "auth": null,\n  {ACTIONS}\n}}\n'),
    ],
    "typographic-quote": [APP, APP.replace("Asks the shop.", "The “best” shop")],
    "wrong-encoding": [APP.replace("Ping", "Prüfen")],
    "not-a-number": [app(ACTIONS, '"sources": [{"name": "NaN", "type": "enum:static"}]')],
    "missing-braces": [APP],
    "byte-order-mark": [APP],
}
