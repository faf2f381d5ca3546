"""Visits: noting one, marking who is ready to go down, ending a stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from tiercare.apps.access import commands as access_commands
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import insert
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.commands.registering import VISIT_LASTS
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import CarePlan, Encounter
from ..queries.going_down import reason_owed
from ..queries.ours import guidelines_at
from ..rules import checking, refusals
from ..rules.entries import Diagnosis, Drug, Reading
from ..rules.files import OTHERS_REQUEST
from ..rules.vocabulary import HERE, STAGE_NAMES, Stage, VisitKind
from ..rules.withdrawing import What
from .episodes import place_in_episode, settle
from .ground import Desk, desk, digest, is_of, own_place, tell
from .lines import head_of, write_conditions, write_drugs, write_readings
from .prompting import prompt_at_visit
from .withdrawing import Message, place_for

_COMPLAINT, _TEXT = 500, 20_000  # characters
# A stay whose end is entered late ends its ground with the entry, not before it.
_A_MOMENT = timedelta(seconds=1)


def note_visit(
    actor: Actor,
    *,
    resident_id: UUID,
    kind: VisitKind,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    department_id: UUID | None = None,
    complaint: str = "",
    findings: str = "",
    treatment: str = "",
    disposition: str = "",
    conditions: Sequence[Diagnosis] = (),
    readings: Sequence[Reading] = (),
    drugs: Sequence[Drug] = (),
    stage: Stage = Stage.NONE,
    request_id: UUID | None = None,
    clinician_name: str = "",
    source: str = HERE,
    source_key: str = "",
    corrects: bool = False,
) -> UUID:
    """Note that a resident was seen, with what was found, ordered and given; answers the visit's id.

    A stay (``INPATIENT``) goes on until ``end_encounter``; every other visit ended when it was noted, unless said
    otherwise. The visit is a ground to read the record, as an arrival by card is. A ``source_key`` that was sent before
    with the same words answers the visit that is there; with ``corrects`` the visit takes the place of the one that came
    under its key, which is withdrawn.

    Raises:
        Refused: without right or ground; if what is said cannot be; if the resident had died; if the request is not
            this resident's; if the key was sent with other words (``records.key_taken``).
    """
    at = desk(actor, resident_id)
    started_at = started_at or at.now
    if ended_at is None and kind is not VisitKind.INPATIENT:
        ended_at = started_at
    said = (conditions, readings, drugs)
    refuse(*_wrong(at, said, started_at, ended_at, complaint, (findings, treatment), disposition))
    refuse(None if request_id is None or is_of(request_id, at.persons, actor) else OTHERS_REQUEST)
    told = digest(kind, started_at, ended_at, complaint, findings, treatment, disposition, *said, stage)
    with scoped(actor):
        message = Message(at.institution_id, source, source_key, at.persons, told, corrects)
        place = place_for(actor, What.VISIT, message)
        if place.known:
            return place.id
        row = Encounter(
            id=place.id,
            resident_id=at.resident_id,
            institution_id=at.institution_id,
            source=source,
            source_key=source_key,
            kind=kind.value,
            department_id=department_id,
            clinician_account=actor.account_id,
            clinician_name=clinician_name or actor.name,
            started_at=started_at,
            ended_at=ended_at,
            complaint=complaint.strip(),
            findings=findings.strip(),
            treatment=treatment.strip(),
            disposition=disposition.strip(),
            stage=stage.value,
            stage_at=at.now if stage else None,
            request_id=request_id,
            digest=told if source_key else "",
            **place_in_episode(at.division_code, conditions, on=day_of(started_at)),
        )
        insert(row)
        settle(at.persons)
        head = head_of(row, "encounter")
        write_conditions(head, conditions, noted_at=started_at)
        write_readings(head, readings, taken_at=started_at)
        write_drugs(head, drugs, today=at.today)
        _relate(actor, at, row)
        noted = events.VisitNoted(
            encounter_id=row.id,
            visit=row.kind,
            source=source,
            conditions=len(conditions),
            readings=len(readings),
            drugs=len(drugs),
            stage=row.stage,
            request_id=request_id,
        )
        tell(actor, row, noted)
        if source == HERE:  # a feed has nobody to show it to
            prompt_at_visit(actor, row, conditions, at=at)
    return row.id


def set_stage(actor: Actor, *, encounter_id: UUID, stage: Stage) -> None:
    """Mark a patient as ready to go down (NHC-38), or take the mark away with ``Stage.NONE``.

    Raises:
        Refused: without the right; if the visit is not the institution's own.
    """
    own_place(actor)
    with scoped(actor):
        row = _own(actor, encounter_id)
        if row.stage != stage.value:
            _stage(actor, row, stage)
            row.save(update_fields=["stage", "stage_at"])


def end_encounter(
    actor: Actor,
    *,
    encounter_id: UUID,
    ended_at: datetime | None = None,
    disposition: str = "",
    stage: Stage | None = None,
    kept_reason: str = "",
    goes_down: bool = False,
) -> None:
    """End a visit or stay. Who is ready to go down leaves by a down referral (``goes_down``: the caller has sent it, or
    a plan of this institution is there since the mark) or with a reason (XH-49).

    Raises:
        Refused: as ``set_stage``; if it ended already or the end makes no sense; without the reason where it is owed.
    """
    own_place(actor)
    now = ledger_queries.now()
    with scoped(actor):
        row = _own(actor, encounter_id)
        if row.ended_at is not None:
            raise Refused(refusals.ENCOUNTER_OVER)
        refuse(*checking.wrong_times(row.started_at, ended_at or now, now=now))
        if stage is not None and stage.value != row.stage:
            _stage(actor, row, stage)
        kept = bool(row.stage) and not goes_down and not _has_plan(row)
        owed = kept and reason_owed(row.institution_id, Stage(row.stage), on=ledger_queries.today())
        refuse(_kept_without_reason(row) if owed and not kept_reason.strip() else None)
        row.ended_at, row.disposition = ended_at or now, disposition.strip() or row.disposition
        row.kept_reason = kept_reason.strip() if kept else ""
        row.save(update_fields=["ended_at", "disposition", "stage", "stage_at", "kept_reason"])
        at = desk(actor, row.resident_id)
        settle(at.persons)
        _relate(actor, at, row)
        tell(actor, row, events.EncounterEnded(encounter_id=row.id, stage=row.stage, kept=kept))


def _wrong(
    at: Desk,
    said: tuple[Sequence[Diagnosis], Sequence[Reading], Sequence[Drug]],
    started_at: datetime,
    ended_at: datetime | None,
    complaint: str,
    texts: tuple[str, ...],
    disposition: str,
) -> list[Refusal]:
    conditions, readings, drugs = said
    found = [
        *checking.wrong_times(started_at, ended_at, now=at.now),
        *checking.wrong_conditions(conditions),
        *checking.wrong_readings(
            readings, guidelines_at(at.institution_id, on=at.today) if readings else None
        ),
        *checking.wrong_drugs(drugs),
        *checking.too_long(
            {
                Text("主诉", "complaint"): (complaint, _COMPLAINT),
                Text("查体与诊疗", "findings and treatment"): ("\n".join(texts), 2 * _TEXT),
                Text("去向", "disposition"): (disposition, 200),
            }
        ),
    ]
    if not complaint.strip() and not conditions and not readings:
        found.append(refusals.NOTHING_SAID)
    if _died_before(at, started_at):
        found.append(refusals.DECEASED)
    return found


def _died_before(at: Desk, started_at: datetime) -> bool:
    """Who is registered as dead is seen no more; what was before may still be noted, of an earlier day than today."""
    (least,) = residents.least_of(at.persons[:1])
    return least.deceased and day_of(started_at) >= at.today


def _own(actor: Actor, encounter_id: UUID) -> Encounter:
    row = (
        Encounter.objects.select_for_update()
        .filter(id=encounter_id, institution_id=actor.institution_id)
        .first()
    )
    if row is None:
        raise Refused(refusals.NO_SUCH_ENCOUNTER)
    return row


def _has_plan(row: Encounter) -> bool:
    """Whether a plan for who goes on treating was written here since the patient was ready."""
    return CarePlan.objects.filter(
        resident_id=row.resident_id,
        institution_id=row.institution_id,
        made_at__gte=row.stage_at,
        ended_at=None,
    ).exists()


def _stage(actor: Actor, row: Encounter, stage: Stage) -> None:
    was, row.stage = row.stage, stage.value
    row.stage_at = ledger_queries.now() if stage else None
    tell(actor, row, events.StageSet(encounter_id=row.id, was=was, stage=row.stage))


def _relate(actor: Actor, at: Desk, row: Encounter) -> None:
    """The visit is a ground to read on: a stay while it lasts, and then, as any visit, for as long as an arrival is. One
    that is entered long after it ended gives none."""
    until = None if row.ended_at is None else row.ended_at + VISIT_LASTS
    if until is not None and until <= at.now and row.kind != VisitKind.INPATIENT.value:
        return
    access_commands.relate(
        actor,
        resident_id=row.resident_id,
        institution_id=row.institution_id,
        division_code=at.division_code,
        kind=Basis.ENCOUNTER,
        source_id=row.id,
        until=until if until is None else max(until, at.now + _A_MOMENT),
    )


def _kept_without_reason(row: Encounter) -> Refusal:
    named = STAGE_NAMES[Stage(row.stage)]
    return replace(refusals.NOT_STAGED, fields={"stage": named})
