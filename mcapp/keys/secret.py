"""A key that cannot be printed by accident."""

from collections.abc import Iterator
from typing import Any, NoReturn

from mcapp.terminal.redact import forget, remember

MASKED = "***"
# From this length on the last four characters may be shown: they tell two keys apart and leave enough unknown.
_LONG = 20


class Secret:
    """An App Key. Printing or formatting it gives a mask, pickling it fails; only `reveal` gives the key.

    From then on `mcapp.terminal.redact.mask` knows the value, so texts that contain it are masked too.
    """

    __slots__ = ("__value",)
    __hash__ = None  # type: ignore[assignment]  # no set or dict has a use for it

    def __init__(self, value: str) -> None:
        remember(value)
        self.__value = value

    def reveal(self) -> str:
        """The key itself. For the stores, the request that carries it, `keys exec` and `keys show --reveal` alone."""
        return self.__value

    @property
    def fingerprint(self) -> str:
        """Six hexadecimal digits of its SHA-256: enough to see whether two people mean the same key."""
        return self.long_fingerprint[:6]

    @property
    def long_fingerprint(self) -> str:
        """Sixteen of them: enough to tell a million keys apart."""
        from hashlib import sha256  # 2 ms, not needed to list keys

        return sha256(self.__value.encode("utf-8")).hexdigest()[:16]

    def forget(self) -> None:
        """Let `mask` forget it. For a run over many keys, once all that came of this one is in a fixed form."""
        forget(self.__value)

    @property
    def hint(self) -> str:
        """Its masked form: an ellipsis, and the last four characters if it has twenty or more."""
        return "…" + (self.__value[-4:] if len(self.__value) >= _LONG else "")

    def __len__(self) -> int:
        return len(self.__value)

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest

        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self.__value.encode("utf-8"), other.reveal().encode("utf-8"))

    def __str__(self) -> str:
        return MASKED

    def __repr__(self) -> str:
        return f"Secret({MASKED})"

    def __format__(self, spec: str) -> str:
        return format(MASKED, spec)

    def __rich_repr__(self) -> Iterator[str]:
        yield MASKED

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self  # dataclasses.asdict copies what it finds

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret cannot be pickled: the key would be readable in the result")
