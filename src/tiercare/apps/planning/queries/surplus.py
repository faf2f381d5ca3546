"""County hospitals by how little their beds are used, and what the text wants those with too many turned into (XH-120)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import ibis

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.importing import root
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries import network_facts, ours
from tiercare.apps.network.queries.holders import holders
from tiercare.apps.network.rules.facts import Category, Institution
from tiercare.apps.network.rules.profiles import PROFILES
from tiercare.apps.network.workflow import area_proposing
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.store.manifest import regions_in
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

CLAUSE = "XH-120"
SOURCE, TARGETS, LOW = f"{CLAUSE}.source", f"{CLAUSE}.target_types", f"{CLAUSE}.low_bed_use"
_COUNTY_HOSPITALS = "county_hospital"
_NO_INSTITUTION = UUID(int=0)  # numbers of an area are nobody's own
_NOTHING = (0, 0, 0)
_MONTHS_BACK = 12  # 一年: use of beds is told of whole years, so that no season decides
# What the words of the packs name.
_TARGETS: Mapping[str, Category] = {
    "rehab": Category.REHABILITATION,
    "rehabilitation": Category.REHABILITATION,
    "rehab_hospital": Category.REHABILITATION,
    "nursing": Category.NURSING,
    "nursing_home": Category.NURSING,
}


@dataclass(frozen=True, slots=True)
class Used:
    """A hospital and its beds: bed-days used and open in the months that were told; ``months`` of these."""

    id: UUID
    code: str
    name: str
    division: str
    area: str
    category: Category
    level: int
    beds: int
    used: int
    open: int
    months: int
    surplus: bool

    @property
    def share(self) -> float | None:
        """Bed-days used ÷ bed-days open; ``None`` where nothing was told."""
        return self.used / self.open if self.open else None


@dataclass(frozen=True, slots=True)
class Surplus:
    """The list, the least used first and those without numbers last; ``low`` is the pack's threshold, ``targets`` what they may become;
    ``first`` and ``last`` are the months looked at (YYYYMM)."""

    rows: tuple[Used, ...]
    low: float | None
    targets: tuple[Category, ...]
    first: int
    last: int
    synthetic: bool


def surplus(actor: Actor, pack: str, *, on: date) -> Surplus:
    """County hospitals of the actor's area in the pack's region, by low use of beds in the twelve months up to the day.

    Raises:
        Refused: if the actor sees no numbers there, or no text of the region asks for it.
    """
    area = area_proposing(actor, mandates.packs().packs[pack].region)
    refuse(may(actor, Right.EVALUATION_READ, division=area, institution_id=_NO_INSTITUTION))
    if not ours.words(SOURCE, pack, on=on):
        raise Refused(_NOT_ASKED)
    facts = network_facts(area, on=on)
    hospitals = [each for each in facts.local() if PROFILES[_COUNTY_HOSPITALS](each)]
    first, last = _months(on)
    keys = {ids[0]: key for key, ids in holders(on=on).institutions.items()}  # itself comes first
    told, synthetic = _told(area, [keys[UUID(each.id)] for each in hospitals], first, last)
    low = ours.number(LOW, pack, on=on)
    rows = [
        _row(
            each,
            keys[UUID(each.id)],
            told.get(keys[UUID(each.id)], _NOTHING),
            facts.area_name(each.division),
            low,
        )
        for each in hospitals
    ]
    rows.sort(key=lambda row: (row.share is None, row.share or 0.0, row.name))
    targets = [_TARGETS[word] for word in ours.words(TARGETS, pack, on=on) if word in _TARGETS]
    return Surplus(tuple(rows), low, tuple(targets), first, last, synthetic)


def _row(each: Institution, key: str, told: tuple[int, int, int], area: str, low: float | None) -> Used:
    used, opened, months = told
    return Used(
        id=UUID(each.id),
        code=key,
        name=each.name,
        division=each.division,
        area=area,
        category=each.category,
        level=each.level,
        beds=each.beds,
        used=used,
        open=opened,
        months=months,
        surplus=low is not None and opened > 0 and used / opened < low,
    )


def _told(
    area: str, keys: Sequence[str], first: int, last: int
) -> tuple[Mapping[str, tuple[int, int, int]], bool]:
    """Bed-days used, bed-days open and months told of each hospital, by its register key; and whether any of it is made up."""
    inside = [code for code in regions_in(root()) if code.startswith(area) or area.startswith(code)]
    if not inside or not keys:
        return {}, False
    with Store(root(), regions=inside) as store:
        if not store.months("institutions"):
            return {}, False
        rows = store.table("institutions")
        wanted = rows.filter(
            rows.month.between(first, last), rows.institution.isin(list(keys)), rows.bed_days_open.notnull()
        )
        sums = wanted.group_by(key=wanted.institution).aggregate(
            used=ibis._.bed_days_used.sum(), opened=ibis._.bed_days_open.sum(), months=ibis._.month.nunique()
        )
        found = {
            row["key"]: (int(row["used"] or 0), int(row["opened"] or 0), int(row["months"]))
            for row in store.run(sums)
        }
        return found, bool(found) and store.synthetic


def _months(on: date) -> tuple[int, int]:
    """The twelve months that end with the day's."""
    count = on.year * 12 + on.month - _MONTHS_BACK
    return count // 12 * 100 + count % 12 + 1, on.year * 100 + on.month


_NOT_ASKED = Refusal(
    code="planning.surplus_not_asked",
    message=Text(
        "本地区的文件没有要求县级医院转型。",
        "No text in force here wants county hospitals turned into others.",
    ),
    instead=Text(
        "机构类别变更可从“试一试变更”办理。", "Another category of an institution is a change like any other."
    ),
    status=404,
)
