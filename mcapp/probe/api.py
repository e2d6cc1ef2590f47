"""`mcapp.probe` for Python programs."""

from collections.abc import Sequence

from mcapp.errors import UsageProblem
from mcapp.keys.secret import Secret
from mcapp.probe import expect as expectations
from mcapp.probe import plan, target
from mcapp.probe.conduct import Identity, conduct
from mcapp.probe.limits import Limits
from mcapp.probe.report import FAIL_ON, FAIL_ON_DEFAULT, ProbeReport

__all__ = ["probe"]


def probe(
    key: str | Secret | None = None,
    *,
    name: str | None = None,
    only: Sequence[str] = (),
    groups: Sequence[str] = (),
    include_writes: bool = False,
    expect: Sequence[str] | None = None,
    fail_on: Sequence[str] = FAIL_ON_DEFAULT,
    base_url: str = target.MANYCHAT,
    allow_host: str | None = None,
    rate: float = 4.0,
    concurrency: int = 4,
    timeout: float = 10.0,
    deadline: float = 60.0,
) -> ProbeReport:
    """Find out what an App Key may do, as `mcapp probe` does.

    `key` is the App Key itself. Without one it is looked up: the stored key `name`, else MANYCHAT_APP_KEY, else the
    default key. `only` and `groups` choose scopes (`"GET /fb/page/getInfo"` or the bare path); `include_writes` adds
    POSTs that ManyChat refuses for their empty body. `expect` lists the scopes that the key should have; `fail_on`
    ("missing", "extra", "inconclusive") decides what makes `report.ok` false. `rate` is requests a second (at most 10
    against ManyChat), `timeout` and `deadline` are seconds. A key goes to ManyChat or to this machine; to any other
    host only if `base_url` and `allow_host` both name it.

    Nothing is printed, and nothing is remembered for the next comparison. The call blocks, also under a running event
    loop. Raises UsageProblem for an unknown scope or an impossible setting, NoKey where there is no usable key, and
    Undecided where no connection can even be prepared. Whatever the network or the server does is in the report:

        report = mcapp.probe(key)
        for scope in report.scopes:
            print(scope.scope, scope.verdict, scope.reason)
    """
    for word in fail_on:
        if word not in FAIL_ON:
            raise UsageProblem(f"fail_on cannot hold {word!r}", hint=f"it may hold: {', '.join(FAIL_ON)}")
    expected = None if expect is None else expectations.scopes(expect)
    selection = plan.Selection(tuple(only), tuple(groups), include_writes)
    planned = plan.build(target.choose(base_url, allow_host), selection, expected=expected or ())
    limits = Limits(rate, concurrency, timeout, deadline)
    return conduct(planned, _identity(key, name), limits, expected=expected, fail_on=fail_on)


def _identity(key: str | Secret | None, name: str | None) -> Identity:
    if isinstance(key, Secret):
        return Identity(key, "argument")
    if key is not None:
        return Identity(Secret(key), "argument")
    from mcapp.keys.folder import own_folder
    from mcapp.keys.resolve import resolve
    from mcapp.keys.stores.base import Patience
    from mcapp.keys.stores.environment import EnvironmentStore
    from mcapp.keys.vault import Vault

    found = resolve(name, Vault(own_folder(), Patience()), EnvironmentStore())
    return Identity(found.secret, found.source, found.name or None)
