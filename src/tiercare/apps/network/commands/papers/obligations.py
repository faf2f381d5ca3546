"""Meeting what an agreement asks for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from .shared import agreement_area, no_such, not_yet


@transaction.atomic
def meet_obligation(*, actor: Actor, obligation_id: UUID, met_on: date) -> models.Obligation:
    """Record that an obligation was met, by the debtor's own office or the commission.

    Raises:
        Refused: if the actor may not, the agreement is not signed, it was met already, or the day is still to
            come or before the agreement.
    """
    owed = (
        models.Obligation.objects.select_for_update(of=("self",))
        .select_related("agreement")
        .filter(id=obligation_id)
        .first()
    )
    if owed is None:
        raise Refused(no_such(Text("义务", "obligation")))
    area, debtor = _debtor(owed)
    refusal = may(actor, Right.NETWORK_APPLY, division=area, institution_id=debtor or UUID(int=0))
    refusal = refusal or _misfits(owed, met_on)
    if refusal:
        raise Refused(refusal)
    owed.met_on, owed.met_by = met_on, actor.name
    owed.save(update_fields=["met_on", "met_by"])
    ledger.append(
        actor,
        events.ObligationMet(owed.agreement.title, owed.text_zh, met_on),
        subject_type="agreement",
        subject_id=owed.agreement_id,
        institution_id=debtor,
        division_code=area,
        clauses=(owed.clause,) if owed.clause else (),
    )
    return owed


def _debtor(owed: models.Obligation) -> tuple[str, UUID | None]:
    """The area whose commission may say so, and the institution that owes."""
    if owed.debtor.startswith("gov:"):
        return owed.debtor[4:], None
    slug = owed.debtor.partition(":")[2]
    institution = models.Institution.objects.filter(slug=slug).values_list("id", flat=True).first()
    return agreement_area(owed.agreement), institution


def _misfits(owed: models.Obligation, met_on: date) -> Refusal | None:
    if owed.agreement.signed_on is None or met_on < owed.agreement.period.lower:
        return Refusal(
            code="obligation_not_yet",
            message=Text(
                "协议在 {day} 尚未生效，义务还不存在。",
                "The agreement was not in force on {day}: nothing was owed.",
            ),
            instead=Text("请填写协议生效之后的日期。", "Enter a day after it came into force."),
            fields={"day": met_on},
            at="met_on",
            status=422,
        )
    if owed.met_on is not None:
        return Refusal(
            code="obligation_met",
            message=Text("这项义务已于 {day} 履行。", "This obligation was met on {day}."),
            instead=Text("无需再次登记。", "There is nothing left to do."),
            fields={"day": owed.met_on},
        )
    return not_yet(met_on, clock.today(), "met_on") if met_on > clock.today() else None
