"""What stands between an actor and a person at this moment: the facts of ``rules.basis_of``."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tiercare.apps.ledger.prepared import prepared
from tiercare.kernel.actor import Actor

from ..rules import Basis, CareFacts, Purpose

# One round trip. The rows are seen through the wall: the caller is ``scoped`` to the actor's organisations.
_FACTS = """
SELECT ARRAY(SELECT DISTINCT kind FROM access_carerelation
             WHERE resident_id = ANY (%(persons)s::uuid[]) AND institution_id = %(institution)s::uuid
               AND (account_id IS NULL OR account_id = %(account)s::uuid)
               AND since <= tiercare_now() AND (until IS NULL OR until > tiercare_now())),
       ARRAY(SELECT DISTINCT unnest(purposes) FROM access_consent
             WHERE resident_id = ANY (%(persons)s::uuid[]) AND grantee_id = ANY (%(organisations)s::uuid[])
               AND withdrawn_at IS NULL AND since <= tiercare_now() AND until > tiercare_now()),
       EXISTS(SELECT FROM access_breakglass
              WHERE resident_id = ANY (%(persons)s::uuid[]) AND account_id = %(account)s::uuid
                AND institution_id = %(institution)s AND since <= tiercare_now() AND until > tiercare_now())
"""


def care_facts(
    actor: Actor,
    persons: Collection[UUID],
    *,
    organisations: Collection[UUID] = (),
    keeps_file: bool = False,
    is_guardian: bool = False,
) -> CareFacts:
    """What is in force now between the actor and the person whose entries these are.

    ``organisations`` are those on whose behalf a consent reaches the actor (its institution and present
    consortia); that its institution keeps the file, and that the actor is a guardian, the caller knows.
    """
    if actor.resident_id is not None:
        return CareFacts(is_self=actor.resident_id in persons, is_guardian=is_guardian)
    if actor.institution_id is None or actor.account_id is None:
        return CareFacts()
    values = {
        "persons": list(persons),
        "institution": actor.institution_id,
        "account": actor.account_id,
        "organisations": [actor.institution_id, *organisations],
    }
    with prepared() as cursor:
        cursor.execute(_FACTS, values)
        kinds, purposes, broken = cursor.fetchone()
    relations = {Basis(kind) for kind in kinds} | ({Basis.REGISTRATION} if keeps_file else set())
    return CareFacts(
        relations=frozenset(relations),
        consents=frozenset(Purpose(purpose) for purpose in purposes),
        glass_broken=broken,
    )
