"""A year of a small 芜湖, made by hand: few enough visits to count on paper, at institutions of the register.

2019, of 10 visits in 镜湖's consortium 6 are at primary care; 镜湖's lead sees 4. In 弋江's, 4 visits, 1 at primary care.
2018: 4 visits in 镜湖's consortium, 2 at primary care. So of all 14 visits of 2019 7 are at primary care: one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Role
from tiercare.kernel.actor import Actor

from ...unit.measures.frames import filled
from ...unit.measures.made import put

LEAD, STATION = "wuhu-second_hospital", "wuhu-jinghu_fangcun"
OTHER_LEAD, OTHER_STATION = "wuhu-municipal_tcm_hospital", "wuhu-yijiang_zhongnan"
JINGHU, YIJIANG = "wuhu-city-jinghu", "wuhu-city-yijiang"
# institution, tier, division, consortium, role, visits in 2018 and in 2019
PLACES: tuple[tuple[str, str, str, str, str, int, int], ...] = (
    (LEAD, "tertiary", "340202", JINGHU, "lead", 2, 4),
    (STATION, "primary", "340202", JINGHU, "member", 2, 6),
    (OTHER_LEAD, "tertiary", "340203", YIJIANG, "lead", 0, 3),
    (OTHER_STATION, "primary", "340203", YIJIANG, "member", 0, 1),
)


def visits(year: int) -> list[dict[str, Any]]:
    """The visits of a year, one a day from its second of January on."""
    made: list[dict[str, Any]] = []
    for institution, tier, division, consortium, role, before, now in PLACES:
        for number in range(before if year == 2018 else now):
            made.append(
                filled(
                    "visits",
                    visit=f"{institution}-{year}-{number}",
                    person=f"P-{institution}-{number}",
                    kind="outpatient",
                    date=date(year, 1, 2 + len(made)),
                    institution=institution,
                    tier=tier,
                    place=division,
                    consortium=consortium,
                    role=role,
                    home=division,
                    home_consortium=consortium,
                    diagnosis="J06.9",
                    arrival="self",
                    cost=10_000,
                    fund=6_000,
                    own=4_000,
                )
            )
    return made


def lay(root: Path, *, more: Sequence[dict[str, Any]] = (), seed: str = "hand") -> Path:
    """Both years into a store under ``root``, as one batch, marked synthetic; ``more`` are further visits."""
    months: dict[int, list[dict[str, Any]]] = {}
    for row in (*visits(2018), *visits(2019), *more):
        months.setdefault(row["month"], []).append({name: row[name] for name in row if name != "month"})
    put(root, "visits", months, seed=seed, synthetic=True)
    return root


def commission(area: str = "3402") -> Actor:
    """Somebody of the health commission of an area."""
    return Actor(UUID(int=9), "测试·卫健委", Role.COMMISSION.value, division_code=area)


def office_of(institution_id: UUID, role: Role = Role.CONSORTIUM_OFFICE) -> Actor:
    """Somebody of an institution's office."""
    return Actor(
        UUID(int=8), "测试·医联体办公室", role.value, institution_id=institution_id, division_code="340202"
    )
