"""The tolerant reader: any text, its data as far as they can be made out, and what is wrong with it."""

from typing import NamedTuple

from mcapp.document.lines import Lines
from mcapp.document.places import Defect, Path
from mcapp.document.repair import leading_text
from mcapp.document.repair.defects import Complaints
from mcapp.document.repair.lexer import Lexer
from mcapp.document.repair.repairer import Repairer, Unbalanced
from mcapp.document.tree import Child


class Reading(NamedTuple):
    """What could be read of a text: see Document. `root` is None if nothing could."""

    data: object = None
    root: Child | None = None
    wrapped: bool = False
    guessed: frozenset[Path] = frozenset()
    defects: tuple[Defect, ...] = ()


def recover(text: str, begin: int, max_depth: int, lines: Lines) -> Reading:
    """Read a text from `begin`, whatever is wrong with it."""
    lexer = Lexer(text)
    plan = None
    while True:
        complaints = Complaints(text)
        start = leading_text.skip(lexer, begin, complaints)
        if start is None:
            return Reading(defects=complaints.sorted())
        repairer = Repairer(lexer, start, max_depth, complaints, lines, plan)
        try:
            repairer.run()
        except Unbalanced:
            from mcapp.document.repair import brackets

            plan = brackets.plan(lexer, start)
            continue
        places = repairer.root.node.items
        if not places:
            return Reading(defects=complaints.sorted())
        return Reading(
            repairer.root.data[0], places[0], repairer.wrapped, frozenset(repairer.guessed), complaints.sorted()
        )
