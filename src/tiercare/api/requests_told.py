"""Requests as ``/api/requests`` and ``/api/referrals`` answer them: from what the queries and commands return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.rules.owners import Owner

from .requests_shapes import MadeOut, OwnerOut, TurnedOut


def row_out(line: queries.Line) -> dict[str, Any]:
    """A line, as ``RequestRow`` has it."""
    person = line.person
    return {
        "id": line.id,
        "number": line.number,
        "kind": line.kind,
        "state": line.state.value,
        "urgency": line.urgency.name,
        "person": None
        if person is None
        else {
            "id": person.id,
            "name": person.name,
            "sex": person.sex,
            "birth_year": person.birth_year,
            "deceased": person.deceased,
        },
        "problem_code": line.problem_code,
        "problem": line.problem,
        "sender": {"id": line.sender, "name": line.sender_name},
        "receiver": None if line.receiver is None else {"id": line.receiver, "name": line.receiver_name},
        "department": line.department_id,
        "specialty": line.specialty,
        "owner": owner_out(line.owner, line.owner_name),
        "due_at": line.due_at,
        "overdue": line.overdue,
        "planned_at": line.planned_at,
        "booking": line.booking_id,
        "parent": line.parent_id,
        "made_at": line.made_at,
        "sent_at": line.sent_at,
        "received_at": line.received_at,
        "alarmed_at": line.alarmed_at,
        "over_at": line.over_at,
        "version": line.version,
    }


def owner_out(owner: Owner | None, name: str = "") -> dict[str, Any] | None:
    """An owner, as ``OwnerOut`` has it."""
    if owner is None:
        return None
    return {
        "level": owner.level.value,
        "institution": owner.institution_id,
        "account": owner.account_id,
        "area": owner.area,
        "name": name,
    }


def case_out(case: queries.Case) -> dict[str, Any]:
    """A request, as ``RequestOut`` has it."""
    return {
        **row_out(case.line),
        "payload": case.payload,
        "basis": case.basis,
        "steps": [_step(each) for each in case.steps],
        "acts": [each.value for each in case.acts],
        "desk_from": _desk(case.desk_from),
        "desk_to": _desk(case.desk_to),
    }


def _step(row: queries.StepRow) -> Mapping[str, Any]:
    house = row.institution_id
    return {
        "act": row.act.value,
        "source": row.source.value,
        "target": row.target.value,
        "institution": None if house is None else {"id": house, "name": row.institution},
        "who": row.who,
        "at": row.at,
        "code": row.code,
        "words": row.words,
        "alternative": row.alternative,
        "content": row.content,
    }


def _desk(desk: Any) -> dict[str, str] | None:
    return None if desk is None else {"name": desk.name, "phone": desk.phone}


def made_out(row: Any) -> MadeOut:
    """A request that was begun, from the row that the command answers."""
    return MadeOut(
        id=row.id,
        number=row.number,
        kind=row.kind,
        state=row.state,
        due_at=row.due_at,
        version=row.version,
    )


def turned_out(turned: commands.Turned) -> TurnedOut:
    """What an act came to."""
    owner = owner_out(turned.owner)
    return TurnedOut(
        id=turned.request_id,
        state=turned.state.value,
        owner=None if owner is None else OwnerOut(**owner),
        due_at=turned.due_at,
        version=turned.version,
    )
