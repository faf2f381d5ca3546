"""Accounts, places and addresses for the tests of account administration."""

from __future__ import annotations

from datetime import date

from django.test import Client
from django.urls import reverse
from psycopg.types.range import DateRange

from tiercare.apps.access import models
from tiercare.apps.access.rules import SCOPE_OF, Role
from tiercare.apps.network.models import InstitutionVersion
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id

HOSPITAL = stable_id("test", "hospital")


def demonstration(client: Client) -> Client:
    """The client of a demonstration account, which need not set up a second factor first."""
    models.Account.objects.filter(username__startswith="test.").update(synthetic=True)
    return client


def person(
    username: str, role: Role | None = Role.CLINICIAN, *, area: str = "340221", **more
) -> models.Account:
    account = models.Account.objects.create(
        **{"username": username, "display_name": username.upper(), "password": "kept"} | more
    )
    if role is not None:
        region = SCOPE_OF[role] == "REGION"
        models.Grant.objects.create(
            account=account,
            role=role.value,
            scope=SCOPE_OF[role].value,
            division_code=area,
            place_name="示例医院",
            institution_id=None if region else HOSPITAL,
            period=DateRange(date(2019, 1, 1), None),
        )
    return account


def at(name: str, *args: object) -> str:
    return f"{reverse(name, args=args)}?region=wuhu&on=2019-07-01"


def acting(client: Client) -> Actor:
    account = models.Account.objects.get(username__startswith="test.operator")
    return Actor(account.id, account.display_name, "operator", division_code="3402")


def township_centre() -> InstitutionVersion:
    row: InstitutionVersion = InstitutionVersion.objects.filter(
        division_code__startswith="3402", period__contains=date(2019, 7, 1), category="TOWNSHIP_CENTRE"
    ).order_by("name")[0]
    return row
