"""The admission centre of the hospital that a demonstration shows: its catalogue, and cases in every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.residents.rules.vocabulary import Sex
from tiercare.engines.population.draws import Chance
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from ..models import Case, CaseStep
from ..queries.centre import criteria_of, day_surgery_tier, unit_of
from ..queries.keeping import registers_of
from ..rules.cases import FUNCTIONS, CaseKind, CaseState, Step, StepState, checklist, may_open
from ..rules.criteria import STAGE_OF, Stage
from ..rules.demonstration import CRITERIA, DISEASES, PROCEDURES
from .cases import cancel_case, finish_step, open_case
from .centre import enter_procedure, keep_criteria, keep_unit

# Ours: cases a day of each kind, how readily a step is done, and how many come to nothing.
_OPENED = {CaseKind.ADMISSION: 0.9, CaseKind.ELECTIVE_SURGERY: 0.5, CaseKind.DAY_SURGERY: 0.8}
_GOES_ON, _GIVEN_UP = 0.55, 0.03

# The departments that admit so: internal medicine and surgery, by the codes of licensed specialties.
_WARDS = {CaseKind.ADMISSION: "03", CaseKind.ELECTIVE_SURGERY: "04", CaseKind.DAY_SURGERY: "04"}

# A new patient; laying a patient into a bed for a case: case, resident, sex, moment.
Patient = Callable[[], tuple[UUID, Sex]]
Bedder = Callable[[UUID, UUID, Sex, datetime], None]


class Centre:
    """Admissions and operations, day by day; the same for the same draws."""

    def __init__(self, office: Actor, draws: Chance, patient: Patient, bed: Bedder) -> None:
        assert office.institution_id is not None
        self._office, self._id = office, office.institution_id
        self._draws, self._patient, self._bed = draws, patient, bed
        self._cases: dict[UUID, tuple[CaseKind, UUID, Sex]] = {}
        self._procedures: list[UUID] = []

    def begin(self) -> None:
        """What the centre runs, what is done as day surgery, and by what patients are admitted and discharged."""
        keep_unit(self._office, institution_id=self._id, functions=FUNCTIONS, day_surgery=True)
        self._procedures = [
            enter_procedure(self._office, institution_id=self._id, name=name) for name in PROCEDURES
        ]
        for (disease, stage), items in CRITERIA.items():
            keep_criteria(
                self._office, institution_id=self._id, disease=disease, stage=Stage(stage), items=items
            )

    def day(self, now: datetime) -> None:
        """Some cases go on by a step, some come to nothing, and new ones begin."""
        for case_id in list(self._cases):
            if self._draws.random() < _GIVEN_UP:
                cancel_case(self._office, case_id=case_id, reason="患者改变主意")
                del self._cases[case_id]
            elif self._draws.random() < _GOES_ON:
                self._go_on(case_id, now)
        for kind, readily in _OPENED.items():
            if self._draws.random() < readily:
                self._open(kind, day_of(now))

    def _open(self, kind: CaseKind, day: date) -> None:
        every, ward = registers_of(self._office).departments, _WARDS[kind]
        departments = [each for each in every if each.specialty_code.startswith(ward)] or every[:1]
        if not departments or may_open(kind, unit_of(self._id), tier=day_surgery_tier(self._id, on=day)):
            return
        resident, sex = self._patient()
        case = open_case(
            self._office,
            kind=kind,
            institution_id=self._id,
            resident_id=resident,
            department_id=self._draws.choice(departments).id,
            procedure_id=None if kind is CaseKind.ADMISSION else self._draws.choice(self._procedures),
            disease=self._draws.choice(DISEASES) if kind is CaseKind.ADMISSION else "",
        )
        self._cases[case] = kind, resident, sex

    def _go_on(self, case_id: UUID, now: datetime) -> None:
        kind, resident, sex = self._cases[case_id]
        with scoped(self._office):
            steps = CaseStep.objects.filter(case_id=case_id, state=StepState.OPEN.value)
            step = Step(steps.order_by("position").values_list("step", flat=True)[0])
        if step is Step.ADMISSION and kind is not CaseKind.DAY_SURGERY:
            self._bed(case_id, resident, sex, now)  # which takes the step off; without a free bed they wait
            return
        state = finish_step(
            self._office,
            case_id=case_id,
            step=step,
            ticked=range(len(checklist(kind, step))),
            met=self._criteria(case_id, step),
        )
        if state is not CaseState.OPEN:
            del self._cases[case_id]

    def _criteria(self, case_id: UUID, step: Step) -> tuple[str, ...]:
        """All that the list of the case's disease asks for at this step."""
        with scoped(self._office):
            disease = Case.objects.values_list("disease", flat=True).get(id=case_id)
        if not disease or step not in STAGE_OF:
            return ()
        lists = criteria_of(self._id, disease=disease)
        return next((each.items for each in lists if each.stage is STAGE_OF[step]), ())
