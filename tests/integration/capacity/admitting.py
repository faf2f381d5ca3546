"""What tests of the admission centre share: a hospital that runs one, its department, patients, and a pack changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.commands import relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.capacity.commands import finish_step, keep_unit, open_case
from tiercare.apps.capacity.rules.cases import FUNCTIONS, CaseKind, Step, checklist
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import Department, InstitutionVersion
from tiercare.apps.residents.models import ResponsibleDoctor

from .conftest import Hospital


def altered(monkeypatch: pytest.MonkeyPatch, clause_id: str, **values: Any) -> None:
    """The pack that holds the clause says these values from now on."""
    packs = mandates.packs()
    clause = packs.clause[clause_id]
    pack = packs.packs[clause.pack]
    assert set(values) <= {each.key for each in clause.parameters}
    changed = replace(
        clause,
        parameters=tuple(replace(each, value=values.get(each.key, each.value)) for each in clause.parameters),
    )
    clauses = tuple(changed if each.id == clause.id else each for each in pack.clauses)
    known = replace(packs, packs={**packs.packs, pack.id: replace(pack, clauses=clauses)})
    monkeypatch.setattr(mandates, "packs", lambda extra=(): known)


class Admitting:
    """The hospital's centre, and what its desk does."""

    def __init__(self, hospital: Hospital, register: Callable[..., UUID]) -> None:
        self.hospital, self.register = hospital, register
        self.surgery = self.department("普外科", "04")

    def department(self, name: str, specialty: str) -> UUID:
        return Department.objects.create(
            institution_id=self.hospital.id,
            name=name,
            specialty_code=specialty,
            period=DateRange(date(2018, 1, 1), None),
        ).id

    def run(self, *functions: Step, day_surgery: bool = True) -> None:
        keep_unit(
            self.hospital.office,
            institution_id=self.hospital.id,
            functions=functions or FUNCTIONS,
            day_surgery=day_surgery,
        )

    def level(self, level: int) -> None:
        InstitutionVersion.objects.filter(institution_id=self.hospital.id).update(level=level)

    def patient(self, name: str = "王小明", *, request: UUID | None = None) -> UUID:
        """Somebody whom the hospital looks after; with ``request`` an open request brings them."""
        key = self.register(name)
        with scoped(self.hospital.office):
            relate(
                self.hospital.office,
                resident_id=key,
                institution_id=self.hospital.id,
                division_code="340223",
                kind=Basis.REQUEST if request else Basis.ENCOUNTER,
                source_id=request or key,
            )
        return key

    def sign(self, resident: UUID) -> None:
        """A family doctor of the township answers for them."""
        with scoped(self.hospital.family_doctor):
            ResponsibleDoctor.objects.create(
                resident_id=resident,
                institution_id=self.hospital.site.township,
                doctor_name="示例医生",
                source="test",
                period=DateRange(date(2018, 1, 1), None),
            )

    def begin(self, resident: UUID, kind: CaseKind = CaseKind.ADMISSION, **more: Any) -> UUID:
        values = {"department_id": self.surgery} | more
        return open_case(
            self.hospital.office,
            kind=kind,
            institution_id=self.hospital.id,
            resident_id=resident,
            **values,
        )

    def finish(self, case: UUID, step: Step, kind: CaseKind = CaseKind.ADMISSION, **more: Any) -> Any:
        ticked = more.pop("ticked", range(len(checklist(kind, step))))
        return finish_step(self.hospital.office, case_id=case, step=step, ticked=ticked, **more)


@pytest.fixture
def centre(hospital: Hospital, register: Callable[..., UUID]) -> Admitting:
    """The hospital runs all six functions, and day surgery; it is of the level that the text asks for."""
    made = Admitting(hospital, register)
    made.run()
    made.level(3)
    return made
