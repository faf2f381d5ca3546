"""Asking primary care for a service at home, and answering it (XH-23). One owner and one due time while it is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.commands.care import end_relation, relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..models import CareRequest
from ..queries.booking import acts_for
from ..queries.care import WHAT, Station, station_of
from ..queries.first_contact import CLAUSE, FirstContact, first_contact_at
from ..queries.opening import opened
from ..rules import care as rules
from ..rules.care import Service
from ..workflow import OPEN, CareAct, CareState, care_step, not_now

SUBJECT = "residents.care"
# The row of the person is the lock: who asks twice at once is told so the second time.
_LOCK = "SELECT deceased_on FROM residents_resident WHERE id = %(leading)s FOR UPDATE"


def ask_care(actor: Actor, *, resident_id: UUID, service: str, words: str) -> UUID:
    """A resident, or their guardian, asks for a service; the institution may read the record from then on, until it is
    closed. Answers the id of the request.

    Raises:
        Refused: if it is neither the person nor their guardian, the text in force does not list the service, nobody of
            primary care is near, nothing or too much was written, or it was asked for already.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    words, today = words.strip(), ledger_queries.today()
    if service not in set(Service):
        raise Refused(rules.NO_SUCH_SERVICE)
    wanted = Service(service)
    with opened(actor, resident_id, what=WHAT) as ground:
        (entry,) = rows(_LOCK, leading=ground.resident_id)
        refuse(
            rules.words_refusal(words, at="words"),
            rules.DECEASED if entry["deceased_on"] else None,
        )
        station, said = _answering(ground.persons, wanted)
        mine = CareRequest.objects.filter(resident_id__in=ground.persons, service=wanted.value)
        refuse(rules.ASKED_ALREADY if mine.filter(state__in=OPEN).exists() else None)
        row = CareRequest.objects.create(
            resident_id=ground.resident_id,
            institution_id=station.institution_id,
            clinician_id=station.clinician_id,
            doctor_name=station.doctor_name,
            signed=station.signed,
            service=wanted.value,
            state=CareState.ASKED.value,
            asked_words=words,
            due_at=ledger_queries.now() + (said.answer_within or rules.NO_TIME),
        )
        place = network.place_of(station.institution_id, on=today)
        relate(
            actor,
            resident_id=row.resident_id,
            institution_id=row.institution_id,
            division_code=place.division_code if place else "",
            kind=Basis.REQUEST,
            source_id=row.id,
        )
        _append(actor, events.CareAsked(resident=row.resident_id, signed=row.signed), row)
    return row.id


def agree_care(actor: Actor, *, request_id: UUID, visit_at: datetime, words: str = "") -> None:
    """The institution comes then; asked again it agrees another time. The resident is told.

    Raises:
        Refused: if the request is not the actor's institution's or closed, or the time is past or too far.
    """
    with scoped(actor):
        row = _own(actor, request_id, CareAct.AGREE)
        said, now = first_contact_at(row.institution_id, on=ledger_queries.today()), ledger_queries.now()
        refuse(
            rules.time_refusal(visit_at, now=now, furthest=said.visit_within if said else None),
            rules.words_refusal(words.strip(), at="words", needed=False),
        )
        row.visit_at, row.words = visit_at, words.strip()
        row.due_at = visit_at + ((said and said.report_within) or rules.NO_TIME)
        _turn(actor, row, CareAct.AGREE)


def decline_care(actor: Actor, *, request_id: UUID, words: str, instead: str) -> None:
    """The institution cannot: why, and what else the resident can do. The resident is told.

    Raises:
        Refused: if the request is not the actor's institution's or closed, or reason or way on is missing.
    """
    with scoped(actor):
        row = _own(actor, request_id, CareAct.DECLINE)
        refuse(
            rules.words_refusal(words.strip(), at="words"), rules.words_refusal(instead.strip(), at="instead")
        )
        row.words, row.instead = words.strip(), instead.strip()
        _turn(actor, row, CareAct.DECLINE)


def finish_care(actor: Actor, *, request_id: UUID, words: str = "") -> None:
    """What was agreed was done; the resident is told, and the ground to read the record ends.

    Raises:
        Refused: if the request is not the actor's institution's, nothing was agreed, or its time has not come.
    """
    with scoped(actor):
        row = _own(actor, request_id, CareAct.FINISH)
        refuse(
            rules.early_refusal(row.visit_at, now=ledger_queries.now()),
            rules.words_refusal(words.strip(), at="words", needed=False),
        )
        row.words = words.strip() or row.words
        _turn(actor, row, CareAct.FINISH)


def withdraw_care(actor: Actor, *, request_id: UUID) -> None:
    """The resident, or their guardian, needs it no longer.

    Raises:
        Refused: if there is no such request of theirs, or it is closed.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    for persons in acts_for(actor):
        with scoped(actor, persons=persons):
            row = CareRequest.objects.select_for_update().filter(id=request_id).first()
            if row is not None:
                _possible(row, CareAct.WITHDRAW)
                _turn(actor, row, CareAct.WITHDRAW)
                return
    raise Refused(rules.NO_SUCH_REQUEST)


def _answering(persons: tuple[UUID, ...], wanted: Service) -> tuple[Station, FirstContact]:
    """Who answers, and what the text in force there says."""
    today = ledger_queries.today()
    station = station_of(persons, on=today)
    if station is None:
        raise Refused(rules.NO_STATION)
    said = first_contact_at(station.institution_id, on=today)
    if said is None or wanted not in said.services:
        named = {"service": rules.SERVICE_NAMES[wanted]}
        raise Refused(replace(rules.NOT_OFFERED_HERE, fields=named, clauses=(CLAUSE,) if said else ()))
    return station, said


def _own(actor: Actor, request_id: UUID, act: CareAct) -> CareRequest:
    """A request of the actor's institution, locked, on which the act leads on. Inside ``scoped``."""
    refuse(access.may(actor, Right.REQUESTS_ANSWER, institution_id=actor.institution_id))
    found = CareRequest.objects.select_for_update().filter(id=request_id, institution_id=actor.institution_id)
    row = found.first()
    if row is None:
        raise Refused(rules.NO_SUCH_REQUEST)
    _possible(row, act)
    return row


def _possible(row: CareRequest, act: CareAct) -> None:
    state = CareState(row.state)
    refuse(not_now(act, state) if care_step(state, act) is None else None)


def _turn(actor: Actor, row: CareRequest, act: CareAct) -> None:
    """Move the request on by its table, with its event; closed, it is due no longer and gives no ground to read."""
    step = care_step(CareState(row.state), act)
    assert step is not None  # judged before
    row.state, row.changed_at = step.target.value, ledger_queries.now()
    if step.target not in OPEN:
        row.due_at = None
        end_relation(actor, kind=Basis.REQUEST, source_id=row.id)
    row.save(update_fields=["state", "changed_at", "due_at", "visit_at", "words", "instead"])
    _append(actor, events.CareTurned(resident=row.resident_id, act=act.value, state=row.state), row)


def _append(actor: Actor, event: events.CareAsked | events.CareTurned, row: CareRequest) -> None:
    ledger.append(
        actor,
        event,
        subject_type=SUBJECT,
        subject_id=row.id,
        institution_id=row.institution_id,
        division_code=actor.division_code,
        clauses=(CLAUSE,),
    )
