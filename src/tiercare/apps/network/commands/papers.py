"""What is signed: agreements with their parties and obligations, and charters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models


@dataclass(frozen=True, slots=True)
class Owed:
    """Who owes what to whom by when; parties as ``gov:<division>`` or ``institution:<slug>``."""

    debtor: str
    creditor: str
    text: Text
    due: date
    clause: str = ""


@transaction.atomic
def sign_agreement(
    *,
    actor: Actor,
    slug: str,
    title: str,
    consortium_id: UUID,
    signed_on: date,
    end: date,
    institution_ids: Sequence[UUID],
    governments: Sequence[str] = (),
    sections: Sequence[str] = (),
    obligations: Sequence[Owed] = (),
) -> models.Agreement:
    """Record a signed agreement about a consortium, in force from ``signed_on`` up to ``end``.

    Raises:
        Refused: if the actor may not, there are fewer than two parties, or the term is empty.
    """
    division = _area(consortium_id)
    refusal = may(actor, Right.NETWORK_DECIDE, division=division) or _incomplete(
        len(institution_ids) + len(governments), signed_on, end
    )
    if refusal:
        raise Refused(refusal)
    agreement = models.Agreement.objects.create(
        slug=slug,
        title=title,
        consortium_id=consortium_id,
        signed_on=signed_on,
        sections=list(sections),
        period=DateRange(signed_on, end),
    )
    models.AgreementParty.objects.bulk_create(
        [
            *(models.AgreementParty(agreement=agreement, institution_id=key) for key in institution_ids),
            *(models.AgreementParty(agreement=agreement, government_of=code) for code in governments),
        ]
    )
    models.Obligation.objects.bulk_create(
        models.Obligation(
            agreement=agreement,
            debtor=owed.debtor,
            creditor=owed.creditor,
            text_zh=owed.text.zh,
            text_en=owed.text.en,
            due=owed.due,
            clause=owed.clause,
        )
        for owed in obligations
    )
    ledger.append(
        actor,
        events.AgreementSigned(title, str(consortium_id), signed_on, end),
        subject_type="agreement",
        subject_id=agreement.id,
        division_code=division,
    )
    return agreement


def _incomplete(parties: int, signed_on: date, end: date) -> Refusal | None:
    if parties < 2:
        return Refusal(
            code="agreement_needs_two_parties",
            message=Text("协议至少要有两方。", "An agreement needs two parties."),
            instead=Text("请补充另一方机构或政府。", "Add the other institution or government."),
            at="parties",
            status=422,
        )
    if end <= signed_on:
        return Refusal(
            code="agreement_term_empty",
            message=Text(
                "协议期限为空：{end} 不晚于 {start}。", "The term is empty: {end} is not after {start}."
            ),
            instead=Text("请更正签订日期或终止日期。", "Mend the day of signing or the end."),
            fields={"start": signed_on, "end": end},
            at="end",
            status=422,
        )
    return None


@transaction.atomic
def adopt_charter(*, actor: Actor, consortium_id: UUID, adopted_on: date, text: str) -> models.Charter:
    """Record that a consortium adopted its charter (章程).

    Raises:
        Refused: if the actor may not, or the text is empty.
    """
    division = _area(consortium_id)
    refusal = may(actor, Right.NETWORK_DECIDE, division=division)
    if refusal is None and not text.strip():
        refusal = Refusal(
            code="charter_without_text",
            message=Text("章程没有内容。", "The charter has no text."),
            instead=Text("请录入牵头医院制定的章程全文。", "Enter the text that the lead hospital wrote."),
            at="text",
            status=422,
        )
    if refusal:
        raise Refused(refusal)
    charter = models.Charter.objects.create(
        consortium_id=consortium_id, adopted_on=adopted_on, text=text.strip()
    )
    ledger.append(
        actor,
        events.CharterAdopted(str(consortium_id), adopted_on),
        subject_type="consortium",
        subject_id=consortium_id,
        division_code=division,
    )
    return charter


def _area(consortium_id: UUID) -> str:
    version = models.ConsortiumVersion.objects.filter(consortium_id=consortium_id).order_by("-period").first()
    if version is None:
        raise Refused(
            Refusal(
                code="consortium_not_there",
                message=Text("没有这个医联体。", "There is no such consortium."),
                instead=Text("请从列表中选择。", "Choose one from the list."),
                at="consortium",
                status=404,
            )
        )
    return version.division_code
