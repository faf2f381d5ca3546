"""What the matrix asks about of records: a stay with all that belongs to it, at the township that keeps the file."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands
from tiercare.apps.records.models import DownPrompt, FollowUpAlert, FormAnswer
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading
from tiercare.apps.records.rules.vocabulary import ContactKind, DocumentKind, VisitKind
from tiercare.apps.records.rules.withdrawing import What

from .world import World

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def records_planted(world: World) -> dict[str, str]:
    """One row of every table of records, so that there is something to be hidden; ids by the words of the matrix."""
    doctor, him = world.actor("primary_doctor@own"), {"resident_id": UUID(world.ids["resident"])}
    stay = commands.note_visit(
        doctor,
        **him,
        kind=VisitKind.INPATIENT,
        complaint="示例主诉",
        conditions=[Diagnosis("I10", "原发性高血压")],
        readings=[Reading("sbp", Decimal(150), unit="mmHg")],
        drugs=[Drug("示例药", long_term=True)],
    )
    file = commands.add_document(doctor, **him, kind=DocumentKind.REPORT, title="示例报告", content=PDF)
    wrong = commands.add_document(doctor, **him, kind=DocumentKind.OTHER, title="记错的", content=PDF)
    commands.withdraw(doctor, what=What.DOCUMENT, entry_id=wrong, reason="示例：记错了")
    plan = commands.make_plan(
        doctor, **him, code="I10", name="高血压", treatment="示例", rehabilitation="示例", nursing="示例"
    )
    contact = commands.plan_contact(
        doctor, **him, kind=ContactKind.FOLLOW_UP, due_on=ledger.today(), plan_id=plan
    )
    return {
        "encounter": str(stay),
        "document": str(file),
        "withdrawn": str(wrong),
        "contact": str(contact),
        **_asked_and_proposed(world, contact, stay),
    }


def _asked_and_proposed(world: World, contact: UUID, stay: UUID) -> dict[str, str]:
    """An answered form with its alert, a proposal to go down, and a drug of the township's list."""
    doctor = world.actor("primary_doctor@own")
    here = {"resident_id": UUID(world.ids["resident"]), "institution_id": doctor.institution_id}
    with scoped(doctor):
        answer = FormAnswer.objects.create(
            **here, form="nursing", version=1, contact_id=contact, year=2020, answers={"bleeding": True}
        )
        alert = FollowUpAlert.objects.create(
            **here,
            raiser_id=doctor.institution_id,
            answer=answer,
            form="nursing",
            items={"bleeding": True},
        )
        prompt = DownPrompt.objects.create(
            **here, ground="visit", source_id=stay, code="I10", name="原发性高血压"
        )
    drug = commands.keep_drug(doctor, name="示例药片")
    return {"alert": str(alert.id), "prompt": str(prompt.id), "drug": str(drug)}
