"""Putting changes into effect: directly by whoever decides, or by the approval of somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ... import models
from ...rules.approval import consented
from ...rules.drafting import Change, Heir
from ...workflow import Act, State
from ..trying import take_over
from .drafting import draft_changes
from .readiness import ready_as_weighed
from .shared import Weighed, locked, moving, record, weigh, why_not


@transaction.atomic
def apply_draft(*, actor: Actor, application_id: UUID) -> models.Application:
    """Put an own draft into effect without an approval.

    Raises:
        Refused: if it is not the actor's own draft, the actor may not decide in every area that it touches, a
            clause asks for an approval first, something has to be on record before (an override of the plan, both sides' word,
            scores: ``readiness``), or rows, cards or shapes speak against it.
    """
    return _done(actor, application_id, Act.APPLY, State.APPLIED)


@transaction.atomic
def apply_changes(*, actor: Actor, region: str, title: str, change: Change) -> models.Application:
    """Draft and apply in one go; refused, nothing stays.

    Raises:
        Refused: as ``draft_changes`` and ``apply_draft``.
    """
    application = draft_changes(actor=actor, region=region, title=title, change=change)
    return apply_draft(actor=actor, application_id=application.id)


@transaction.atomic
def approve_application(*, actor: Actor, application_id: UUID) -> models.Application:
    """Approve: the change takes effect as proposed, and the decision is the consent to every consortium that
    it forms (WH-44).

    Raises:
        Refused: if the actor may not decide, proposed it himself, the state does not allow it, something has to be on record before
            (``readiness``), or rows, cards or shapes speak against it.
    """
    return _done(actor, application_id, Act.APPROVE, State.APPROVED)


@transaction.atomic
def return_application(*, actor: Actor, application_id: UUID, reason: str) -> models.Application:
    """Return: the applicant reads why and may mend and resubmit.

    Raises:
        Refused: if the actor may not decide, the state does not allow it, or no reason is given.
    """
    application = moving(actor, application_id, Act.RETURN)
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
    application.reason = reason.strip()
    return _decided(actor, application, Act.RETURN, State.RETURNED)


def _done(actor: Actor, application_id: UUID, act: Act, state: State) -> models.Application:
    """Whose decision it is may have changed since it was drafted (another area, another pack): asked anew."""
    application = locked(application_id)
    weighed = weigh(Change.read(application.payload), application.region)
    forbidden = why_not(actor, application, act, weighed.approval)
    if forbidden:
        raise Refused(forbidden)
    refuse(*ready_as_weighed(application, weighed))
    application.inverse = _put_into_effect(actor, application, weighed).payload
    application.decided_by_division, application.starts_on = weighed.approval.division, weighed.on
    application.reason = ""
    return _decided(actor, application, act, state)


def _put_into_effect(actor: Actor, application: models.Application, weighed: Weighed) -> Change:
    """Write the rows and the successions; answers what takes them back."""
    change = weighed.change
    written = take_over(
        actor,
        consented(change.entries, known=weighed.known, decided_on=clock.today(), by=actor.name),
        pack_id=weighed.pack_id,
        on=weighed.on,
        subject_type="application",
        subject_id=application.id,
    )
    added, gone = _record_heirs(change.heirs), _forget_heirs(change.orphaned)
    return Change(written.inverse, heirs=gone, orphaned=added)


def _record_heirs(heirs: Iterable[Heir]) -> tuple[Heir, ...]:
    """Record successions that are not on record; answers those that were new."""
    wanted = tuple(heirs)
    ids = _ids(wanted)
    there = {
        (row.old_id, row.new_id, row.on) for row in models.Succession.objects.filter(_any_of(wanted, ids))
    }
    fresh = tuple(h for h in wanted if (ids[h.old], ids[h.new], h.on) not in there)
    models.Succession.objects.bulk_create(
        models.Succession(old_id=ids[h.old], new_id=ids[h.new], on=h.on, kind=h.kind.value) for h in fresh
    )
    return fresh


def _forget_heirs(heirs: Iterable[Heir]) -> tuple[Heir, ...]:
    """Take successions back; answers those that were on record."""
    wanted = tuple(heirs)
    ids = _ids(wanted)
    rows = models.Succession.objects.filter(_any_of(wanted, ids))
    there = {(row.old_id, row.new_id, row.on) for row in rows}
    rows.delete()
    return tuple(h for h in wanted if (ids[h.old], ids[h.new], h.on) in there)


def _any_of(heirs: Iterable[Heir], ids: dict[str, UUID]) -> Q:
    wanted = Q(pk__in=[])
    for heir in heirs:
        wanted |= Q(old_id=ids[heir.old], new_id=ids[heir.new], on=heir.on)
    return wanted


def _ids(heirs: Iterable[Heir]) -> dict[str, UUID]:
    codes = {code for heir in heirs for code in (heir.old, heir.new)}
    rows = models.Institution.objects.filter(slug__in=codes)
    found = dict(rows.values_list("slug", "id"))
    missing = codes - found.keys()
    if missing:
        raise Refused(_no_such_institution(sorted(missing)[0]))
    return found


def _decided(actor: Actor, application: models.Application, act: Act, state: State) -> models.Application:
    application.state = state
    application.decided_at, application.decided_by = clock.now(), actor.name
    application.save()
    record(actor, application, act)
    return application


def _no_such_institution(code: str) -> Refusal:
    return Refusal(
        code="no_such_heir",
        message=Text("没有编码为“{code}”的机构。", "There is no institution “{code}”."),
        instead=Text("请重新填写这次重组。", "Fill in the reorganisation anew."),
        fields={"code": code},
        status=422,
    )
