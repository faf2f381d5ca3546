"""Reads of the register. All take ``on``, the day asked about; codes are compact (2, 4, 6, 9, 12 digits)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from tiercare.apps.ledger.prepared import prepared
from tiercare.kernel.divisions import DivisionLevel, level_of
from tiercare.kernel.text import Text

from .bundled import RECORDS_BEGIN
from .models import Adjacency, Division, DivisionSuccession, Outline, Specialty
from .pinyin import initials
from .workdays import Workday, workdays

__all__ = [
    "Resolution",
    "SpecialtyNode",
    "Step",
    "Workday",
    "adjacent_pairs",
    "ancestors",
    "children",
    "codes",
    "division",
    "divisions",
    "initials",  # names outside this app are searched the same way
    "known_codes",
    "lies_within",
    "neighbours",
    "outline_of",
    "outlines",
    "resolve",
    "search",
    "specialty",
    "specialty_names",
    "specialty_tree",
    "township_codes",
    "township_names",
    "townships_of",
    "workdays",
]

_ORDER = tuple(DivisionLevel)


def _valid(on: date) -> QuerySet[Division]:
    return Division.objects.filter(period__contains=on)


def division(code: str, *, on: date) -> Division | None:
    """What ``code`` meant on ``on``; ``None`` if it was not in force (``resolve`` then says what was)."""
    row: Division | None = _valid(on).select_related("parent").filter(code=code).first()
    return row


def codes(*, on: date) -> frozenset[str]:
    """Every code in force on ``on``; one query, for bulk work."""
    return frozenset(_valid(on).values_list("code", flat=True))


def known_codes(codes: Collection[str], *, on: date) -> list[str]:
    """Those of ``codes`` that were in force on ``on``; for the hot path."""
    with prepared() as cursor:
        cursor.execute(
            "SELECT code FROM terms_division WHERE code = ANY (%s) AND period @> %s::date", [list(codes), on]
        )
        return [code for (code,) in cursor.fetchall()]


def divisions(codes: Collection[str], *, on: date) -> dict[str, Division]:
    """Those of ``codes`` that were in force, by code; one query."""
    return {row.code: row for row in _valid(on).select_related("parent").filter(code__in=codes)}


def children(code: str, *, on: date, level: DivisionLevel | None = None) -> list[Division]:
    """The divisions below ``code``, by code: those directly below, or all of a lower ``level``.

    Raises:
        ValueError: if ``code`` is malformed or ``level`` is not below it.
    """
    own = _ORDER.index(level_of(code))
    steps = 1 if level is None else _ORDER.index(level) - own
    if steps < 1:
        raise ValueError(f"{level} does not lie below {code}, which is a {_ORDER[own]}")
    # A child's period lies within its parent's, so asking for the child's day is enough.
    path = "__".join(["parent"] * steps)
    return list(_valid(on).filter(**{f"{path}__code": code}).select_related("parent").order_by("code"))


def townships_of(code: str, *, on: date) -> list[Division]:
    """The townships, streets and functional zones below a county, prefecture or province."""
    return children(code, on=on, level=DivisionLevel.TOWNSHIP)


def ancestors(code: str, *, on: date) -> list[Division]:
    """The divisions above ``code``, from the province down; empty if ``code`` was not in force."""
    row = _valid(on).select_related("parent__parent__parent__parent").filter(code=code).first()
    above: list[Division] = []
    while row is not None and row.parent is not None:
        row = row.parent
        above.insert(0, row)
    return above


def lies_within(code: str, area: str, *, on: date) -> bool:
    """True if ``code`` is ``area`` or stood below it on ``on`` (by the register, not by the digits)."""
    if code == area:
        return division(code, on=on) is not None
    return any(row.code == area for row in ancestors(code, on=on))


def search(text: str, *, on: date, level: DivisionLevel | None = None, limit: int = 20) -> list[Division]:
    """Divisions by digits of the code, by pinyin initials (``jhq``), or by characters, the best match first.

    A name that only resembles the text (a wrong character) is found after those that contain it.
    """
    wanted = text.strip().lower()
    if not wanted:
        return []
    rows = _valid(on).select_related("parent")
    if level is not None:
        rows = rows.filter(level=level.value)
    if wanted.isascii() and wanted.isdigit():
        return list(rows.filter(code__startswith=wanted).order_by("code")[:limit])
    if wanted.isascii():
        found = rows.filter(initials__contains=wanted)
        ranked = found.annotate(rank=_rank(Q(initials=wanted), Q(initials__startswith=wanted)))
        return list(ranked.order_by("rank", "code")[:limit])
    likeness = TrigramSimilarity("name", wanted)
    alike = rows.annotate(likeness=likeness).filter(Q(name__contains=wanted) | Q(likeness__gte=0.3))
    ranked = alike.annotate(
        rank=_rank(Q(name=wanted), Q(name__startswith=wanted), Q(name__contains=wanted)),
        height=_rank(*(Q(level=step.value) for step in _ORDER)),
    )
    return list(ranked.order_by("rank", "height", "-likeness", "code")[:limit])


def _rank(*better_first: Q) -> Case:
    """0 for rows of the first condition, 1 for those of the second, and so on."""
    whens = [When(condition, then=Value(place)) for place, condition in enumerate(better_first)]
    return Case(*whens, default=Value(len(better_first)), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a code on the way from the asked code to an answer."""

    old_code: str
    new_code: str
    changed_on: date
    precision: str
    kind: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The code or codes that stood on ``on`` for what ``code`` means, and the changes in between.

    ``codes`` is empty if the register does not know; a merged code asked for an earlier day has several.
    """

    code: str
    on: date
    codes: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def explained(self) -> Text:
        """The answer as a sentence, with every change and its source."""
        if self.codes == (self.code,):
            return Text(f"{self.code} 在 {self.on} 有效。", f"{self.code} is valid on {self.on}.")
        if not self.codes:
            return Text(
                f"登记簿中没有 {self.code} 在 {self.on} 的对应代码（登记自 {RECORDS_BEGIN} 起）；请核对代码和日期。",
                f"The register (from {RECORDS_BEGIN} on) has no code for {self.code} on {self.on}; check both.",
            )
        answer = "、".join(self.codes)
        changes_zh = "；".join(
            f"{s.changed_on} {s.old_code}→{s.new_code} {s.note}（{s.source}）" for s in self.steps
        )
        changes_en = "; ".join(
            f"{s.changed_on} {s.old_code}→{s.new_code} ({s.kind}, {s.source})" for s in self.steps
        )
        return Text(
            f"{self.code} 在 {self.on} 对应 {answer}：{changes_zh}。",
            f"On {self.on}, {self.code} stands for {', '.join(self.codes)}: {changes_en}.",
        )


def resolve(code: str, *, on: date) -> Resolution:
    """The code or codes in force on ``on`` for a code that may be retired, or not yet made, on that day.

    Looks forward through the successions first, then back; the register holds few, so all are read at once.
    """
    steps = [
        Step(s.old_code, s.new_code, s.changed_on, s.precision, s.kind, s.note, s.source)
        for s in DivisionSuccession.objects.all()
    ]
    forward: dict[str, list[tuple[str, Step]]] = defaultdict(list)
    back: dict[str, list[tuple[str, Step]]] = defaultdict(list)
    for step in steps:
        forward[step.old_code].append((step.new_code, step))
        back[step.new_code].append((step.old_code, step))
    valid = set(_valid(on).filter(code__in={code, *forward, *back}).values_list("code", flat=True))
    for edges in (forward, back):
        found = _reach(code, edges, valid)
        if found:
            path = dict.fromkeys(step for way in found.values() for step in way)
            return Resolution(code, on, tuple(sorted(found)), tuple(sorted(path, key=lambda s: s.changed_on)))
    return Resolution(code, on, (), ())


def _reach(
    code: str, edges: Mapping[str, list[tuple[str, Step]]], valid: Collection[str]
) -> dict[str, tuple[Step, ...]]:
    """Valid codes that can be reached from ``code`` -> the steps there; a valid code is not walked past."""
    ways: dict[str, tuple[Step, ...]] = {code: ()}
    waiting = [code]
    while waiting:
        here = waiting.pop(0)
        if here in valid:
            continue
        for there, step in edges.get(here, []):
            if there not in ways:
                ways[there] = (*ways[here], step)
                waiting.append(there)
    return {reached: way for reached, way in ways.items() if reached in valid}


def outline_of(code: str, *, on: date) -> Outline | None:
    """The border of a county as drawn in 2018; ``None`` for other levels and unknown codes."""
    row: Outline | None = Outline.objects.filter(division__code=code, division__period__contains=on).first()
    return row


def outlines(codes: Collection[str], *, on: date) -> dict[str, Outline]:
    """The borders of those of ``codes`` that have one, by code; one query."""
    rows = Outline.objects.filter(division__code__in=codes, division__period__contains=on)
    return {row.division.code: row for row in rows.select_related("division")}


def neighbours(code: str, *, on: date) -> list[Division]:
    """The divisions of the same level that share a border with ``code``, by code."""
    if division(code, on=on) is None:
        return []
    pairs = Adjacency.objects.filter(Q(code_a=code) | Q(code_b=code)).values_list("code_a", "code_b")
    codes = {other for pair in pairs for other in pair} - {code}
    return list(_valid(on).filter(code__in=codes).select_related("parent").order_by("code"))


def adjacent_pairs(codes: Collection[str]) -> set[tuple[str, str]]:
    """Which of ``codes`` share a border, smaller code first. Borders of townships are illustrative."""
    rows = Adjacency.objects.filter(code_a__in=codes, code_b__in=codes)
    return set(rows.values_list("code_a", "code_b"))


@dataclass(frozen=True, slots=True)
class SpecialtyNode:
    """A licensed specialty with those below it."""

    code: str
    name: str
    level: int
    note: str
    children: tuple[SpecialtyNode, ...]


def specialty(code: str, *, on: date) -> Specialty | None:
    """The licensed specialty (诊疗科目) of this code that was listed on ``on``."""
    row: Specialty | None = Specialty.objects.filter(code=code, period__contains=on).first()
    return row


def specialty_tree(*, on: date) -> tuple[SpecialtyNode, ...]:
    """All licensed specialties listed on ``on``, as a tree in the order of their codes."""
    below: dict[str, list[Specialty]] = defaultdict(list)
    for row in Specialty.objects.filter(period__contains=on).order_by("code"):
        below[row.code.rpartition(".")[0]].append(row)

    def node(row: Specialty) -> SpecialtyNode:
        return SpecialtyNode(row.code, row.name, row.level, row.note, tuple(map(node, below[row.code])))

    return tuple(map(node, below[""]))


def township_codes(counties: Collection[str], *, on: date) -> dict[str, list[str]]:
    """Codes of the townships directly below each of ``counties``, by county; one query."""
    found: dict[str, list[str]] = {code: [] for code in counties}
    rows = _valid(on).filter(level=DivisionLevel.TOWNSHIP, parent__code__in=counties).order_by("code")
    for county, code in rows.values_list("parent__code", "code"):
        found[county].append(code)
    return found


def township_names(counties: Collection[str], *, on: date) -> dict[str, dict[str, str]]:
    """The townships directly below each of ``counties``, by county: their names by code, in their order; one query."""
    found: dict[str, dict[str, str]] = {code: {} for code in counties}
    rows = _valid(on).filter(level=DivisionLevel.TOWNSHIP, parent__code__in=counties).order_by("code")
    for county, code, name in rows.values_list("parent__code", "code", "name"):
        found[county][code] = name
    return found


def specialty_names(*, on: date) -> dict[str, str]:
    """The name of every licensed specialty listed on ``on``, by code; one query."""
    return dict(Specialty.objects.filter(period__contains=on).values_list("code", "name"))
