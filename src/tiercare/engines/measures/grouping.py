"""Many aggregates of one scan at the price of few: equal rows are put together first, and conditions are asked of the groups.

A hundred million visits differ in a few million ways as far as conditions look: kind, tier, diagnosis, a dozen flags. So the rows are
counted and added up by just that, and every condition, however long its list of codes, is asked of a group instead of a row.
What of a condition looks at numbers, dates, keys or places is worked out for the row, once for all who ask, and is one more flag
to group by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any as Expr

from .derived import columns_of, names
from .expressions import All, Any, Field, Node, Not, Sort
from .indicators import How, Part
from .on_ibis import on_ibis
from .schema import Type, facts

WORTH_IT = 8  # fewer aggregates than this are computed row by row: grouping twice would cost more
_PLAIN = frozenset({Type.WORD, Type.FLAG, Type.CODE, Type.CODES})


@dataclass(slots=True)
class _Asked:
    """What the conditions of some parts look at.

    Attributes:
        plain: columns as they are; ``flags``: what is worked out for each row, by the name of its column.
        sums: what is added up, by the name of its column.
    """

    types: Mapping[str, Type]
    plain: set[str] = field(default_factory=set)
    flags: dict[Node, str] = field(default_factory=dict)
    sums: dict[Node, str] = field(default_factory=dict)

    def over_groups(self, node: Node) -> Node:
        """A condition over rows as one over groups."""
        match node:
            case All(parts=parts) | Any(parts=parts):
                return replace(node, parts=tuple(self.over_groups(each) for each in parts))
            case Not(what=what):
                return Not(self.over_groups(what))
        looked_at = set(names(node))
        if all(self.types[name] in _PLAIN for name in looked_at):
            self.plain |= looked_at
            return node
        return Field(self.flags.setdefault(node, f"flag{len(self.flags)}"), Sort.TRUTH)

    def added(self, what: Node) -> str:
        """The column in which ``what`` is added up."""
        return self.sums.setdefault(what, f"sum{len(self.sums)}")


def in_groups(rows: Expr, keys: Mapping[str, Expr], parts: Sequence[Part]) -> Expr:
    """As ``rows.group_by(keys).aggregate(a0=…, a1=…)`` for additive parts, by way of groups of equal rows."""
    asked = _Asked({name: each.type for name, each in columns_of(facts()[parts[0].fact]).items()})
    wheres = [None if p.aggregate.where is None else asked.over_groups(p.aggregate.where) for p in parts]
    taken = [asked.added(p.aggregate.what) if p.aggregate.what is not None else "rows" for p in parts]
    by = {
        **keys,
        **{f"by_{name}": rows[name] for name in sorted(asked.plain)},
        **{name: on_ibis(node, rows) for node, name in asked.flags.items()},
    }
    groups = rows.group_by(**by).aggregate(
        rows=rows.count(),
        **{name: added(on_ibis(what, rows), what, rows) for what, name in asked.sums.items()},
    )
    groups = groups.rename({name: f"by_{name}" for name in asked.plain})
    return groups.group_by(list(keys)).aggregate(
        **{
            f"a{at}": groups[name].sum(
                where=None if where is None else on_ibis(where, groups).fill_null(False)
            )
            for at, (name, where) in enumerate(zip(taken, wheres, strict=True))
        }
    )


def added(what: Expr, node: Node, rows: Expr) -> Expr:
    """The sum of an amount; of one that is the same for every row, it times the rows."""
    return what.sum() if set(names(node)) else what * rows.count()


def worth_it(parts: Sequence[Part]) -> bool:
    """Whether grouping equal rows first pays."""
    return len(parts) > WORTH_IT and all(part.aggregate.how in {How.COUNT, How.SUM} for part in parts)
