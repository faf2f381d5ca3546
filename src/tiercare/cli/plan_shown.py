"""What ``tiercare plan`` prints and writes: plans, what they break, what changes for whom, gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tiercare.apps.planning import queries
from tiercare.engines.planning.comparing import Compared
from tiercare.engines.planning.judging import Broken, Weight
from tiercare.engines.planning.regions import Plan, Region, grids

from .plan_ground import SHOWN


def told(region: Region, plan: Plan) -> dict[str, Any]:
    """A plan as a file keeps it."""
    return {
        "lead_of": dict(plan.lead_of),
        "leads": {lead.key: lead.name for lead in region.leads},
        "cost": plan.parts.total,
        "bound": plan.bound,
        "gap": plan.gap,
        "beyond": list(plan.beyond),
    }


def broken(wrong: Sequence[Broken]) -> dict[str, list[str]]:
    """What a plan breaks, rules and wishes apart."""
    return {
        "broken": [each.text.zh for each in wrong if each.kind is Weight.RULE],
        "wishes_missed": [each.text.zh for each in wrong if each.kind is Weight.WISH],
    }


def compared(beside: Compared) -> dict[str, Any]:
    """Two plans beside each other, for programs."""
    return {
        "people_nearer": beside.gain,
        "people_farther": beside.lose,
        "people_moved": beside.moved,
        "before": _even(beside, after=False),
        "after": _even(beside, after=True),
        "changes": [
            {
                "place": each.place,
                "people": each.people,
                "from": each.before,
                "to": each.after,
                "minutes": each.minutes,
            }
            for each in beside.changes
        ],
    }


def _even(beside: Compared, *, after: bool) -> dict[str, float]:
    even = beside.after if after else beside.before
    return {"mean": even.mean, "worst_tenth": even.worst, "gini": even.gini}


def table(region: Region, plan: Plan, title: str) -> Table:
    """The grids of a plan."""
    found = Table(
        "牵头医院 lead",
        "地方 places",
        "人口 people",
        "每千人床位 beds/1,000",
        "平均 mean min",
        "最远 farthest",
        title=title,
    )
    people = {place.key: place.people for place in region.places}
    parts = grids(plan)
    for lead in region.leads:
        mine = parts.get(lead.key, [])
        count = sum(people[key] for key in mine)
        mean = sum(plan.minutes[key] * people[key] for key in mine) / count if count else 0.0
        beds = f"{1000 * lead.share / count:.1f}" if count else "—"
        farthest = f"{max((plan.minutes[key] for key in mine), default=0.0):.0f}"
        found.add_row(lead.name, str(len(mine)), f"{count:,.0f}", beds, f"{mean:.0f}", farthest)
    return found


def print_ground(console: Console, ground: queries.Ground) -> None:
    """What whoever looks at a plan of this ground should know."""
    if ground.left_out:
        shown = "、".join(ground.left_out[:SHOWN]) + ("…" if len(ground.left_out) > SHOWN else "")
        console.print(f"[yellow]未纳入 left out {len(ground.left_out)}: {shown}[/]")
    for text in (*ground.told, *ground.lacking):
        console.print(f"[yellow]{text.zh}[/] {text.en}")
    primary = ground.primary
    if primary is not None:
        console.print(
            f"离最近的基层机构超过 {primary.limit:g} 分钟的有 {primary.people:,.0f} 人（{primary.share:.1%}） "
            f"people farther than {primary.limit:g} min from primary care"
        )
    if ground.estimated:
        console.print("路程由示意位置估算。 Minutes are estimated from illustrative positions.", style="dim")


def print_worth(console: Console, plan: Plan) -> None:
    """What a plan costs, and how good that is."""
    gap = (
        "已证最优 proven best"
        if plan.gap == 0
        else f"距最优不超过 at most {100 * plan.gap:.2f} % above the best"
    )
    parts = plan.parts
    console.print(
        f"代价 cost {parts.total:,.0f}（路程 travel {parts.travel:,.0f} · 不均 uneven {parts.uneven:,.0f} · "
        f"改换 change {parts.change:,.0f} · 跨界 border {parts.border:,.0f} · 超时 far {parts.far:,.0f}，"
        f"人·分钟 person-minutes）；{gap}"
    )
    if plan.beyond:
        console.print(
            f"[yellow]{len(plan.beyond)} 个地方在时限内到不了任何牵头医院 places reach no lead in time[/]"
        )


def print_wrong(console: Console, wrong: Sequence[Broken], cards: int, healed: int) -> None:
    """What a plan breaks: rules in red, wishes that it could not keep in yellow."""
    for each in wrong:
        console.print(
            f"  [{'red' if each.kind is Weight.RULE else 'yellow'}]{each.text.zh}[/] {each.text.en}"
        )
    rules = sum(each.kind is Weight.RULE for each in wrong)
    console.print(
        f"方案规则：违反 broken {rules}，未能如愿 wishes missed {len(wrong) - rules}；"
        f"规则卡：新违反 newly broken {cards}，改好 healed {healed}"
    )


def print_beside(console: Console, before: Region, after: Region, beside: Compared) -> None:
    """Who gains and who loses."""
    names = {place.key: place.name for place in after.places}
    names |= {lead.key: lead.name for lead in (*before.leads, *after.leads)}
    console.print(
        f"与今天相比 against today: 近了 nearer {beside.gain:,.0f} 人，远了 farther {beside.lose:,.0f} 人，改换 moved {beside.moved:,.0f} 人；"
        f"平均 mean {beside.before.mean:.1f} → {beside.after.mean:.1f} 分钟，最远的一成 worst tenth "
        f"{beside.before.worst:.1f} → {beside.after.worst:.1f}，基尼 Gini {beside.before.gini:.3f} → {beside.after.gini:.3f}"
    )
    for each in beside.changes[:SHOWN]:
        console.print(
            f"  {names[each.place]}（{each.people:,.0f} 人）{names[each.before]} → {names[each.after]}，{each.minutes:+.0f} 分钟 min"
        )


def gaps_table(gaps: queries.Gaps, title: str) -> Table:
    """What areas lack and the cheapest ways."""
    found = Table(
        "县区 area",
        "标准 standard",
        "有 has",
        "应有 wanted",
        "缺 lacking",
        "最省的办法 cheapest",
        "价 price",
        title=title,
    )
    for row in gaps.rows:
        counted = row.standard
        clause = "、".join(counted.standard.clauses) if not counted.ours else "平台缺省 ours"
        name = f"{counted.standard.name.zh}（{clause}）"
        ways = "；".join(f"{way.name.zh} ×{times}" for way, times in row.ways) or "—"
        left = f"；还缺 left {row.left:,.0f}" if row.left > 0 else ""
        amounts = (f"{each:,.0f}" for each in (row.has, row.wanted, row.lacking))
        found.add_row(row.area_name, name, *amounts, ways + left, f"{row.price:,.0f}")
    return found


def gaps_told(gaps: queries.Gaps) -> dict[str, Any]:
    """The same for programs."""
    return {
        "price_unit": gaps.price_unit.zh,
        "met": gaps.met,
        "unknown": [why.zh for _, why in gaps.unknown],
        "gaps": [
            {
                "area": row.area,
                "standard": row.standard.standard.id,
                "clauses": list(row.standard.standard.clauses),
                "ours": row.standard.ours,
                "has": row.has,
                "wanted": row.wanted,
                "lacking": row.lacking,
                "ways": [{"way": way.id, "name": way.name.zh, "times": times} for way, times in row.ways],
                "price": row.price,
                "left": row.left,
            }
            for row in gaps.rows
        ],
    }
