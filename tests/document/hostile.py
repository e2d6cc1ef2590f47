"""Texts that a careless reader would take quadratic time for, and how long this one takes.

`python -m tests.document.hostile` prints the seconds for each at two sizes; the ratio of the sizes is 4.
"""

from time import process_time

from mcapp.document import read

_UNITS = (
    *("@", "@ ", "x", "x ", "[", "{", '{"a":', '[{"a":', "]", '"', '"\n', '"a', "'", "'a\\", "\\", '\\"a', "/* "),
    *("//x\n", ",", ":", "1", "-", "1,", "\0", "\r", "\n", "“", "“a ” b", "{{", "[[a", "<<", "\u00a0", "\u00a0a"),
    *("'a',", "=;", '"a"b', '"a",', '"a":1,', "a:1,\n", "True,", "- ", "{}", "[],", "}{", "]\n", "{\n", '"a\\q'),
    *("http://", " \n ", "a\n", '"a\n', '"a"\n', "01,", "\\u00", '"a":', '"a" ', "*/ /*", "#", "{ ", "[ 1 "),
    *("“a", "a'b ", "1.", "\t{"),
)


def texts(size: int) -> dict[str, bytes]:
    """Each unit over and over: alone, in an array, and in an array in an object that ends."""
    made = {}
    for unit in _UNITS:
        body = unit * (size // len(unit))
        made[repr(unit)] = body.encode()
        made[f"[ {unit!r}"] = ("[" + body).encode()
        made[f"{{ {unit!r} }}"] = ('{"a": [' + body + "}").encode()
    return made


def main() -> None:
    """Print the slowest."""
    sizes = (75_000, 300_000)
    small, large = (texts(size) for size in sizes)
    rows = []
    for name in small:
        seconds = []
        for raw in (small[name], large[name]):
            start = process_time()
            read(raw)
            seconds.append(process_time() - start)
        rows.append((seconds[1], seconds[0], name))
    for long, short, name in sorted(rows, reverse=True)[:20]:
        print(f"{short:7.3f} {long:7.3f}  x{long / max(short, 1e-4):5.1f}  {name}")  # noqa: T201  # its purpose


if __name__ == "__main__":
    main()
