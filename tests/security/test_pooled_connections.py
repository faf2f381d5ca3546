"""S3: a connection that goes back to the pool carries no scope to whoever gets it next."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.kernel.actor import Actor

from .walls import counted, nothing, walled
from .world import CITY

SEEN = {"residents_household": 1}


@pytest.mark.security("S3")
@pytest.mark.parametrize("ends", ["commit", "rollback", "error"])
def test_a_connection_from_the_pool_carries_nothing_over(one_household: UUID, ends: str) -> None:
    """After a transaction that saw the rows, the next user of the same connection sees none."""
    desk = Actor(UUID(int=1), "x", Role.REGISTRAR.value, institution_id=one_household)
    assert not connection.in_atomic_block, "transactions have to end really"
    if ends == "commit":
        with scoped(desk, area=CITY):
            assert counted(list(SEEN)) == SEEN
    elif ends == "rollback":
        with transaction.atomic():
            with scoped(desk, area=CITY):
                assert counted(list(SEEN)) == SEEN
            transaction.set_rollback(True)
    else:
        with pytest.raises(ProgrammingError), scoped(desk, area=CITY), connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
    assert counted(walled()) == nothing(walled())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('tiercare.scope', true), current_setting('tiercare.area', true)"
        )
        assert set(cursor.fetchone()) <= {None, ""}
    with scoped(Actor(UUID(int=2), "y", Role.REGISTRAR.value, institution_id=UUID(int=7))):
        assert counted(walled()) == nothing(walled())
