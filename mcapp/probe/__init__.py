"""What an App Key may really do: ask each endpoint one harmless question, and read the answers rightly.

    endpoints.toml   the catalogue: every operation, its harmless request, effect and evidence (data)
    catalogue        the catalogue as Endpoints, and how scopes are named
    target           which hosts a key may be sent to
    plan             what a run sends, in which order, and what it leaves out and why
    guard            the transport: nothing that is not in the plan leaves the process, and only it adds the key
    client, answer   one request -> one Answer: time, size and decompression are bounded
    body             an Answer's body, read within its limit
    pace, run        rate, concurrency, retries, Retry-After, the deadline, an interruption
    classify         one Answer -> what it means for one scope (pure)
    judge            all of them -> a verdict for every scope and for the key (pure)
    expect           what was expected of the key, and the exit code (pure)
    report           the result of a run;  formats/ renders it
    history          the last result for each stored key
    api              `mcapp.probe` for Python

Nothing here knows Typer or rich. Data flow: Secret -> Plan -> guarded client -> Answers -> verdicts -> Report.
"""

import sys
from types import ModuleType
from typing import Any


class _Probe(ModuleType):
    """This package, which can also be called: `mcapp.probe(key)` and the folder `mcapp/probe` share one name.

    Importing any module of the package makes Python set `mcapp.probe` to the package, whatever stood there before.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """See `mcapp.probe.api.probe`."""
        from mcapp.probe.api import probe

        return probe(*args, **kwargs)


sys.modules[__name__].__class__ = _Probe
