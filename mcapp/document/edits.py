"""Changes of the data as edits of the text: they touch as little as possible and look like what is around them."""

from mcapp.document.document import Document
from mcapp.document.layout import entries
from mcapp.document.places import (
    AddElement,
    AddMember,
    Change,
    Edit,
    Node,
    Path,
    RenameKey,
    SetText,
    SetValue,
    item,
    member,
)


def edits(document: Document, change: Change) -> tuple[Edit, ...]:
    """The edits for one change.

    KeyError or IndexError if it names a place that does not exist. ValueError if it cannot be: a key given that the
    object has already, characters outside the string, a value that JSON cannot write.
    """
    layout = document.layout
    match change:
        case SetValue(path, value):
            return _set_value(document, path, value)
        case SetText(path, start, end, new):
            node: object = document.data
            for step in path:
                node = node[step]  # type: ignore[index]  # a path that does not fit raises, as it should
            if not isinstance(node, str) or not 0 <= start <= end <= len(node):
                raise ValueError(f"there are no characters {start} to {end}")
            return (Edit(*document.chars_span(path, start, end), layout.string(new)[1:-1]),)
        case RenameKey(path, name):
            document.key_span(path)
            parent, old = _nodes(document, path[:-1])[-1], path[-1]
            if name == old:
                return ()
            if name in parent.members:
                raise ValueError(f"there is a key {name!r} already")
            members = [parent.members[str(old)], *(entry for key, entry in parent.shadowed or () if key == old)]
            return tuple(Edit(start, end, layout.string(name)) for start, end in sorted(each[:2] for each in members))
        case AddMember(path, key, value):
            if key in _nodes(document, path)[-1].members:
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
    text, layout = document.text, document.layout
    start, end = document.span(path)
    around = _nodes(document, path[:-1]) if path else []
    at = document.key_span(path).start if path and isinstance(path[-1], str) else start
    # A list or object on one line stays there; a plain or empty value says nothing, but the line it is on does.
    plain = text[start] not in "{[" or not text[start + 1 : end - 1].strip()
    spread = layout.on_own_line(at) if plain else layout.spans_lines((start, end))
    margin = layout.indent(at) if spread else None
    return (Edit(start, end, layout.render(value, margin, layout.unit(around), layout.line_end(start))),)


def _add(document: Document, path: Path, key: str | None, value: object) -> tuple[Edit, ...]:
    """Behind the last member or element, or into an empty object or array."""
    text, layout = document.text, document.layout
    nodes = _nodes(document, path)
    node, around = nodes[-1], nodes[:-1]
    if (node.items is None) != (key is not None):
        raise KeyError(path)
    step = layout.unit(nodes)
    eol = layout.line_end(node.end)
    head = layout.string(key) + layout.colon if key is not None else ""
    spread = layout.is_spread(node, around)
    inside = entries(node)
    if inside:
        start, end = inside[-1]
        margin = layout.indent(start) if spread or layout.spans_lines((start, end)) else None
        before = f",{eol}{margin}" if spread else layout.comma
        return (Edit(end, end, before + head + layout.render(value, margin, step, eol)),)

    closed = node.end - node.start > 1 and text[node.start] + text[node.end - 1] in ("{}", "[]")
    at = node.start + (text[node.start] in "{[")
    empty = closed and not text[at : node.end - 1].strip()  # no comment in it
    end = node.end - 1 if empty else at
    if not spread:
        return (Edit(at, end, head + layout.render(value, None, step, eol)),)
    outer = layout.indent(node.start)
    new = f"{eol}{outer}{step}{head}{layout.render(value, outer + step, step, eol)}"
    return (Edit(at, end, f"{new}{eol}{outer}" if empty else new),)
