"""The two forms in which App JSON writes headers, and the way from one to the other where nothing is lost on it.

A request has an array of "Name: value" strings, `auth.connection` an object from name to value (D: ManyChat's Technical
Specification). Copies from other tools come as an array of objects as well.
"""

# The keys under which other tools write name and value.
_NAME_KEYS = ("name", "key")


def to_lines(headers: object) -> list[str] | None:
    """An object, or an array of objects, as "Name: value" lines; None if a line could not say the same."""
    if isinstance(headers, dict):
        return _joined([_line(name, value) for name, value in headers.items()])
    if isinstance(headers, list):
        return _joined([entry if isinstance(entry, str) else _entry(entry) for entry in headers])
    return None


def to_object(headers: object) -> dict[str, str] | None:
    """An array of "Name: value" lines as an object; None if it could not say the same."""
    if not isinstance(headers, list):
        return None
    found: dict[str, str] = {}
    for line in headers:
        name, colon, value = line.partition(":") if isinstance(line, str) else ("", "", "")
        if not colon or not _is_name(name) or name in found or not _is_value(value.strip()):
            return None
        found[name] = value.strip()
    return found


def _joined(lines: list[str | None]) -> list[str] | None:
    whole = [line for line in lines if line is not None]
    return whole if len(whole) == len(lines) else None


def _entry(entry: object) -> str | None:
    """{"Accept": "*/*"}, {"name": "Accept", "value": "*/*"} or {"key": …, "value": …} as a line."""
    if not isinstance(entry, dict):
        return None
    if len(entry) == 2 and "value" in entry:
        return next((_line(entry[key], entry["value"]) for key in _NAME_KEYS if key in entry), None)
    return _line(*next(iter(entry.items()))) if len(entry) == 1 else None


def _line(name: object, value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not (isinstance(name, str) and _is_name(name) and isinstance(value, str) and _is_value(value)):
        return None
    return f"{name}: {value}"


def _is_name(name: str) -> bool:
    """A line is split at its first colon; a placeholder in a name may hold a colon of its own."""
    return name != "" and name == name.strip() and not any(mark in name for mark in ":{}[]<>\r\n")


def _is_value(value: str) -> bool:
    return value == value.strip() and "\r" not in value and "\n" not in value
