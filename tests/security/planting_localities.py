"""What the matrix asks about of planned centres and service areas: a centre of the city's, an institution of primary care."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.planning.commands import CentreDraft, plan_centre
from tiercare.apps.residents.commands import choose_provider

from .world import CITY, COUNTY, World


def localities_planted(world: World) -> dict[str, str]:
    """Their ids."""
    city, desk = world.actor("commission@own"), world.actor("registrar@own")
    hospital = network.institution_by_slug("wuhu-yijishan_hospital", on=ledger.today())
    assert isinstance(hospital, UUID)
    series = plan_centre(city, CITY, CentreDraft("provincial", "03.04", hospital, (COUNTY,), words="示例"))
    # A choice of the resident's, behind the wall: of a centre for which nobody of the matrix acts.
    me = world.actor("resident@own")
    centres = InstitutionVersion.objects.filter(
        category="TOWNSHIP_CENTRE", division_code=COUNTY, period__contains=ledger.today()
    ).exclude(institution_id=desk.institution_id)
    other = centres.order_by("institution_id").values_list("institution_id", flat=True)[0]
    choose_provider(me, resident_id=world.resident, service="disease_prevention", institution_id=other)
    return {
        "planned_centre": str(series),
        "centre_hospital": str(hospital),
        "served_by": str(desk.institution_id),
    }
