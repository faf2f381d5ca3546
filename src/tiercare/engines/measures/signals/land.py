"""Members that are only collected (跑马圈地, NHC-83): many institutions under one name, and nothing done with or for them.

A member is idle if in the whole time no patient was referred between it and its consortium, it asked for no remote service there, and
received not one day of support. New members get time: they count only when they have been there for some months.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ibis

from tiercare.kernel.text import Text

from ..chance import binomial_tail, discoveries
from ..evaluate import Tables
from ..periods import Span


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """An institution that belongs to a consortium at the end of the time, without the lead, and what was done with it.

    Attributes:
        months: for how many of the months it has been a member.
        referrals: within the consortium, in either direction.
        remote: services asked for within the consortium.
        days: person-days of support received.
    """

    consortium: str
    institution: str
    months: int
    referrals: int
    remote: int
    days: int

    @property
    def idle(self) -> bool:
        """Whether nothing was done at all."""
        return not (self.referrals or self.remote or self.days)


@dataclass(frozen=True, slots=True)
class LandLimits:
    """From when on it is worth a look. Ours (定为我们的), except ``most_*``, which a pack sets or leaves out (NHC-83).

    Attributes:
        settled: months a member is given before it counts.
        members: with fewer settled members nothing is said.
        idle: the share of idle ones from which on it matters.
        usual: the share of idle ones taken for usual at least, if the others have fewer.
        false: at most this share of what is found may be false.
        most_members, most_share: of a consortium, in number and of all the area's institutions.
    """

    settled: int = 6
    members: int = 5
    idle: Fraction = Fraction(1, 3)
    usual: float = 0.15
    false: float = 0.01
    most_members: int | None = None
    most_share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Land:
    """A consortium's members.

    Attributes:
        idle: the keys of the idle ones among the ``settled``.
        share: of the area's institutions that are its members.
        chance: how likely as many are idle if it were as with the others.
        found: whether it is worth a look; ``large``: whether a limit of the pack is exceeded.
    """

    consortium: str
    members: int
    settled: int
    idle: tuple[str, ...]
    share: Fraction
    chance: float
    found: bool
    large: bool
    text: Text


LOOK = Text(
    "{consortium}：{settled}家加入已满{months}个月的成员中，{idle}家没有转诊、远程服务和人员下沉的任何记录。"
    "请先核对数据是否报送齐全，再看这些机构。",
    "{consortium}: of {settled} members of {months} months or more, {idle} have no referral, no remote service and no day of "
    "support on record. First see whether their data were sent, then look at these institutions.",
)
LARGE = Text(
    "{consortium}：成员{members}家，占本地机构的{share}%，超过政策包设定的上限。",
    "{consortium}: {members} members, {share} % of the area's institutions: above the limit that the pack sets.",
)
PLAIN = Text(
    "{consortium}：没有超出本区域常态的闲置成员。", "{consortium}: no more idle members than usual here."
)


def members(tables: Tables, span: Span, *, region: str) -> list[Member]:
    """All members that stand in the region at the end of ``span``, with what was done during it."""
    present = [month for month in tables.months("institutions") if month in span]
    if not present:
        return []
    sites = _within(tables, "institutions", span)
    sites = sites.filter(sites.division.startswith(region), sites.consortium.notnull(), sites.role != "lead")
    stay = sites.group_by("consortium", "institution").aggregate(months=sites.count(), last=sites.month.max())
    stay = stay.filter(stay.last == present[-1])
    joined = stay.select("consortium", "institution", "months")
    for name, done in (
        ("referrals", _referred(tables, span)),
        ("remote", _asked(tables, span)),
        ("days", _supported(tables, span)),
    ):
        joined = joined.left_join(done, ["consortium", "institution"])
        joined = joined.select(
            *(each for each in joined.columns if each not in {"n", "consortium_right", "institution_right"}),
            **{name: joined.n.fill_null(0)},
        )
    return sorted(Member(**{key: row[key] for key in Member.__slots__}) for row in tables.run(joined))


def _within(tables: Tables, fact: str, span: Span) -> Any:
    rows = tables.table(fact)
    return rows.filter(rows.month.between(span.first, span.last))


def _referred(tables: Tables, span: Span) -> Any:
    rows = _within(tables, "referrals", span)
    rows = rows.filter(rows.sender_consortium == rows.receiver_consortium)
    ends = [rows.select(consortium="sender_consortium", institution=end) for end in ("sender", "receiver")]
    both = ibis.union(*ends)
    return both.group_by("consortium", "institution").aggregate(n=both.count())


def _asked(tables: Tables, span: Span) -> Any:
    rows = _within(tables, "remote", span)
    rows = rows.filter(rows.sender_consortium == rows.receiver_consortium)
    return rows.group_by(consortium=rows.sender_consortium, institution=rows.sender).aggregate(n=rows.count())


def _supported(tables: Tables, span: Span) -> Any:
    rows = _within(tables, "support", span)
    rows = rows.filter(rows.direction == "down", rows.consortium.notnull())
    return rows.group_by("consortium", institution=rows.receiver).aggregate(n=rows.days.sum())


def judge_land(
    everybody: Iterable[Member], *, institutions: int, limits: LandLimits | None = None
) -> tuple[Land, ...]:
    """Every consortium's members against those of the others.

    Args:
        institutions: how many the area has at all.
    """
    limits = limits or LandLimits()
    by: dict[str, list[Member]] = defaultdict(list)
    for each in everybody:
        by[each.consortium].append(each)
    settled = {key: [each for each in mine if each.months >= limits.settled] for key, mine in by.items()}
    keys = sorted(by)
    chances = [_chance(key, settled, limits) for key in keys]
    stand = discoveries(chances, limits.false)
    return tuple(
        _land(key, by[key], settled[key], chance, beyond, institutions, limits)
        for key, chance, beyond in zip(keys, chances, stand, strict=True)
    )


def _chance(key: str, settled: dict[str, list[Member]], limits: LandLimits) -> float:
    others = [each for other, mine in settled.items() if other != key for each in mine]
    usual = (
        max(limits.usual, (sum(each.idle for each in others) + 1) / (len(others) + 2))
        if others
        else limits.usual
    )
    mine = settled[key]
    return binomial_tail(sum(each.idle for each in mine), len(mine), min(usual, 0.99))


def _land(
    key: str,
    every: Sequence[Member],
    settled: Sequence[Member],
    chance: float,
    beyond: bool,
    institutions: int,
    limits: LandLimits,
) -> Land:
    idle = tuple(sorted(each.institution for each in settled if each.idle))
    enough = len(settled) >= limits.members and Fraction(len(idle), len(settled)) >= limits.idle
    found = beyond and enough
    share = Fraction(len(every), institutions) if institutions else Fraction(0)
    large = (limits.most_members is not None and len(every) > limits.most_members) or (
        limits.most_share is not None and share > limits.most_share
    )
    fields = {
        "consortium": key,
        "settled": len(settled),
        "months": limits.settled,
        "idle": len(idle),
        "members": len(every),
        "share": f"{float(share) * 100:.0f}",
    }
    words = [LOOK] * found + [LARGE] * large or [PLAIN]
    zh, en = (
        "".join(each.fill(fields) for each in words),
        " ".join(each.fill(fields, "en") for each in words),
    )
    return Land(key, len(every), len(settled), idle, share, chance, found, large, Text(zh, en))
