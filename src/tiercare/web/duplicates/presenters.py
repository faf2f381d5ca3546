"""Pairs, persons side by side and merges, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.access.rules import BASIS_NAMES
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries
from tiercare.apps.residents.rules import doubles
from tiercare.apps.residents.rules.nations import NATION_NAMES
from tiercare.apps.terms import queries as terms
from tiercare.web.pages import said, told
from tiercare.web.residents.presenters import Line, kind_name, least_lines, sex_name

_SOURCES: Mapping[str, str] = {"desk": gettext_noop("窗口"), "batch": gettext_noop("全库查重")}
_AGAINST = (".other", "relatives")


@dataclass(frozen=True, slots=True)
class Reason:
    """A level of agreement in words; ``against``: it speaks against one person."""

    text: str
    against: bool


@dataclass(frozen=True, slots=True)
class PairRow:
    """A line of the list of pairs."""

    first: Line
    second: Line
    likelihood: str
    reasons: tuple[Reason, ...]
    source: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One field of two persons. ``agree`` as in ``queries.Effect``, ``None`` where there is nothing to compare."""

    label: str
    first: str
    second: str
    agree: bool | None
    mono: bool = False


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge, in force or undone."""

    id: UUID
    kept: Line
    merged: Line
    reason: str
    at: datetime
    undone_at: datetime | None
    undone_reason: str


def pair_rows(found: Sequence[queries.OpenPair], *, on: date) -> list[PairRow]:
    """Lines of the list; the same look-ups however many there are."""
    lines = _lines([least for pair in found for least in (pair.first, pair.second)], on)
    return [
        PairRow(
            first=lines[pair.first.id],
            second=lines[pair.second.id],
            likelihood=per_cent(pair.likelihood),
            reasons=tuple(_reason(key) for key in pair.reasons),
            source=gettext(_SOURCES.get(pair.source, pair.source)),
            found_at=pair.found_at,
        )
        for pair in found
    ]


def merge_lines(found: Sequence[queries.MergeRow], *, on: date) -> list[MergeLine]:
    """The merges with both entries; the same look-ups however many there are."""
    lines = _lines([least for row in found for least in (row.kept, row.merged)], on)
    return [
        MergeLine(
            id=row.id,
            kept=lines[row.kept.id],
            merged=lines[row.merged.id],
            reason=row.reason,
            at=row.at,
            undone_at=row.undone_at,
            undone_reason=row.undone_reason,
        )
        for row in found
    ]


def unclaimed_rows(found: Sequence[queries.Unclaimed], *, on: date) -> list[tuple[Line, datetime]]:
    """Temporary entries with when they were made."""
    lines = _lines([each.least for each in found], on)
    return [(lines[each.least.id], each.registered_at) for each in found]


def candidates(found: Sequence[queries.Least], *, on: date) -> list[Line]:
    """Whoever bears the number that was typed."""
    return list(_lines(found, on).values())


def per_cent(likelihood: float) -> str:
    """A probability as people read it; never a certainty."""
    if likelihood > 0.99:
        return "> 99%"
    return f"{likelihood:.0%}" if likelihood >= 0.01 else "< 1%"


def side_by_side(effect: queries.Effect, *, on: date) -> dict[str, Any]:
    """The page of a pair: fields of both, what hangs on each, who would newly read, what contradicts."""
    sides = (effect.first, effect.second)
    names = _areas([side.division_code for side in sides], on)
    keepers = network.names_of_institutions({side.institution_id for side in sides}, on=on)
    return {
        "first": effect.first,
        "second": effect.second,
        "rows": list(_fields(effect, names, keepers)),
        "hanging": [
            (said(name), effect.first.hanging.get(what, 0), effect.second.hanging.get(what, 0))
            for what, name in doubles.HANGING_NAMES.items()
            if what in effect.first.hanging or what in effect.second.hanging
        ],
        "readers": [
            (each.name, said(BASIS_NAMES[each.basis]), each.gains == effect.first.id)
            for each in effect.readers
        ],
        "contradictions": [said(doubles.CONTRADICTION_NAMES[each]) for each in effect.contradictions],
        "refusal": told(effect.refusal) if effect.refusal else None,
        "waiting": effect.waiting,
        "keep": _better(effect).id,
    }


def _better(effect: queries.Effect) -> queries.Side:
    """Which entry to offer to keep: one with a document before one without, then the one whose file is kept, then
    the older one."""
    return min(
        (effect.first, effect.second),
        key=lambda side: (side.temporary, not side.keeps_file, side.registered_at, side.id),
    )


def _fields(effect: queries.Effect, names: Mapping[str, str], keepers: Mapping[UUID, str]) -> list[Row]:
    agree = effect.agree
    first, second = effect.first, effect.second

    def row(
        label: str, of: Callable[[queries.Side], str], same: bool | None = None, *, mono: bool = False
    ) -> Row:
        return Row(label, of(first) or "—", of(second) or "—", same, mono)

    address = {
        True: gettext("详细地址相同"),
        False: gettext("详细地址不同"),
        None: gettext("有一份没有详细地址"),
    }
    return [
        row(gettext("姓名"), lambda side: side.name, agree["name"]),
        row(gettext("性别"), lambda side: sex_name(side.sex), agree["sex"]),
        row(gettext("出生日期"), lambda side: str(side.birth_date or ""), agree["birth_date"]),
        row(gettext("民族"), _nation, agree["nation"]),
        row(gettext("地区"), lambda side: names[side.division_code], agree["division_code"]),
        row(gettext("住址"), lambda side: address[agree["address"]], agree["address"]),
        row(gettext("证件"), lambda side: kind_name(side.identity_kind)),
        row(gettext("证件号码"), lambda side: side.number, agree["number"], mono=True),
        row(gettext("电话"), lambda side: side.phone, agree["phone"], mono=True),
        row(gettext("状态"), _state),
        row(gettext("登记机构"), lambda side: keepers.get(side.institution_id, "")),
        row(gettext("登记时间"), lambda side: f"{side.registered_at:%Y-%m-%d}"),
        row(gettext("已合并的档案"), lambda side: str(side.entries - 1) if side.entries > 1 else ""),
    ]


def _nation(side: queries.Side) -> str:
    return said(NATION_NAMES[side.nation]) if side.nation in NATION_NAMES else ""


def _state(side: queries.Side) -> str:
    if side.deceased_on is not None:
        return gettext("已故")
    return gettext("临时档案") if side.temporary else gettext("正式档案")


def _reason(key: str) -> Reason:
    text = doubles.LEVEL_NAMES.get(key)
    return Reason(said(text) if text else key, key.endswith(_AGAINST))


def _lines(found: Sequence[queries.Least], on: date) -> dict[UUID, Line]:
    return {line.id: line for line in least_lines(found, (), on=on)}


def _areas(codes: Sequence[str], on: date) -> dict[str, str]:
    """County, township and village of each code, as far as they are known."""
    known = terms.divisions({code[:n] for code in codes for n in (6, 9, 12)}, on=on)
    parts = {code: dict.fromkeys((code[:6], code[:9], code[:12])) for code in codes}
    return {code: "".join(known[part].name for part in of if part in known) for code, of in parts.items()}
