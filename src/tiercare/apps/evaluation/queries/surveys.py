"""Surveys of residents: what a pack asks, rounds, who is to be asked by whom, and the sheets as the fact tables take them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.holders import names_by_key
from tiercare.apps.residents import queries as residents
from tiercare.engines.forms import Form
from tiercare.engines.forms.surveys import Survey, kept_survey, load_surveys
from tiercare.engines.policy import ParameterProblem, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import surveys as rules
from ..rules.surveys import State
from .matters import area_of

_PREFECTURE = len("3402")
READ = "survey"  # under which a reading is recorded
_ROUND = """
SELECT r.id, r.division_code AS area, r.pack, r.definition, r.recall_weeks, lower(r.period) AS first,
       upper(r.period) - 1 AS last, r.wanted, r.drawn, r.frame, r.seed, r.made_at, r.made_by_name AS made_by, r.stopped_at
FROM evaluation_surveyround r
"""
_ROUNDS = f"{_ROUND} WHERE starts_with(r.division_code, %(area)s) ORDER BY lower(r.period) DESC, r.id DESC LIMIT 100"
_ONE = f"{_ROUND} WHERE r.id = %(round)s"
_OF_PERSON = """
SELECT i.id, i.round_id, i.resident_id, i.state, i.division_code AS place FROM evaluation_surveyinvitation i
WHERE i.resident_id = ANY (%(persons)s::uuid[]) ORDER BY i.id DESC LIMIT 50
"""
_TO_ASK = """
SELECT i.id, i.round_id, i.resident_id, i.state, i.division_code AS place FROM evaluation_surveyinvitation i
JOIN evaluation_surveyround r ON r.id = i.round_id
WHERE i.institution_id = %(institution)s AND i.state = 'WAITING' AND r.period @> %(on)s::date AND r.stopped_at IS NULL
  AND (%(id)s::uuid IS NULL OR i.id = %(id)s::uuid)
ORDER BY upper(r.period), i.id LIMIT 500
"""
_SHEETS = """
SELECT s.id, s.round_id, s.division_code, s.answered_on, s.answers FROM evaluation_surveysheet s
WHERE s.answered_on BETWEEN %(first)s AND %(last)s AND starts_with(s.division_code, %(region)s)
ORDER BY s.id
"""


@dataclass(frozen=True, slots=True)
class Round:
    """A round; ``last`` is the last day on which it can be answered, ``frame`` says by township how many could be drawn and
    how many were."""

    id: UUID
    area: str
    pack: str
    survey: Survey
    recall_weeks: int
    first: date
    last: date
    wanted: int
    drawn: int
    frame: Mapping[str, Sequence[int]]
    seed: str
    made_at: Any
    made_by: str
    stopped_at: Any

    def open(self, on: date) -> bool:
        """Whether it can be answered on a day."""
        return self.stopped_at is None and self.first <= on <= self.last

    def over(self, on: date) -> bool:
        """Whether it was open and is no more."""
        return self.stopped_at is not None or on > self.last

    def form(self, on: date) -> Form:
        """The questions as they are read on a day."""
        return self.survey.asked(weeks=self.recall_weeks, since=on - timedelta(weeks=self.recall_weeks))


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who was drawn, with the township where they lived then, and their round."""

    id: UUID
    resident_id: UUID
    place: str
    state: State
    round: Round


def surveys_of(pack: str) -> Mapping[str, Survey]:
    """The surveys of a pack and of those it extends, by id.

    Raises:
        Refused: if there is no such pack.
        PackErrors: if they cannot be read.
    """
    packs = mandates.packs()
    if pack not in packs.packs:
        raise Refused(mandates.region_without_pack(pack))
    return _read(tuple(Path(each.folder) for each in packs.chain(pack)))


@lru_cache(maxsize=16)
def _read(folders: Sequence[Path]) -> Mapping[str, Survey]:
    return load_surveys(folders)


def recall_weeks(survey: Survey, pack: str, *, on: date) -> int:
    """How many weeks back people are asked about: by the clause where the pack has it on that day."""
    ours, key = survey.recall
    known = mandates.packs()
    if key and carries(known, key, pack):
        try:
            value = parameter(known, key, pack, on=on).value
        except ParameterProblem:
            return ours
        return value if isinstance(value, int) else ours
    return ours


def rounds(actor: Actor, *, area: str = "") -> list[Round]:
    """The rounds of an area, of the actor's own if none is named, the latest first.

    Raises:
        Refused: without the right there.
    """
    of = area or actor.division_code or ""
    refuse(may(actor, Right.EVALUATION_RUN, division=of))
    with scoped(actor, area=area_of(actor)):
        return [round_from(row) for row in rows(_ROUNDS, area=of)]


def round_of(actor: Actor, round_id: UUID) -> Round:
    """A round of the actor's area.

    Raises:
        Refused: without the right, or if there is none.
    """
    refuse(may(actor, Right.EVALUATION_RUN))
    with scoped(actor, area=area_of(actor)):
        found = rows(_ONE, round=round_id)
    if not found or may(actor, Right.EVALUATION_RUN, division=found[0]["area"]) is not None:
        raise Refused(rules.NO_SUCH_ROUND)
    return round_from(found[0])


def mine(actor: Actor, resident_id: UUID) -> list[Invitation]:
    """For which rounds the resident, or a ward of theirs, was drawn, the latest first; the reading is recorded.

    Raises:
        Closed: if it is neither the person nor their guardian.
    """
    with residents.opened(actor, resident_id, what=READ) as ground:
        return _with_rounds(rows(_OF_PERSON, persons=list(ground.persons)))


def to_ask(actor: Actor) -> list[Invitation]:
    """Whom the actor's institution registered and may ask now, those first whose round ends first; the reading is recorded.

    Raises:
        Refused: without the right.
    """
    return _to_ask(actor, None)


def one_to_ask(actor: Actor, invitation_id: UUID) -> Invitation:
    """One of them; the reading is recorded.

    Raises:
        Refused: without the right, or if the institution does not ask them now.
    """
    found = _to_ask(actor, invitation_id)
    if not found:
        raise Refused(rules.NOT_YOURS_TO_ASK)
    return found[0]


def number_to_ask(actor: Actor, invitation_id: UUID) -> str:
    """The telephone under which one of them can be asked, in the clear, ``""`` where there is none; that is recorded too.

    Raises:
        Refused: as of ``one_to_ask``.
    """
    person = one_to_ask(actor, invitation_id).resident_id
    with scoped(actor):
        residents.record_listed(actor, "number", [person])
        return residents.telephone_of(person)


def _to_ask(actor: Actor, invitation_id: UUID | None) -> list[Invitation]:
    refuse(may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(_TO_ASK, institution=actor.institution_id, on=clock.today(), id=invitation_id)
        alive = {
            each.id for each in residents.least_of({row["resident_id"] for row in found}) if not each.deceased
        }
        found = [row for row in found if row["resident_id"] in alive]
        residents.record_listed(actor, READ, [row["resident_id"] for row in found])
        return _with_rounds(found)


def _with_rounds(found: Sequence[Mapping[str, Any]]) -> list[Invitation]:
    """The caller stands in ``scoped``."""
    known = {key: rows(_ONE, round=key)[0] for key in {row["round_id"] for row in found}}
    whole = {key: round_from(row) for key, row in known.items()}
    return [
        Invitation(row["id"], row["resident_id"], row["place"], State(row["state"]), whole[row["round_id"]])
        for row in found
    ]


def round_from(row: Mapping[str, Any]) -> Round:
    """A round as a statement answers it."""
    values = {key: value for key, value in row.items() if key != "definition"}
    values["frame"] = json.loads(row["frame"])
    return Round(survey=kept_survey(json.loads(row["definition"])), **values)


def institutions(area: str, *, on: date) -> Mapping[str, str]:
    """The institutions that can be named as the first choice, by register key: those of the prefecture that are open. Whoever
    lives in a county goes to the city too."""
    names = names_by_key(on=on)["institution"]
    found = [each.key for each in network.fact_places(on=on).within(area[:_PREFECTURE])]
    return {key: names[key] for key in found if key in names}


def fact_sheets(
    region: str, *, first: date, last: date, tiers: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Sheets of residents of the region as rows of the fact table ``surveys``. The caller stands in ``scoped`` over it."""
    surveys: dict[UUID, Survey] = {}
    for row in rows(_SHEETS, region=region, first=first, last=last):
        key = row["round_id"]
        if key not in surveys:
            surveys[key] = round_from(rows(_ONE, round=key)[0]).survey
        sheet = rules.read(surveys[key], json.loads(row["answers"]), tiers)
        yield {
            "answer": str(row["id"]),
            "subject": surveys[key].subject,
            "institution": sheet.institution,
            "division": row["division_code"],
            "date": row["answered_on"],
            "ill": sheet.ill,
            "chose_primary": sheet.chose_primary,
        }
