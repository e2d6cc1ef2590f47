"""Where everything stands: a tree of the same shape as the data, with places in it instead of values."""

from mcapp.document.places import Path


class Node:
    """An object or an array at text[start:end]: `members` or `items`, never both.

    `shadowed` are the members that a later one with the same key hides, in the order of the text.
    """

    __slots__ = ("end", "items", "members", "shadowed", "start")

    def __init__(self, start: int, *, is_object: bool) -> None:
        self.start = start
        self.end = start
        self.members: dict[str, Member] = {}
        self.items: list[Child] | None = None if is_object else []
        self.shadowed: list[tuple[str, Member]] | None = None

    def hide(self, key: str) -> "Member":
        """The member `key`, which another one hides from now on; it keeps its place in the text."""
        before = self.members[key]
        if self.shadowed is None:
            self.shadowed = []
        self.shadowed.append((key, before))
        return before


# A string, number or literal is just (start, end): there are many of them.
Child = Node | tuple[int, int]
# The key with its quotes, and the value: (start of the key, end of the key, value).
Member = tuple[int, int, Child]


def bounds(child: Child) -> tuple[int, int]:
    """(start, end) of a value in the text."""
    return (child.start, child.end) if isinstance(child, Node) else child


def find(root: Child, path: Path) -> Child:
    """The place of the value at `path`; KeyError or IndexError where there is none."""
    child = root
    for step in path:
        child = member(child, step)[2] if isinstance(step, str) else item(child, step)
    return child


def member(parent: Child, key: str) -> Member:
    """The member `key` of an object; KeyError where there is none."""
    if not isinstance(parent, Node):
        raise KeyError(key)
    return parent.members[key]


def item(parent: Child, index: int) -> Child:
    """An element of an array, from 0; IndexError where there is none."""
    if not isinstance(parent, Node) or parent.items is None or index < 0:
        raise IndexError(index)
    return parent.items[index]
