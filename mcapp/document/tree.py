"""Where everything stands: a tree of the same shape as the data, with places in it instead of values."""

from typing import Protocol

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


class Moves(Protocol):
    """Where a piece of one text begins and ends in another."""

    def start(self, offset: int) -> int:
        """Where what begins at `offset` begins."""

    def end(self, offset: int) -> int:
        """Where what ends at `offset` ends."""


def moved(root: Child, moves: Moves, marked: frozenset[int]) -> tuple[Child, frozenset[Path]]:
    """The tree in the offsets of another text, and the paths of the nodes that begin there at a `marked` offset."""
    start, end = moves.start, moves.end
    if not isinstance(root, Node):
        return (start(root[0]), end(root[1])), frozenset()
    paths = set()
    todo: list[tuple[Node, Path | None]] = [(root, ())]
    while todo:
        node, path = todo.pop()
        node.start, node.end = start(node.start), end(node.end)
        if node.start in marked and path is not None:
            paths.add(path)
        if node.items is not None:
            for index, child in enumerate(node.items):
                if isinstance(child, Node):
                    todo.append((child, None if path is None else (*path, index)))
                else:
                    node.items[index] = (start(child[0]), end(child[1]))
            continue
        hidden = [member for _, member in node.shadowed or ()]
        for key, (first, last, child) in node.members.items():
            if isinstance(child, Node):
                todo.append((child, None if path is None else (*path, key)))
            else:
                child = (start(child[0]), end(child[1]))  # the same value, elsewhere
            node.members[key] = (start(first), end(last), child)
        for index, (first, last, child) in enumerate(hidden):
            if isinstance(child, Node):
                todo.append((child, None))
            else:
                child = (start(child[0]), end(child[1]))  # the same value, elsewhere
            node.shadowed[index] = (node.shadowed[index][0], (start(first), end(last), child))  # type: ignore[index]  # it has some
    return root, frozenset(paths)
