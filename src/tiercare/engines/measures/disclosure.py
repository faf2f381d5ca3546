"""Small numbers are not published, nor what they could be computed from. The exit of every publication, nowhere else.

A table is hidden until it protects itself: every hidden cell could still be any of at least ``small`` numbers, given all cells and
totals that are shown (a cell in a table with totals is a flow in a network; how far it can move is a maximal flow: Gusfield 1988).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

TOTAL = ""
Cell = tuple[str, str]
_Line = tuple[int, str | None]
_Net = dict[_Line, dict[_Line, int]]  # what may still move from one line to another
Table = Mapping[Cell, int]


def shown(count: int, *, small: int, base: int = 1) -> int | None:
    """A count as published: none below ``small``, else rounded half up to a multiple of ``base``."""
    return None if count < small else (2 * count + base) // (2 * base) * base


def shown_share(part: int, whole: int, *, small: int, base: int = 1) -> tuple[int, int, Fraction] | None:
    """Part, whole and share as published; none if those in the part, or those outside it, are fewer than ``small``."""
    among = shown(min(part, whole - part, whole), small=small) is not None
    a, b = shown(part, small=small, base=base), shown(whole, small=small, base=base)
    return (a, b, Fraction(a, b)) if among and a is not None and b else None


def published(counts: Table, *, small: int, base: int = 1) -> Mapping[Cell, int | None]:
    """The counts by row and column with their totals (under ``TOTAL``), and what has to be hidden as ``None``.

    One row alone, or one column, has no totals the other way: they would be the cells themselves. A zero is a small number too.
    """
    table = _with_totals(counts)
    hidden = {cell for cell, count in table.items() if count < small}
    waiting = sorted(hidden)  # whoever has room keeps it, whatever else is hidden
    while waiting:
        if _room(table, hidden, waiting[-1], small) >= small:
            waiting.pop()
        else:
            more = min(table.keys() - hidden, key=lambda cell: _cost(table, hidden, cell, waiting[-1]))
            hidden.add(more)
            waiting.insert(0, more)
    return {
        cell: None if cell in hidden else shown(count, small=0, base=base) for cell, count in table.items()
    }


def _with_totals(counts: Table) -> dict[Cell, int]:
    rows, columns = (sorted({cell[at] for cell in counts}) for at in (0, 1))
    table = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    if len(columns) > 1:
        table |= {(row, TOTAL): sum(table[row, column] for column in columns) for row in rows}
    if len(rows) > 1:
        table |= {(TOTAL, column): sum(table[row, column] for row in rows) for column in columns}
    if len(rows) > 1 and len(columns) > 1:
        table[TOTAL, TOTAL] = sum(counts.values())
    return table


def _cost(
    table: Table, hidden: set[Cell], cell: Cell, loose: Cell
) -> tuple[bool, bool, int, bool, int, Cell]:
    """What is hidden next: where one cell alone is hidden before elsewhere, a cell before a total, the smallest first."""
    alone = sum(sum(other[at] == cell[at] for other in hidden) == 1 for at in (0, 1))
    near = alone or cell[0] == loose[0] or cell[1] == loose[1]
    return not near, TOTAL in cell, -alone, table[cell] == 0, table[cell], cell


def _room(table: Table, hidden: set[Cell], cell: Cell, enough: int) -> int:
    """How many numbers beside its own ``cell`` could be, counted up to ``enough``."""
    up, down = _move(cell, table[cell], enough)
    return sum(_flow(table, hidden - {cell}, cell, turn, most, enough) for turn, most in ((0, up), (1, down)))


def _move(cell: Cell, count: int, enough: int) -> tuple[int, int]:
    """By how much a cell may rise and fall as a part of lines that add up to zero: a total counts negative."""
    return (enough, count) if (cell[0] == TOTAL) == (cell[1] == TOTAL) else (count, enough)


def _flow(table: Table, hidden: set[Cell], cell: Cell, turn: int, most: int, enough: int) -> int:
    """The other hidden cells make up for a move of ``cell``: as a rise leads from its row to its column, they lead back."""
    limit = min(most, enough)
    if len(table) == 1:
        return limit
    left: _Net = defaultdict(lambda: defaultdict(int))
    for other in hidden:
        row, column = _lines(table, other)
        up, down = _move(other, table[other], enough)
        left[row][column] += up
        left[column][row] += down
    row, column = _lines(table, cell)
    start, end = (column, row) if turn == 0 else (row, column)
    done = 0
    while done < limit and (path := _path(left, start, end)):
        step = min(limit - done, *(left[a][b] for a, b in path))
        for a, b in path:
            left[a][b] -= step
            left[b][a] += step
        done += step
    return done


def _lines(table: Table, cell: Cell) -> tuple[_Line, _Line]:
    """The row and the column in which a cell adds up to a total; where there is no total, nothing has to add up."""
    row, column = cell
    return (0, row if (row, TOTAL) in table else None), (1, column if (TOTAL, column) in table else None)


def _path(left: _Net, start: _Line, end: _Line) -> list[tuple[_Line, _Line]]:
    """A way on which something is left, or nothing."""
    came, queue = {start: start}, [start]
    for here in queue:
        queue += (new := [there for there, room in left[here].items() if room > 0 and there not in came])
        came |= dict.fromkeys(new, here)
    path: list[tuple[_Line, _Line]] = []
    while end in came and end != start:
        path.append((came[end], end))
        end = came[end]
    return path
