"""Laying down what an institution of primary care serves, and in which form it is there (XH-89)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.queries.belonging import PRIMARY_CARE
from tiercare.apps.network.rules import Owner
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..queries.ours import said_in
from ..queries.serving import FORMS, places_in
from ..rules import serving as rules

SUBJECT = "planning.service_area"
_CLAUSE = "XH-89"
_INSTITUTION = """
SELECT owner, division_code, category FROM network_institutionversion
WHERE institution_id = %(id)s AND period @> %(on)s::date
"""
_END = """
UPDATE planning_servicearea SET period = daterange(lower(period), %(on)s::date)
WHERE institution_id = %(id)s AND period @> %(on)s::date
"""
# What was laid down for a later day stays: this holds until then.
_NEXT = """
SELECT min(lower(period)) AS until FROM planning_servicearea WHERE institution_id = %(id)s AND lower(period) > %(on)s::date
"""
_LAY = """
INSERT INTO planning_servicearea (id, institution_id, division, form, contract, places, period, made_by_id, made_by_name)
VALUES (%(id)s, %(institution)s, %(division)s, %(form)s, %(contract)s, %(places)s, daterange(%(on)s::date, %(until)s::date),
        %(by)s, %(name)s)
"""


@transaction.atomic
def lay_service_area(
    actor: Actor,
    *,
    institution_id: UUID,
    form: str,
    places: tuple[str, ...],
    contract: str = "",
    on: date | None = None,
) -> None:
    """What an institution serves from a day on (today), in which form; what held before ends.

    Raises:
        Refused: if the actor may not decide about the network there; if it is no open institution of primary care; in a form that no text
            in force names, or that the register contradicts; bought without a contract; without places, or with places of another county.
    """
    today = on or clock.today()
    found = rows(_INSTITUTION, id=institution_id, on=today)
    if not found or found[0]["category"] not in {each.value for each in PRIMARY_CARE}:
        raise Refused(rules.NOT_PRIMARY)
    county = found[0]["division_code"]
    refuse(may(actor, Right.NETWORK_DECIDE, division=county))
    said = said_in(county, FORMS, on=today)
    forms = tuple(map(str, said)) if isinstance(said, tuple | list) else None
    private = Owner(found[0]["owner"]) is Owner.PRIVATE
    contract, wanted = contract.strip()[: rules.LONGEST_CONTRACT], sorted(set(places))
    refuse(
        rules.form_refusal(form, forms, private=private, contract=contract),
        None if wanted and set(wanted) <= set(places_in(county, on=today)) else rules.NO_PLACES,
    )
    values = {
        "id": uuid7(),
        "institution": institution_id,
        "division": county,
        "form": form,
        "contract": contract,
        "places": wanted,
        "on": today,
        "by": actor.account_id,
        "name": actor.name,
    }
    with scoped(actor, area=area_of(actor)), connection.cursor() as cursor:
        rows(
            "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"service area {institution_id}"
        )
        (next_one,) = rows(_NEXT, id=institution_id, on=today)
        cursor.execute(_END, {"id": institution_id, "on": today})
        cursor.execute(_LAY, values | {"until": next_one["until"]})
        ledger.append(
            actor,
            events.ServiceAreaLaid(institution_id, form, len(wanted)),
            subject_type=SUBJECT,
            subject_id=institution_id,
            institution_id=institution_id,
            division_code=county,
            clauses=(_CLAUSE,),
        )
