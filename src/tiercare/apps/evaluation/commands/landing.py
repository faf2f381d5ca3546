"""Collected members (跑马圈地): more than the pack's limit, idle ones, and joins beside the approved plan (NHC-83)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules.joins import Join, bypassing
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.signals import Land, LandLimits, judge_land, members
from tiercare.engines.measures.store import Store
from tiercare.kernel.text import Text

from .noticed import Noticed, both, finite, listed, number, share

LAND = "land_grab"
_NAMED = 5  # of the joins in the sentence; all of them stand in the content
BESIDE = Text(
    "{consortium}（牵头医院{lead}）{span}年有{count}家加入没有规划依据：{names}{more}。请先核对批准文件和网格是否已登记。",
    "{consortium} (led by {lead}): {count} joined in {span} beside the plan: {names}{more}. First see whether approvals and "
    "grids are on record.",
)


def joins_in(region: str, pack: str, spans: Sequence[Span]) -> list[Join]:
    """What joined consortia of the region during these years, with what each rests on."""
    if not spans:
        return []
    first, last = min(each.first for each in spans), max(each.last for each in spans)
    return network.joins_of(region, pack, first=_first_day(first), last=_last_day(last))


def land(store: Store, book: Book, span: Span, region: str, joins: Sequence[Join] = ()) -> Iterator[Noticed]:
    """What is noticed of every consortium in this year."""
    beside = _beside(book, span, joins)
    limits = LandLimits(
        most_members=number(book, "land_most_members"), most_share=share(book, "land_most_percent")
    )
    found = {each.consortium: each for each in _judged(store, span, region, limits)}
    leads = _leads(store, span)
    for key in sorted({each.consortium for each in found.values() if each.found or each.large} | set(beside)):
        content: dict[str, Any] = {**_told(found.get(key), beside.get(key, ()), span)}
        judged = found.get(key)
        if judged is not None:
            content |= {
                "members": judged.members,
                "settled": judged.settled,
                "idle": list(judged.idle),
                "share": float(judged.share),
                "chance": finite(judged.chance),
                "most_members": limits.most_members,
                "most_share": None if limits.most_share is None else float(limits.most_share),
            }
        if key in leads:
            content |= {"lead": leads[key][0], "lead_tier": leads[key][1]}
        if key in beside:
            content |= {"joins": [_plain(each) for each in beside[key]], "joined_beside": len(beside[key])}
        yield Noticed("signal", LAND, span, Level.CONSORTIUM, key, content)


def _beside(book: Book, span: Span, joins: Iterable[Join]) -> Mapping[str, Sequence[Join]]:
    """By consortium, those of the year that rest on nothing that the pack accepts; none where it says nothing of it."""
    level = number(book, "land_plan_lead_level")
    if level is None:
        return {}
    within = [each for each in joins if each.on.year * 100 + each.on.month in span]
    found: dict[str, list[Join]] = defaultdict(list)
    for each in bypassing(
        within,
        accepted=listed(book, "land_plan_grounds"),
        kinds=listed(book, "land_plan_kinds"),
        level=level,
    ):
        found[each.consortium].append(each)
    return found


def _judged(store: Store, span: Span, region: str, limits: LandLimits) -> Sequence[Land]:
    months = [month for month in store.months("institutions") if month in span]
    if not months:
        return ()
    sites = store.table("institutions")
    inside = sites.filter(sites.month == months[-1], sites.division.startswith(region))
    count = next(iter(store.run(inside.aggregate(n=inside.count()))))["n"]
    return judge_land(members(store, span, region=region), institutions=int(count), limits=limits)


def _leads(store: Store, span: Span) -> Mapping[str, tuple[str, str]]:
    """Who leads each consortium at the end of the year, and of which tier it is: whether it is a tertiary hospital is what
    the clause asks."""
    months = [month for month in store.months("institutions") if month in span]
    if not months:
        return {}
    sites = store.table("institutions")
    led = sites.filter(sites.month == months[-1], sites.role == "lead", sites.consortium.notnull())
    rows = store.run(led.select("consortium", "institution", "tier"))
    return {row["consortium"]: (row["institution"], row["tier"]) for row in rows}


def _told(judged: Land | None, beside: Sequence[Join], span: Span) -> dict[str, str]:
    """The sentences of what was found: of the numbers, of the joins, or of both."""
    texts = [judged.text] if judged is not None and (judged.found or judged.large) else []
    if beside:
        texts.append(_sentence(beside, span))
    return both(Text("".join(each.zh for each in texts), " ".join(each.en for each in texts)))


def _sentence(beside: Sequence[Join], span: Span) -> Text:
    shown = beside[:_NAMED]
    left = len(beside) > len(shown)
    fields = {
        "consortium": beside[0].consortium_name,
        "lead": beside[0].lead_name or "—",
        "span": str(span),
        "count": len(beside),
        "names": Text(
            "、".join(f"{each.member_name}（{each.on}）" for each in shown),
            ", ".join(f"{each.member_name} ({each.on})" for each in shown),
        ),
        "more": Text("等" if left else "", " …" if left else ""),
    }
    return Text(BESIDE.fill(fields), BESIDE.fill(fields, "en"))


def _plain(join: Join) -> dict[str, Any]:
    return {
        "key": join.member,
        "name": join.member_name,
        "on": join.on.isoformat(),
        "whole": join.whole,
        "id": str(join.member_id),
    }


def _first_day(month: int) -> date:
    return date(month // 100, month % 100, 1)


def _last_day(month: int) -> date:
    return _first_day(month + 89 if month % 100 == 12 else month + 1) - timedelta(days=1)
