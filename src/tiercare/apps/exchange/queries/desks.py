"""Which institutions have named who answers for referrals (XH-42), and whose channels are therefore open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet, ParameterProblem, carries, parameter
from tiercare.kernel.refusal import Refused

from ..models import Desk

CLAUSE = "XH-42"
PEOPLE = "referral_staff"
_DEPARTMENT = """
SELECT EXISTS (SELECT FROM network_department d WHERE d.id = %(department)s AND d.institution_id = %(institution)s
               AND d.period @> %(on)s::date) AS there
"""


def people_asked(area: str, *, packs: PackSet | None = None, on: date | None = None) -> int:
    """How many people a referral desk must have in this area; 0 where no document asks for a desk."""
    on = on or ledger.today()
    known, key = packs or mandates.packs(), f"{CLAUSE}.{PEOPLE}"
    try:
        pack = mandates.pack_in_force(area, on=on)
        if not carries(known, key, pack):
            return 0
        answer = parameter(known, key, pack, on=on)
    except (Refused, ParameterProblem):
        return 0
    return int(answer.value) if isinstance(answer.value, int | float) else 0


def without_desk(
    institutions: Sequence[UUID], *, area: str, packs: PackSet | None = None, on: date | None = None
) -> list[UUID]:
    """Those of the institutions that lack the desk which the area's documents ask for."""
    asked = people_asked(area, packs=packs, on=on)
    if not asked:
        return []
    found = Desk.objects.filter(institution_id__in=institutions).values_list("institution_id", "staff")
    kept = {institution for institution, staff in found if len(staff) >= asked}
    return [each for each in institutions if each not in kept]


def desk_of(institution_id: UUID) -> Desk | None:
    """The desk of one institution."""
    return Desk.objects.filter(institution_id=institution_id).first()


def is_department(department_id: UUID, *, of: UUID) -> bool:
    """Whether the department stands in the institution's register today."""
    (row,) = rows(_DEPARTMENT, department=department_id, institution=of, on=ledger.today())
    return bool(row["there"])
