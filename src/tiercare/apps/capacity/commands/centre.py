"""What a one-stop admission centre (一站式入出院服务中心) keeps: its functions, the day-surgery catalogue, the criteria."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from psycopg.types.range import DateRange, TimestamptzRange

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.events import EventPayload
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import CareUnit, Criteria, DayProcedure
from ..rules.cases import FUNCTIONS, Step
from ..rules.criteria import Stage, unusable

UNIT = "network.institution"


def keep_unit(actor: Actor, *, institution_id: UUID, functions: Collection[Step], day_surgery: bool) -> None:
    """Say which services the centre runs from today on, and whether the institution does day surgery.

    What it ran before stays on record with its days. Steps that are no function of a centre are left out.

    Raises:
        Refused: if the actor does not keep this institution's places.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    names, today = [step.value for step in FUNCTIONS if step in functions], ledger_queries.today()
    with _alone(_MEANWHILE):
        now = CareUnit.objects.select_for_update().filter(
            institution_id=institution_id, period__contains=today
        )
        for row in now:
            if row.period.lower == today:
                row.delete()
            else:
                row.period = DateRange(row.period.lower, today)
                row.save(update_fields=["period"])
        CareUnit.objects.create(
            institution_id=institution_id,
            functions=names,
            day_surgery=day_surgery,
            period=DateRange(today, None),
            changed_at=ledger_queries.now(),
        )
        _tell(actor, institution_id, events.UnitKept(functions=tuple(names), day_surgery=day_surgery))


def enter_procedure(actor: Actor, *, institution_id: UUID, name: str) -> UUID:
    """Take a procedure into the institution's catalogue of day surgery, from today on.

    Raises:
        Refused: if the actor does not keep it, the name is missing, or it stands there already.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise Refused(_NAMELESS)
    with _alone(_KNOWN):
        row = DayProcedure.objects.create(
            institution_id=institution_id, name=name, period=DateRange(ledger_queries.today(), None)
        )
        _tell(actor, institution_id, events.ProcedureEntered(name=name))
    return row.id


def retire_procedure(actor: Actor, *, procedure_id: UUID) -> None:
    """Take a procedure off the catalogue from today on; cases that are under way go on.

    Raises:
        Refused: if there is no such procedure, it was taken off, or the actor does not keep it.
    """
    with transaction.atomic():
        today = ledger_queries.today()
        row = DayProcedure.objects.select_for_update().filter(id=procedure_id, period__contains=today).first()
        if row is None:
            raise Refused(_NO_SUCH_PROCEDURE)
        refuse(may(actor, Right.CAPACITY_KEEP, institution_id=row.institution_id))
        row.period = DateRange(row.period.lower, today)
        row.save(update_fields=["period"])
        _tell(actor, row.institution_id, events.ProcedureRetired(name=row.name))


def keep_criteria(
    actor: Actor, *, institution_id: UUID, disease: str, stage: Stage, items: Sequence[str]
) -> UUID:
    """Set by what patients of a disease are admitted or discharged there (XH-66); the version before ends now.

    Raises:
        Refused: if the actor does not keep it, or disease or items are missing, too many or too long.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    disease, items = disease.strip(), [line.strip() for line in items if line.strip()]
    refuse(unusable(disease, items))
    about = {"institution_id": institution_id, "disease": disease, "stage": stage.value}
    with _alone(_MEANWHILE):
        now = ledger_queries.now()
        before = Criteria.objects.select_for_update().filter(during__upper_inf=True, **about).first()
        if before is not None and before.items == items:
            return before.id
        if before is not None:
            _end(before)
        last = Criteria.objects.filter(**about).aggregate(version=Max("version"))["version"] or 0
        row = Criteria.objects.create(
            version=last + 1, items=items, during=TimestamptzRange(now, None), **about
        )
        _tell(
            actor,
            institution_id,
            events.CriteriaKept(disease=disease, stage=stage.value, version=row.version, items=len(items)),
        )
    return row.id


def end_criteria(actor: Actor, *, criteria_id: UUID) -> None:
    """Stop using a list; what was recorded by it stays.

    Raises:
        Refused: if there is no such list in use, or the actor does not keep it.
    """
    with transaction.atomic():
        row = Criteria.objects.select_for_update().filter(id=criteria_id, during__upper_inf=True).first()
        if row is None:
            raise Refused(_NO_SUCH_CRITERIA)
        refuse(may(actor, Right.CAPACITY_KEEP, institution_id=row.institution_id))
        _end(row)
        told = events.CriteriaKept(disease=row.disease, stage=row.stage, version=row.version, items=0)
        _tell(actor, row.institution_id, told)


def _end(row: Criteria) -> None:
    row.during = TimestamptzRange(row.during.lower, ledger_queries.now())
    row.save(update_fields=["during"])


@contextmanager
def _alone(twin: Refusal) -> Iterator[None]:
    """A transaction; of two that begin the same thing at once the later one gets ``twin``."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused(twin) from error


def _tell(actor: Actor, institution_id: UUID, told: EventPayload) -> None:
    ledger.append(
        actor,
        told,
        subject_type=UNIT,
        subject_id=institution_id,
        institution_id=institution_id,
        division_code=actor.division_code,
    )


_NAMELESS = Refusal(
    code="capacity.procedure_without_name",
    message=Text("请填写术式名称（80 字以内）。", "Give the name of the procedure (80 characters)."),
    instead=Text("如“腹腔镜胆囊切除术”。", "Such as “laparoscopic cholecystectomy”."),
    at="name",
    status=422,
)
_KNOWN = Refusal(
    code="capacity.procedure_known",
    message=Text("目录中已有这个术式。", "The procedure stands in the catalogue already."),
    instead=Text("请从目录中选择。", "Choose it from the catalogue."),
    at="name",
)
_NO_SUCH_PROCEDURE = Refusal(
    code="capacity.no_such_procedure",
    message=Text(
        "目录中没有这个术式，或它已停用。", "The catalogue has no such procedure, or it was taken off."
    ),
    instead=Text("请刷新目录后重试。", "Reload the catalogue and try again."),
    at="procedure",
    status=404,
)
_NO_SUCH_CRITERIA = Refusal(
    code="capacity.no_such_criteria",
    message=Text("没有这份在用的标准。", "There is no such list in use."),
    instead=Text("请刷新后重试。", "Reload the page and try again."),
    at="criteria",
    status=404,
)
_MEANWHILE = Refusal(
    code="capacity.changed_meanwhile",
    message=Text("同事刚刚改过这里。", "A colleague has just changed this."),
    instead=Text("请刷新，看过现在的内容再保存。", "Reload, look at what stands now, then save."),
)
