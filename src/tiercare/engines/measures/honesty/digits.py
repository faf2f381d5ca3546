"""Values rounded to the nearest five or ten: the share of last digits 0 and 5 (Whipple's index), with χ² for chance.

Without rounding a fifth ends in 0 or 5: the index is 100. At 175 the United Nations' scale for ages speaks of very rough data; that
scale is borrowed here. Readings in steps of two (mercury sphygmomanometers) give 0 a fifth and 5 nothing: 100 too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tiercare.kernel.text import Text

from ..chance import chi_square_tail, discoveries
from ..evaluate import Tables
from ..expressions import Node
from ..on_ibis import on_ibis
from ..periods import Span
from ..schema import facts
from .findings import Finding, Kind, said
from .rows import institution_of, sample, within

_FINDING = Text(
    "{who}的{fact}“{column}”有{share}以0或5结尾（{n}行；随机时约20%，指数{index:.0f}）。"
    "可能是按整数估读或四舍五入；请看测量和录入的办法，达标率会因此偏离。",
    "{share} of “{column}” in “{fact}” at {who} end in 0 or 5 ({n} rows; about 20 % by chance, index {index:.0f}). Readings may "
    "have been estimated or rounded: see how they are taken and entered; shares of those who meet a target are off because of it.",
)


@dataclass(frozen=True, slots=True)
class Heap:
    """What to look at.

    Attributes:
        where: which rows; ``None`` for all.
        unit: by what the value is divided before its last digit is looked at; 100 for whole yuan of fen.
        index: from which on it is a finding (175 with us).
        least: with fewer values nothing is said.
        false: at most this share of the findings may be chance.
        concerns: other columns that were derived from it, such as a flag whether a target is met.
    """

    fact: str
    column: str
    where: Node | None
    unit: int
    index: float
    least: int
    false: float
    concerns: tuple[str, ...] = ()


def heaping(tables: Tables, heap: Heap, span: Span) -> list[Finding]:
    """Institutions whose values end in 0 or 5 too often."""
    who = institution_of(facts()[heap.fact])
    assert who is not None, "only what an institution answers for is looked at"
    rows = within(tables, heap.fact, span)
    rows = rows if heap.where is None else rows.filter(on_ibis(heap.where, rows))
    rows = rows.filter(rows[heap.column].notnull(), rows[who].notnull(), rows[heap.column] > 0)
    last = (rows[heap.column] // heap.unit) % 10
    found = rows.group_by(institution=rows[who], digit=last.cast("int64")).aggregate(n=rows.count())
    digits: dict[str, dict[int, int]] = defaultdict(dict)
    for row in tables.run(found):
        digits[row["institution"]][row["digit"]] = row["n"]
    findings = judge_digits(digits, heap)
    return [
        Finding(
            Kind.HEAPING,
            heap.fact,
            heap.column,
            (key,),
            sum(digits[key].values()),
            sample(tables, heap.fact, rows.filter(rows[who] == key, last.isin([0, 5]))),
            index,
            chance,
            _said(heap, key, digits[key], index),
        )
        for key, (index, chance) in findings.items()
    ]


def judge_digits(digits: Mapping[str, Mapping[int, int]], heap: Heap) -> dict[str, tuple[float, float]]:
    """Of each institution that heaps: index, and chance of digits as uneven.

    Args:
        digits: last digit → how often, by institution.
    """
    judged = {}
    for key, counts in sorted(digits.items()):
        n = sum(counts.values())
        if n >= heap.least:
            uneven = sum((counts.get(digit, 0) - n / 10) ** 2 for digit in range(10)) / (n / 10)
            index = 500 * (counts.get(0, 0) + counts.get(5, 0)) / n
            judged[key] = (index, chi_square_tail(uneven, 9))
    stand = discoveries([chance for _, chance in judged.values()], heap.false)
    return {
        key: pair
        for (key, pair), beyond in zip(judged.items(), stand, strict=True)
        if beyond and pair[0] >= heap.index
    }


def _said(heap: Heap, key: str, counts: Mapping[int, int], index: float) -> Text:
    fields = {
        "who": key,
        "fact": facts()[heap.fact].title,
        "column": heap.column,
        "share": f"{index / 5:.0f}%",
        "n": sum(counts.values()),
        "index": index,
    }
    return said(_FINDING, fields)
