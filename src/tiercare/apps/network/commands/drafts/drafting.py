"""Drafting changes, sending them to be decided, and taking them back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import models
from ...rules.drafting import Change, kind_of
from ...rules.reorganising.present import numbered
from ...workflow import CHANGE, DRAFT, Act, State, not_yours
from .shared import locked, may_propose, moving, not_empty, record, titled, weigh


@transaction.atomic
def draft_changes(*, actor: Actor, region: str, title: str, change: Change) -> models.Application:
    """Keep a set of changes as a draft, even if rows or cards speak against it: a draft may be wrong.

    Raises:
        Refused: if the actor may not propose changes in ``region``, it has no title, or changes nothing.
    """
    forbidden = may_propose(actor, region)
    if forbidden:
        raise Refused(forbidden)
    assert actor.account_id is not None, "the system proposes nothing"
    application = models.Application(
        region=region,
        state=State.DRAFT,
        applicant_id=actor.account_id,
        applicant_name=actor.name,
        institution_id=actor.institution_id,
        drafted_at=clock.now(),
    )
    _write(application, title, change)
    record(actor, application, DRAFT)
    return application


@transaction.atomic
def change_draft(*, actor: Actor, application_id: UUID, title: str, change: Change) -> models.Application:
    """Rewrite a draft.

    Raises:
        Refused: if it is not the actor's own, is no draft any more, has no title, or changes nothing.
    """
    application = moving(actor, application_id, Act.DISCARD)  # whoever may throw it away may rewrite it
    _write(application, title, change)
    record(actor, application, CHANGE)
    return application


@transaction.atomic
def submit_draft(*, actor: Actor, application_id: UUID) -> models.Application:
    """Send a draft to the commission that decides about it.

    Raises:
        Refused: if it is not the actor's own, or no draft.
    """
    application = moving(actor, application_id, Act.SUBMIT)
    change = Change.read(application.payload)
    _write(application, application.title, change, save=False)
    application.state, application.submitted_at = State.SUBMITTED, clock.now()
    application.save()
    record(actor, application, Act.SUBMIT)
    return application


@transaction.atomic
def propose_changes(*, actor: Actor, region: str, title: str, change: Change) -> models.Application:
    """Draft and submit in one go.

    Raises:
        Refused: as ``draft_changes`` and ``submit_draft``.
    """
    application = draft_changes(actor=actor, region=region, title=title, change=change)
    return submit_draft(actor=actor, application_id=application.id)


@transaction.atomic
def discard_draft(*, actor: Actor, application_id: UUID) -> models.Application:
    """Give a draft up; it stays to be read.

    Raises:
        Refused: if it is not the actor's own, or no draft.
    """
    return _left(actor, application_id, Act.DISCARD)


@transaction.atomic
def withdraw_application(*, actor: Actor, application_id: UUID) -> models.Application:
    """Take an own application back.

    Raises:
        Refused: if it is not the actor's own or was decided.
    """
    return _left(actor, application_id, Act.WITHDRAW)


@transaction.atomic
def resubmit_application(
    *, actor: Actor, application_id: UUID, title: str, change: Change
) -> models.Application:
    """Submit a returned application again, mended.

    Raises:
        Refused: if it is not the actor's own, was not returned, has no title, or changes nothing.
    """
    application = moving(actor, application_id, Act.RESUBMIT)
    _write(application, title, change, save=False)
    application.submitted_at = clock.now()
    application.state, application.decided_at, application.decided_by = State.SUBMITTED, None, ""
    application.save()
    record(actor, application, Act.RESUBMIT)
    return application


@transaction.atomic
def undo_application(*, actor: Actor, application_id: UUID) -> models.Application:
    """Draft the rows that take back what an application changed. It goes the way of every draft: what later
    rests on the change speaks against it then.

    Raises:
        Refused: if the actor may not propose changes there, or the application changed nothing.
    """
    application = locked(application_id)
    forbidden = may_propose(actor, application.region)
    if application.state == State.DRAFT and application.applicant_id != actor.account_id:
        raise Refused(not_yours(application.applicant_name))
    if forbidden:
        raise Refused(forbidden)
    if application.inverse is None:
        raise Refused(_nothing_to_undo(application))
    inverse = Change.read(application.inverse)
    back = Change(
        numbered(inverse.entries),
        heirs=inverse.heirs,
        orphaned=inverse.orphaned,
        form={"act": "undo", "of": str(application.id)},
    )
    title = f"撤销：{application.title}"[:200]
    return draft_changes(actor=actor, region=application.region, title=title, change=back)


def _write(application: models.Application, title: str, change: Change, *, save: bool = True) -> None:
    """Put title and change into the application, with what follows from them."""
    not_empty(change)
    weighed = weigh(change, application.region)
    application.title = titled(title)
    application.payload = change.payload
    application.kind = kind_of(change, weighed.known).value
    application.starts_on = weighed.on
    application.decided_by_division = weighed.approval.division
    if save:
        application.save()


def _left(actor: Actor, application_id: UUID, act: Act) -> models.Application:
    application = moving(actor, application_id, act)
    application.state = State.WITHDRAWN
    application.save(update_fields=["state"])
    record(actor, application, act)
    return application


def _nothing_to_undo(application: models.Application) -> Refusal:
    return Refusal(
        code="nothing_to_undo",
        message=Text(
            "“{title}”没有生效过，无可撤销。", "“{title}” never took effect: there is nothing to undo."
        ),
        instead=Text("未生效的申请请撤回或放弃。", "Withdraw or discard what has not taken effect."),
        fields={"title": application.title},
    )
