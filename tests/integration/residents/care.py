"""What the tests of consent, emergency access and the residents' pages share: a clock to be moved, and short words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connections

from tiercare.apps.access.rules import Purpose
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.residents import commands, queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

WHY = "车祸昏迷送来抢救，家属还没有到场"


@pytest.fixture(scope="module", autouse=True)
def synthetic_clock(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The database counts as a demonstration while this file's tests run, so that its clock can be moved."""
    mark = "UPDATE ledger_installation SET synthetic = %s, clock_override = NULL"
    with django_db_blocker.unblock():
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT synthetic FROM ledger_installation")
            (was,) = cursor.fetchone()
            cursor.execute(mark, [True])
        yield
        with connections["owner"].cursor() as cursor:
            cursor.execute(mark, [was])
        connections["owner"].close()


def later(**much: float) -> None:
    """Move the platform's clock on."""
    ledger.set_clock(Actor.system("test"), at=ledger_queries.now() + timedelta(**much))


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in caught.value.refusals}


def reads(actor: Actor, resident_id: UUID, purpose: Purpose = Purpose.TREATMENT) -> str:
    """On what ground the actor reads the record now; empty if refused."""
    try:
        with queries.opened(actor, resident_id, purpose=purpose) as record:
            return record.basis.value
    except Refused as refused:
        assert refused.refusals[0].code == "access.no_basis"
        return ""


def consent(actor: Actor, resident_id: UUID, grantee_id: UUID, **more) -> UUID:
    """Consent to treatment until tomorrow, unless said otherwise."""
    asked = {"purposes": [Purpose.TREATMENT], "until": tomorrow()} | more
    return commands.give_consent(actor, resident_id, grantee_id=grantee_id, **asked)


def tomorrow() -> date:
    return ledger_queries.today() + timedelta(days=1)
