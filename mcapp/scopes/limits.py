"""How fast and how long a run may be."""

from dataclasses import dataclass

from mcapp.errors import UsageProblem
from mcapp.net.target import MANYCHAT_RATE, Target

MOST_CONCURRENCY = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """`rate` is requests a second, `timeout` (of one request) and `deadline` (of the run) are in seconds."""

    rate: float = 4.0
    concurrency: int = 4
    timeout: float = 10.0
    deadline: float = 60.0


def check_limits(target: Target, limits: Limits) -> None:
    """Raise UsageProblem for limits that no run can keep, or that ManyChat should not be exposed to."""
    for name, value in (("rate", limits.rate), ("timeout", limits.timeout), ("deadline", limits.deadline)):
        if not 0 < value < float("inf"):
            raise UsageProblem(f"--{name} is a number above 0, not {value:g}")
    if not 1 <= limits.concurrency <= MOST_CONCURRENCY:
        raise UsageProblem(f"--concurrency is a number from 1 to {MOST_CONCURRENCY}, not {limits.concurrency}")
    if target.kind != "loopback" and limits.rate > MANYCHAT_RATE:
        raise UsageProblem(
            f"--rate is at most {MANYCHAT_RATE:g} a second, not {limits.rate:g}",
            hint="ManyChat may stop an account that asks too much for 24 hours; only this machine may be asked faster",
        )
