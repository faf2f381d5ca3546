"""A patient of the township's doctor, and what the form of a referral would send."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from decimal import Decimal
from urllib.parse import urlparse
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange.models import Request
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import slot_of
from .residents_desk import page_of

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
HTMX = {"HTTP_HX_REQUEST": "true"}
SAVE, SEND = {"HTTP_X_DRAFT": "save"}, {"HTTP_X_DRAFT": "send"}


@pytest.fixture
def patient(hospital, register) -> UUID:
    """A resident of the township's doctor: pressure of 190, on a medicine."""
    key = register("王小明")
    with scoped(hospital.family_doctor):
        ResponsibleDoctor.objects.create(
            resident_id=key,
            institution_id=hospital.site.township,
            doctor_name="示例医生",
            source="test",
            period=DateRange(ledger.today(), None),
        )
    records.note_visit(
        hospital.family_doctor,
        resident_id=key,
        kind=VisitKind.OUTPATIENT,
        complaint="头晕三天",
        conditions=(Diagnosis("I10", "原发性高血压"),),
        readings=(Reading("sbp", Decimal(190), unit="mmHg"), Reading("dbp", Decimal(112), unit="mmHg")),
        drugs=(Drug("氨氯地平片", dose="5mg 每日一次", long_term=True),),
    )
    return key


@pytest.fixture
def doctor(at_desk) -> Client:
    """The township's doctor."""
    return at_desk(Role.PRIMARY_DOCTOR)


def begin(client: Client, resident: UUID, kind: str = "up", **sent: str) -> str:
    """Start one by the button of the patient page; answers the address of its form."""
    answer = client.post(f"/residents/{resident}/refer/{kind}", {"once": str(uuid7())} | sent)
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    return urlparse(answer.headers["Location"]).path


def of_form(page: str) -> dict[str, str]:
    """What the form would send as it stands: hidden fields, lines, texts and what is ticked."""
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        fields = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        boxed = fields.get("type") in {"radio", "checkbox"}
        if "name" in fields and (not boxed or re.search(r"\bchecked\b", tag)):
            sent[fields["name"]] = fields.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', page):
        sent[name] = text
    return {name: value for name, value in sent.items() if name != "region"}


def write(client: Client, address: str, **sent: str) -> dict[str, str]:
    """The form as it stands, with what is typed over it."""
    return of_form(page_of(client.get(address))) | sent


def row_of(address: str) -> Request:
    """The request behind the address of its form."""
    with scoped_all():
        return Request.objects.get(id=address.split("/")[2])


def scoped_all() -> AbstractContextManager[None]:
    """Sees everything, to look at what became of it."""
    return scoped(Actor.system("test"), area="*")


def hold(client: Client, address: str, at: UUID, key: str | None = None):
    """Press the first place of a session."""
    sent = {"once": key or str(uuid7()), "slot": str(slot_of(at))}
    return client.post(f"{address.rpartition('/')[0]}/hold", sent, **HTMX)
