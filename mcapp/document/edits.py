"""Changes of the data as edits of the text: they touch as little as possible and look like what is around them."""

from mcapp.document import layout
from mcapp.document.document import Document
from mcapp.document.places import AddElement, AddMember, Change, Edit, Path, RenameKey, SetText, SetValue
from mcapp.document.tree import Node, item, member


def edits(document: Document, change: Change) -> tuple[Edit, ...]:
    """The edits for one change.

    KeyError or IndexError if it names a place that does not exist. ValueError if it cannot be: a key given that the
    object has already, characters outside the string, a value that JSON cannot write.
    """
    match change:
        case SetValue(path, value):
            return _set_value(document, path, value)
        case SetText(path, start, end, new):
            return _set_text(document, path, start, end, new)
        case RenameKey(path, name):
            return _rename(document, path, name)
        case AddMember(path, key, value):
            node = _nodes(document, path)[-1]
            if key in node.members:
                raise ValueError(f"there is a key {key!r} already")
            return _add(document, path, key, value)
        case AddElement(path, value):
            return _add(document, path, None, value)


def _nodes(document: Document, path: Path) -> list[Node]:
    """The objects and arrays on the way from the root to `path`, both included."""
    child = document.root
    nodes = []
    for step in (None, *path):
        if step is not None:
            child = member(child, step)[2] if isinstance(step, str) else item(child, step)
        if not isinstance(child, Node):
            raise KeyError(path)
        nodes.append(child)
    return nodes


def _set_value(document: Document, path: Path, value: object) -> tuple[Edit, ...]:
    text = document.text
    start, end = document.span(path)
    around = _nodes(document, path[:-1]) if path else []
    at = document.key_span(path).start if path and isinstance(path[-1], str) else start
    # A list or object on one line stays there; a plain or empty value says nothing, but the line it is on does.
    plain = text[start] not in "{[" or not text[start + 1 : end - 1].strip()
    spread = layout.on_own_line(text, at) if plain else layout.spans_lines(text, (start, end))
    margin = layout.indent(text, at) if spread else None
    new = layout.render(text, value, margin, layout.unit(text, around), layout.line_end(text, start))
    return (Edit(start, end, new),)


def _set_text(document: Document, path: Path, start: int, end: int, new: str) -> tuple[Edit, ...]:
    node: object = document.data
    for step in path:
        node = node[step]  # type: ignore[index]  # a path that does not fit raises, as it should
    if not isinstance(node, str) or not 0 <= start <= end <= len(node):
        raise ValueError(f"there are no characters {start} to {end}")
    span = document.chars_span(path, start, end)
    return (Edit(span.start, span.end, layout.string(document.text, new)[1:-1]),)


def _rename(document: Document, path: Path, name: str) -> tuple[Edit, ...]:
    document.key_span(path)
    node = _nodes(document, path[:-1])[-1]
    if name == path[-1]:
        return ()
    if name in node.members:
        raise ValueError(f"there is a key {name!r} already")
    members = [node.members[str(path[-1])], *(entry for key, entry in node.shadowed or () if key == path[-1])]
    return tuple(
        Edit(start, end, layout.string(document.text, name))
        for start, end, _ in sorted(members, key=lambda member: member[0])
    )


def _add(document: Document, path: Path, key: str | None, value: object) -> tuple[Edit, ...]:
    """Behind the last member or element, or into an empty object or array."""
    text = document.text
    nodes = _nodes(document, path)
    node, around = nodes[-1], nodes[:-1]
    if (node.items is None) != (key is not None):
        raise KeyError(path)
    step = layout.unit(text, nodes)
    eol = layout.line_end(text, node.end)
    head = layout.string(text, key) + layout.colon(text) if key is not None else ""
    inside = layout.entries(node)
    if inside:
        start, end = inside[-1]
        spread = layout.is_spread(text, node, around)
        margin = layout.indent(text, start) if spread or layout.spans_lines(text, (start, end)) else None
        before = f",{eol}{margin}" if spread else layout.comma(text)
        return (Edit(end, end, before + head + layout.render(text, value, margin, step, eol)),)

    closed = layout.is_closed(text, node)
    at = node.start + (text[node.start] in "{[")
    if not layout.is_spread(text, node, around):
        new = head + layout.render(text, value, None, step, eol)
        return (Edit(at, node.end - 1 if closed and not text[at : node.end - 1].strip() else at, new),)
    outer = layout.indent(text, node.start)
    new = f"{eol}{outer}{step}{head}{layout.render(text, value, outer + step, step, eol)}"
    if closed and not text[at : node.end - 1].strip():
        return (Edit(at, node.end - 1, f"{new}{eol}{outer}"),)
    return (Edit(at, at, new),)
