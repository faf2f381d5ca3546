"""A client at a desk, a planted resident, and what every page of theirs is read for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange
from tests.integration.residents.conftest import given, id_number, register, site

from tiercare.apps.access import models
from tiercare.apps.access.rules import Role
from tiercare.kernel.ids import uuid7
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

__all__ = ["given", "register", "site"]  # fixtures

BIRTH = date(1968, 5, 17)
# Planted where a leak would show: nowhere in a page, an address or a header unless somebody clicked.
CANARY, CANARY_PHONE = id_number(BIRTH, 77), "13877776666"
# Session, wall, ground, record of the reading, one statement a section, and for what stands with the area (WH-03) its pack and the centres.
PAGE_STATEMENTS = 34
LIST_STATEMENTS = 11
ROLES = (Role.REGISTRAR, Role.REFERRAL_OFFICE, Role.CLINICIAN, Role.PRIMARY_DOCTOR)


@pytest.fixture
def at_desk(site) -> Callable[..., Client]:
    """A client that acts at one of the three institutions."""

    def sign_in(role: Role = Role.REGISTRAR, place: str = "township", name: str = "甲") -> Client:
        account = models.Account.objects.create(
            username=f"{f'desk.{role.value}.{place}'[:33]}.{uuid7().hex[-6:]}",
            display_name=f"测试{name}",
            password="!",
            synthetic=True,
        )
        area = role is Role.INDEX_KEEPER
        grant = models.Grant.objects.create(
            account=account,
            role=role.value,
            scope="REGION" if area else "INSTITUTION",
            division_code="3402" if area else site.division[:6],
            institution_id=None if area else getattr(site, place),
            place_name="测试地点",
            period=DateRange(date(2019, 1, 1), None),
        )
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return client

    return sign_in


@pytest.fixture
def canary(register) -> UUID:
    return register("欧阳娜娜", number=CANARY, birth_date=BIRTH, phone=CANARY_PHONE)


def page_of(answer, status: int = 200) -> str:
    """The page, with the promise that the planted numbers are nowhere in it."""
    assert answer.status_code == status, answer.content.decode()[-2000:]
    text = answer.content.decode()
    for secret in (CANARY, CANARY.lower(), CANARY_PHONE):
        assert secret not in text
        assert secret not in str(answer.headers)
    return text


def form(**more: str) -> dict[str, str]:
    return {
        "once": str(uuid7()),
        "identity_kind": "id_card",
        "number": id_number(BIRTH, 101),
        "name": "王小明",
        "sex": "1",
        "nation": "01",
        "birth_date": BIRTH.isoformat(),
        "province": "34",
        "prefecture": "3402",
        "county": "340223",
        "address": "示例路 1 号",
    } | more
