"""Further cases of the rules on the text itself."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules import samples

CASES: dict[str, list[Good | Bad | str]] = {
    "invalid-json": [
        samples.app(),
        '{"auth": null, "actions": [' + samples.changed("Ping", "\\u00e9\\n") + "]}",
        Bad(
            f"{{\n  'auth': null,\n  {samples.ACTIONS}\n}}",
            at=((2, 3),),
            fixed=f'{{\n  "auth": null,\n  {samples.ACTIONS}\n}}',
        ),
        Bad(
            f'{{\n  "auth": None,\n  {samples.ACTIONS}\n}}',
            at=((2, 11),),
            fixed=f'{{\n  "auth": null,\n  {samples.ACTIONS}\n}}',
        ),
        Bad("", at=((1, 1),)),
    ],
    "comment": [
        samples.app(),
        samples.app(samples.changed("Asks the shop.", "/* no */ // comment")),
        Bad(
            f'{{\n  "auth": null, /* none */ {samples.ACTIONS}\n}}',
            at=((2, 17),),
            fixed=f'{{\n  "auth": null, {samples.ACTIONS}\n}}',
        ),
    ],
    "trailing-comma": [samples.app()],
    "unclosed-bracket": [
        samples.app(),
        Bad(
            f'{{\n  "auth": null,\n  {samples.ACTIONS}\n',
            at=((1, 1),),
            fixed=f'{{\n  "auth": null,\n  {samples.ACTIONS}\n}}\n',
        ),
    ],
    "typographic-quote": [samples.app(), samples.app(samples.changed("Asks the shop.", "The “best” shop"))],
    "wrong-encoding": [samples.app(samples.changed("Ping", "Prüfen"))],
    "missing-braces": [samples.app()],
    "byte-order-mark": [samples.app()],
}
