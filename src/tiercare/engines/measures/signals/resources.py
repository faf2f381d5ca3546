"""Who holds the beds, and what is left to private providers (垄断资源, 挤压社会办医: YN-102): shares, held against limits of a pack.

No verdict of its own: the texts give no number. Without limits these are two lines on the supervision page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tiercare.kernel.text import Text

from ..evaluate import Tables
from ..periods import Span


@dataclass(frozen=True, slots=True)
class Resources:
    """Shares of an area.

    Attributes:
        beds: of each consortium, at the end of the time; ``all_beds`` of everybody.
        private: visits to private institutions and to all, past and now.
    """

    beds: Mapping[str, int]
    all_beds: int
    private: tuple[tuple[int, int], tuple[int, int]]

    def alerts(self, *, most_beds: Fraction | None, least_private: Fraction | None) -> tuple[Text, ...]:
        """What exceeds the limits that a pack sets; ``least_private`` is the factor to which the private share may fall."""
        said = []
        for key, beds in sorted(self.beds.items()):
            if most_beds is not None and self.all_beds and Fraction(beds, self.all_beds) > most_beds:
                share = f"{beds / self.all_beds * 100:.0f}"
                said.append(
                    Text(
                        f"{key}：床位占本地的{share}%，超过政策包设定的上限。",
                        f"{key}: {share} % of the area's beds, above the limit that the pack sets.",
                    )
                )
        (before, of_before), (now, of_now) = self.private
        if (
            least_private is not None
            and before
            and of_now
            and now * of_before < least_private * before * of_now
        ):
            a, b = (f"{x / y * 100:.1f}" for x, y in self.private)
            said.append(
                Text(
                    f"社会办医疗机构诊疗人次占比由{a}%降到{b}%，低于政策包允许的幅度；请看原因。",
                    f"The private share of visits fell from {a} % to {b} %, by more than the pack allows; see why.",
                )
            )
        return tuple(said)


def resources(tables: Tables, *, past: Span, now: Span) -> Resources:
    """The shares of everything in ``tables``."""
    present = [month for month in tables.months("institutions") if month in now]
    beds: dict[str | None, int] = {}
    if present:
        sites = tables.table("institutions")
        sites = sites.filter(sites.month == present[-1])
        rows = sites.group_by("consortium").aggregate(n=sites.beds.sum())
        beds = {row["consortium"]: int(row["n"]) for row in tables.run(rows)}
    return Resources(
        {key: count for key, count in beds.items() if key is not None},
        sum(beds.values()),
        (_private(tables, past), _private(tables, now)),
    )


def _private(tables: Tables, span: Span) -> tuple[int, int]:
    visits, sites = (_within(tables, fact, span) for fact in ("visits", "institutions"))
    sites = sites.select("institution", "month", "public")
    rows = visits.select("institution", "month").join(sites, ["institution", "month"])
    found = next(iter(tables.run(rows.aggregate(a=rows.count(where=~rows.public), b=rows.count()))))
    return int(found["a"]), int(found["b"])


def _within(tables: Tables, fact: str, span: Span) -> Any:
    rows = tables.table(fact)
    return rows.filter(rows.month.between(span.first, span.last))
