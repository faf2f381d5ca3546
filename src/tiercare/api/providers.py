"""``/api/providers``: who provides what stands with the resident's own area, and choosing another (WH-03)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.queries import Provided
from tiercare.apps.residents.rules.territory import notice

from .paging import known_only
from .problems import Problem
from .writes import Body, once

router = Router(tags=["residents"])
REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}


class ChooseIn(Body):
    """``basic_public_health``, ``disease_prevention`` or ``family_doctor_signing``; without ``institution`` the area's own again;
    without ``resident`` for oneself."""

    service: str
    institution: UUID | None = None
    resident: UUID | None = None


class ProvidedOut(Schema):
    """``own`` is the institution of the area, ``institution`` who provides it now; ``notice`` is what is said of another one."""

    service: str
    own: UUID | None
    institution: UUID | None
    elsewhere: bool
    clause: str
    notice_zh: str
    notice_en: str


class ProvidersOut(Schema):
    """Empty where no text in force lays any service down for the area."""

    items: list[ProvidedOut]


@router.get("", response={200: ProvidersOut, **REFUSALS}, summary="谁提供属地服务 · Who provides what")
def providers(request: HttpRequest, resident: UUID | None = None) -> ProvidersOut:
    """Of oneself or a ward, or of a resident whose record one may read; the reading is recorded."""
    known_only(request, "resident")
    found = queries.providers_of(request.actor, resident or request.actor.resident_id or UUID(int=0))
    return ProvidersOut(items=[_out(each, found.names) for each in found.provided])


@router.post("", response={200: ProvidedOut, **WRITES}, summary="另选机构 · Choose another")
def choose(request: HttpRequest, body: ChooseIn) -> object:
    """By the resident, their guardian, or a desk that keeps the file or has them before it. Any open institution of primary care can
    be chosen; the notice is answered."""

    def work() -> ProvidedOut:
        whose = body.resident or request.actor.resident_id or UUID(int=0)
        commands.choose_provider(
            request.actor, resident_id=whose, service=body.service, institution_id=body.institution
        )
        found = queries.providers_of(request.actor, whose)
        (one,) = (each for each in found.provided if each.service == body.service)
        return _out(one, found.names)

    return once(request, 200, work)


def _out(each: Provided, names: Mapping[UUID, str]) -> ProvidedOut:
    own = names.get(each.own, "") if each.own else ""
    other = names.get(each.chosen, "") if each.elsewhere and each.chosen else ""
    told = notice(each.service, own=own, other=other or "—", staff=False)
    return ProvidedOut(
        service=each.service.value,
        own=each.own,
        institution=each.institution,
        elsewhere=each.elsewhere,
        clause=each.clause,
        notice_zh=told.zh if own else "",
        notice_en=told.en if own else "",
    )
