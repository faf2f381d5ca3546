"""People who may be one, and all that is written about them: for the tests of merging."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.residents import queries
from tiercare.apps.residents.models import (
    Duplicate,
    Merge,
)
from tiercare.apps.residents.rules import IdentityKind
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import id_number

WHY = "本人持证到窗口核对"
PLATFORM = Actor.system("test")
NO_NUMBER = {"identity_kind": IdentityKind.NONE, "number": ""}
PEOPLE = ("王小明", "李晓红", "欧阳娜娜", "赵铁柱", "钱多多", "孙悟净")


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in caught.value.refusals}


@pytest.fixture
def keeper(site) -> Actor:
    return site.actor(Role.INDEX_KEEPER)


@pytest.fixture
def people(register) -> list[UUID]:
    """People nobody would take for one another, the first with a number, the others without."""
    numbered = register(PEOPLE[0], number=id_number(sequence=1))
    return [numbered, *(register(name, **NO_NUMBER, birth_date=None) for name in PEOPLE[1:])]


def report(one: UUID, other: UUID, division: str = "340223", weight: float = 9.0) -> None:
    with scoped(PLATFORM, area=EVERYWHERE):
        first, second = sorted((one, other))
        Duplicate.objects.create(
            first_id=first, second_id=second, division_code=division, weight=weight, reasons=[], source="desk"
        )


def decision(one: UUID, other: UUID) -> str | None:
    with scoped(PLATFORM, area=EVERYWHERE):
        return Duplicate.objects.get(first_id=min(one, other), second_id=max(one, other)).decision


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity"
            " AND (relname LIKE 'residents\\_%' OR relname LIKE 'access\\_%') ORDER BY relname"
        )
        return [name for (name,) in cursor.fetchall()]


def dump(persons: list[UUID]) -> dict[str, list[str]]:
    """All rows of all walled tables; of residents without what a merge may write."""
    found = {}
    with scoped(PLATFORM, persons=persons, area=EVERYWHERE), connection.cursor() as cursor:
        for table in tables():
            if table in ("residents_merge", "residents_duplicate"):
                continue
            plain = (
                "to_jsonb(t) - 'master_id' - 'version'" if table == "residents_resident" else "to_jsonb(t)"
            )
            cursor.execute(f"SELECT ({plain})::text FROM {table} t ORDER BY 1")
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def merges_in_force() -> list[tuple[UUID, UUID]]:
    with scoped(PLATFORM, area=EVERYWHERE):
        return list(Merge.objects.filter(undone_at=None).order_by("at").values_list("kept_id", "merged_id"))


def reads(site, place: str, entry: UUID) -> bool:
    try:
        with queries.opened(site.actor(Role.CLINICIAN, place), entry):
            return True
    except Refused:
        return False
