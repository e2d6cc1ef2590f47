"""JSON pointers (RFC 6901): how a path is written in reports."""

from mcapp.document.places import Path


def pointer(path: Path) -> str:
    """The pointer of a path; "" is the whole document."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def parse_pointer(text: str, data: object) -> Path:
    """The path that a pointer means in `data`. ValueError if it is not a pointer, or names nothing there.

    The data is needed because a pointer does not tell the key "0" from the index 0.
    """
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError(f"a JSON pointer begins with `/`: {text}")
    path: list[str | int] = []
    for raw in text[1:].split("/"):
        step = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(data, dict) and step in data:
            path.append(step)
            data = data[step]
        elif isinstance(data, list) and _is_index(step) and int(step) < len(data):
            path.append(int(step))
            data = data[int(step)]
        else:
            raise ValueError(f"there is nothing at {text}")
    return tuple(path)


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdigit() and (step == "0" or not step.startswith("0")) and len(step) < 19
