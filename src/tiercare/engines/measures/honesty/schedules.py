"""Days that cannot be: more patients than the physicians of an institution can see, and one person in two beds at once.

Facts know the day and not the hour: one person at two places on one day is possible and is not looked at, and a stay may begin on the
day the one before ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import ibis

from tiercare.kernel.text import Text

from ..evaluate import Tables
from ..periods import Span
from .findings import Finding, Kind, said
from .rows import key_of, sample, within

_OVERWORKED = Text(
    "{who}有{n}天门急诊量超过每名医师每日{most}人次：最多的一天{day}有{visits}人次、在岗医师{physicians}名。"
    "请看是否集中补录、日期写成了上传日，或者人员名册没有更新。",
    "{who} has {n} days with more than {most} patients a physician: most on {day}, {visits} patients and {physicians} physicians "
    "on the list. See whether rows were entered later under one date, or the list of staff is out of date.",
)
_NOBODY = Text(
    "{who}自{month}起有{n}个月共{visits}人次门急诊，人员名册上却没有医师。请看名册是否漏报或职业填错。",
    "{who} has {visits} patients in {n} months from {month} on and staff on its list, but no physician. See whether some were left "
    "out or their profession is wrong.",
)
_OVERLAPPING = Text(
    "有{n}次住院与同一人的另一次住院日期重叠，涉及{who}家机构。请看是否转科写成了两次住院、出院日期未填对，或者假名撞了。",
    "{n} stays overlap with another stay of the same person, at {who} institutions. See whether a transfer of ward became two stays, "
    "a discharge is misdated, or two people share a pseudonym.",
)


def overworked(tables: Tables, span: Span, *, most: int, professions: Sequence[str]) -> list[Finding]:
    """Institutions with days of more than ``most`` outpatients and emergencies for each of those who see patients.

    Args:
        professions: who sees patients, in the words of ``staff.profession``.

    Only those that sent staff in that month are looked at: hospitals elsewhere are in no list of ours.
    """
    visits, staff = within(tables, "visits", span), within(tables, "staff", span)
    visits = visits.filter(visits.kind != "inpatient")
    days = visits.group_by("institution", "month", "date").aggregate(visits=visits.count())
    sees = staff.profession.isin(list(professions))
    listed = staff.group_by("institution", "month").aggregate(physicians=staff.person.nunique(where=sees))
    both = days.join(listed, ["institution", "month"])
    beyond = both.filter(both.visits > both.physicians * most)
    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables.run(beyond.order_by("institution", "date")):
        by[row["institution"]].append(dict(row))
    return [found for key, rows in by.items() for found in _findings(tables, visits, key, rows, most)]


def _findings(
    tables: Tables, visits: Any, key: str, rows: Sequence[dict[str, Any]], most: int
) -> list[Finding]:
    found = []
    nobody = [row for row in rows if row["physicians"] == 0]
    if nobody:
        count, months = sum(row["visits"] for row in nobody), sorted({row["month"] for row in nobody})
        fields = {
            "who": key,
            "n": len(months),
            "month": f"{months[0] // 100}-{months[0] % 100:02}",
            "visits": count,
        }
        mine = sample(tables, "visits", visits.filter(visits.institution == key, visits.month.isin(months)))
        text = said(_NOBODY, fields)
        found.append(Finding(Kind.NOBODY, "visits", "date", (key,), count, mine, float(count), None, text))
    full = [row for row in rows if row["physicians"]]
    if full:
        worst = max(full, key=lambda row: (row["visits"] / row["physicians"], row["date"]))
        fields = {
            "who": key,
            "n": len(full),
            "most": most,
            "day": worst["date"].isoformat(),
            "visits": worst["visits"],
            "physicians": worst["physicians"],
        }
        mine = sample(
            tables, "visits", visits.filter(visits.institution == key, visits.date == worst["date"])
        )
        strength = worst["visits"] / worst["physicians"] / most
        count = sum(row["visits"] for row in full)
        text = said(_OVERWORKED, fields)
        found.append(Finding(Kind.OVERWORKED, "visits", "date", (key,), count, mine, strength, None, text))
    return found


def overlapping(tables: Tables, span: Span, *, most: int = 20) -> Finding | None:
    """Stays that begin before an earlier one of the same person has ended."""
    rows = within(tables, "visits", span)
    stays = rows.filter(rows.kind == "inpatient", rows.admitted.notnull())
    before = ibis.window(
        group_by=stays.person, order_by=[stays.admitted, stays.date, stays.visit], preceding=(None, 1)
    )
    beyond = stays.mutate(until=stays.date.max().over(before))
    beyond = beyond.filter(beyond.until.notnull(), beyond.until > beyond.admitted)
    total = next(iter(tables.run(beyond.aggregate(n=beyond.count(), who=beyond.institution.nunique()))))
    if not total["n"]:
        return None
    places = beyond.select("institution").distinct().order_by("institution").limit(most)
    return Finding(
        Kind.OVERLAPPING,
        "visits",
        "admitted",
        tuple(row["institution"] for row in tables.run(places)),
        int(total["n"]),
        tuple(
            key_of("visits", row) for row in tables.run(beyond.select("visit").order_by("visit").limit(most))
        ),
        float(total["n"]),
        None,
        said(_OVERLAPPING, {"n": total["n"], "who": total["who"]}),
    )
