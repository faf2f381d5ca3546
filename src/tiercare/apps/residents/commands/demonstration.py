"""What insures the made-up residents of a demonstration."""

from __future__ import annotations

from django.db import connection

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .. import events
from ..queries.finding import SUBJECT
from ..rules.cover import CoverSource, Scheme

# Of ten: one has none on record, and one pays for themself; of those of working age four are in the employees' insurance.
# Shares of no document: they only give every page something to show.
_COVERS = """
INSERT INTO residents_cover (id, resident_id, scheme, insured_area, source, period)
SELECT gen_random_uuid(), who.id, who.scheme, CASE WHEN who.scheme = %(self_paid)s THEN '' ELSE left(who.division_code, 6) END,
       %(source)s, daterange(date_trunc('year', %(on)s::date - interval '2 years')::date, NULL)
FROM (
    SELECT r.id, r.division_code, CASE
        WHEN abs(hashtext(r.name || r.birth_date::text)) %% 10 = 1 THEN %(self_paid)s
        WHEN abs(hashtext(r.name || r.birth_date::text)) %% 10 < 6
             AND r.birth_date BETWEEN %(on)s::date - interval '60 years' AND %(on)s::date - interval '22 years' THEN %(employee)s
        ELSE %(resident)s END AS scheme
    FROM residents_resident r
    WHERE r.synthetic AND r.deceased_on IS NULL AND r.birth_date IS NOT NULL AND r.birth_date < date_trunc('year', %(on)s::date - interval '2 years')
      AND abs(hashtext(r.name || r.birth_date::text)) %% 10 <> 0
      AND NOT EXISTS (SELECT FROM residents_cover c WHERE c.resident_id = r.id)
) who
"""


def demonstrate_covers() -> int:
    """Give the synthetic residents who have none a cover, marked as from a file; returns how many.

    Raises:
        RuntimeError: where the database is no demonstration.
    """
    if not ledger_queries.installation().synthetic:
        raise RuntimeError("only residents of a demonstration are insured by nobody's word")
    with scoped(Actor.system("cli"), area=EVERYWHERE), connection.cursor() as cursor:
        cursor.execute(
            _COVERS,
            {
                "self_paid": Scheme.SELF_PAID.value,
                "employee": Scheme.EMPLOYEE.value,
                "resident": Scheme.RESIDENT.value,
                "source": CoverSource.FILE.value,
                "on": ledger_queries.today(),
            },
        )
        taken = cursor.rowcount
        ledger.append(
            Actor.system("cli"),
            events.CoversImported(taken=taken, known=0),
            subject_type=SUBJECT,
            subject_id=uuid7(),
        )
    return taken
