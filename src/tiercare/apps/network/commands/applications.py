"""Changes that somebody else must decide: submitted, approved or returned with a reason.

An approval is the change itself: it runs the command of the application's kind, and whatever that refuses
keeps the application where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models
from ..rules import Kind
from ..workflow import STATE_NAMES, Act, State, refusal, transition
from .changes import form_consortium, join_community


def _form(actor: Actor, payload: Mapping[str, str | list[str]]) -> None:
    form_consortium(
        actor=actor,
        slug=str(payload["slug"]),
        name=str(payload["name"]),
        kind=Kind(str(payload["kind"])),
        division_code=str(payload["division_code"]),
        lead_id=UUID(str(payload["lead_id"])),
        member_ids=tuple(UUID(key) for key in payload.get("member_ids", [])),
        specialty_code=str(payload.get("specialty_code", "")),
        start=date.fromisoformat(str(payload["start"])),
        approved_by=actor.name,
    )


def _join(actor: Actor, payload: Mapping[str, str | list[str]]) -> None:
    join_community(
        actor=actor,
        parent_id=UUID(str(payload["parent_id"])),
        child_id=UUID(str(payload["child_id"])),
        start=date.fromisoformat(str(payload["start"])),
    )


APPLIES: Mapping[str, Callable[[Actor, Mapping[str, str | list[str]]], None]] = {
    "form_consortium": _form,
    "join_community": _join,
}


@transaction.atomic
def submit_application(
    *, actor: Actor, region: str, kind: str, title: str, payload: Mapping[str, str | list[str]]
) -> models.Application:
    """Propose a change to the commission of ``region``.

    Raises:
        Refused: if the actor may not propose, or there is no such kind of change.
    """
    forbidden = may(actor, Right.NETWORK_APPLY, division=region, institution_id=actor.institution_id)
    if forbidden:
        raise Refused(forbidden)
    if kind not in APPLIES or not title.strip():
        raise Refused(_incomplete("kind" if kind not in APPLIES else "title"))
    assert actor.account_id is not None, "the system proposes nothing"
    application = models.Application.objects.create(
        region=region,
        kind=kind,
        title=title.strip(),
        payload=dict(payload),
        state=State.SUBMITTED,
        applicant_id=actor.account_id,
        applicant_name=actor.name,
        institution_id=actor.institution_id,
        decided_by_division=region,
        submitted_at=clock.now(),
    )
    _record(actor, application, "submit")
    return application


def _incomplete(at: str) -> Refusal:
    return Refusal(
        code="application_incomplete",
        message=Text("申请没有写明要变更什么。", "The application does not say what to change."),
        instead=Text("请选择变更类型并填写标题。", "Choose the kind of change and give it a title."),
        at=at,
        status=422,
    )


@transaction.atomic
def approve_application(*, actor: Actor, application_id: UUID) -> models.Application:
    """Approve: the change takes effect as proposed.

    Raises:
        Refused: if the actor may not decide, the state does not allow it, or the change would break a card.
    """
    application = _moving(actor, application_id, Act.APPROVE)
    APPLIES[application.kind](actor, application.payload)
    return _decided(actor, application, Act.APPROVE, "")


@transaction.atomic
def return_application(*, actor: Actor, application_id: UUID, reason: str) -> models.Application:
    """Return: the applicant reads why and may mend and resubmit.

    Raises:
        Refused: if the actor may not decide, the state does not allow it, or no reason is given.
    """
    application = _moving(actor, application_id, Act.RETURN)
    if not reason.strip():
        raise Refused(
            Refusal(
                code="return_without_reason",
                message=Text("退回要写明理由。", "Returning needs a reason."),
                instead=Text("请写明哪里要改、怎样改。", "Say what to change, and how."),
                at="reason",
                status=422,
            )
        )
    return _decided(actor, application, Act.RETURN, reason.strip())


@transaction.atomic
def resubmit_application(
    *, actor: Actor, application_id: UUID, title: str, payload: Mapping[str, str | list[str]]
) -> models.Application:
    """Submit a returned application again, mended.

    Raises:
        Refused: if it is not the actor's own, was not returned, or has no title.
    """
    if not title.strip():
        raise Refused(_incomplete("title"))
    application = _moving(actor, application_id, Act.RESUBMIT)
    application.title, application.payload = title.strip(), dict(payload)
    application.submitted_at = clock.now()
    application.state, application.decided_at, application.decided_by = State.SUBMITTED, None, ""
    application.save()
    _record(actor, application, Act.RESUBMIT)
    return application


@transaction.atomic
def withdraw_application(*, actor: Actor, application_id: UUID) -> models.Application:
    """Take an own application back.

    Raises:
        Refused: if it is not the actor's own or was decided.
    """
    application = _moving(actor, application_id, Act.WITHDRAW)
    application.state = State.WITHDRAWN
    application.save(update_fields=["state"])
    _record(actor, application, Act.WITHDRAW)
    return application


def _moving(actor: Actor, application_id: UUID, act: Act) -> models.Application:
    """The application, locked, if this actor may do this act now."""
    application = models.Application.objects.select_for_update().filter(id=application_id).first()
    if application is None:
        raise Refused(_no_such())
    row = transition(State(application.state), act)
    if row is None:
        raise Refused(_not_now(application))
    forbidden = refusal(
        row,
        actor,
        division=application.decided_by_division,
        institution_id=application.institution_id,
        applicant_id=application.applicant_id,
        applicant_name=application.applicant_name,
    )
    if forbidden:
        raise Refused(forbidden)
    return application


def _decided(actor: Actor, application: models.Application, act: Act, reason: str) -> models.Application:
    application.state = State.APPROVED if act is Act.APPROVE else State.RETURNED
    application.decided_at, application.decided_by, application.reason = clock.now(), actor.name, reason
    application.save()
    _record(actor, application, act)
    return application


def _record(actor: Actor, application: models.Application, act: str) -> None:
    ledger.append(
        actor,
        events.ApplicationMoved(application.title, act, application.state, application.reason),
        subject_type="application",
        subject_id=application.id,
        institution_id=application.institution_id,
        division_code=application.region,
    )


def _no_such() -> Refusal:
    return Refusal(
        code="no_such_application",
        message=Text("没有这份申请。", "There is no such application."),
        instead=Text("请从申请列表中选择。", "Choose one from the list."),
        status=404,
    )


def _not_now(application: models.Application) -> Refusal:
    return Refusal(
        code="application_state",
        message=Text(
            "“{title}”目前是{state}，不能这样处理。", "“{title}” is {state} and cannot be moved like this."
        ),
        instead=Text("请刷新后查看可做的操作。", "Reload to see what can be done now."),
        fields={"title": application.title, "state": STATE_NAMES[State(application.state)]},
    )
