"""From village to township to county: every hop timed by hand, duties stored, and the levels changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates.models import ListEdition
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.referrals import commands
from tiercare.apps.referrals.queries.hops import hops
from tiercare.kernel.actor import Actor

from ..capacity.admitting import altered
from ..capacity.conftest import Hospital, hospital, session, synthetic_clock
from ..residents.conftest import Site, given, register, site
from .counting import at, laid
from .seen import Seen, in_force, last_month, lifted
from .test_loop import patient, stored

__all__ = ["given", "hospital", "patient", "register", "session", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def seen(site: Site) -> Seen:
    in_force("yunnan")
    return Seen(site, last_month())


def village(site: Site) -> UUID:
    """The stranger's hospital, as if it were a village clinic of the county."""
    InstitutionVersion.objects.filter(institution_id=site.stranger).update(
        category="VILLAGE_CLINIC", level=0, division_code="340223"
    )
    return site.stranger


@pytest.mark.clause("YN-22")
def test_each_hop_from_village_to_township_to_county_is_timed(
    seen: Seen, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    v, t, h = village(seen.site), seen.site.township, seen.site.county_hospital
    resident = register("王小明")
    sent = at(seen.month + timedelta(days=3), 8)
    # Sent on by the township after two hours; the county accepts an hour later, the patient comes after 24 hours.
    laid(
        "up", v, t, resident, sent, [(Act.REDIRECT, 2, "beyond_scope", h), (Act.ACCEPT, 3), (Act.ARRIVE, 24)]
    )
    laid("up", v, h, resident, sent + timedelta(days=1), [(Act.ACCEPT, 4)])  # past the township
    laid("down", h, t, resident, sent + timedelta(days=2), [(Act.ACCEPT, 1), (Act.ARRIVE, 30)])
    found = hops(seen.scope())
    assert (found.levels, found.clauses) == (("county", "township", "village"), ("YN-22",))
    assert [
        (each.source, each.target, each.climbs, each.hops, each.to_answer, each.to_arrival)
        for each in found.between
    ] == [
        ("village", "township", 1, 1, 2 * HOUR, None),
        ("village", "county", 2, 1, 4 * HOUR, None),
        ("township", "county", 1, 1, 1 * HOUR, 22 * HOUR),
        ("county", "township", -1, 1, 1 * HOUR, 30 * HOUR),
    ]
    (chain,) = found.chains
    assert [(each.source_level, each.target_level) for each in chain.hops] == [
        ("village", "township"),
        ("township", "county"),
    ]
    assert chain.seconds == 24 * HOUR

    altered(monkeypatch, "YN-22", level_names=("county", "township"))
    found = hops(seen.scope())
    assert found.levels == ("county", "township")
    assert {each.source for each in found.between} == {"", "township", "county"}, (
        "the village is no level now"
    )
    lifted(monkeypatch, "YN-22")
    assert (hops(seen.scope()).levels, hops(seen.scope()).between) == ((), ())


@pytest.mark.clause("YN-22")
def test_the_duties_of_each_level_are_kept_and_the_region_may_change_them(seen: Seen) -> None:
    found = hops(seen.scope())
    assert set(found.duties) == {"county", "township", "village"} and all(found.duties.values())
    assert any("急危重症" in each.zh for each in found.duties["county"])
    assert found.ours == {"county", "township", "village"}, "the text lists none: the words are ours"
    ListEdition.objects.create(
        pack="yunnan",
        list_id="duties_village",
        items=[{"zh": "示例职责", "en": "an example"}],
        period=(seen.month, None),
    )
    found = hops(seen.scope())
    assert [each.zh for each in found.duties["village"]] == ["示例职责"]
    assert found.ours == {"county", "township"}, "what the region says is the region's"


@pytest.mark.clause("YN-22")
def test_who_goes_on_from_the_township_is_one_chain(seen: Seen, hospital: Hospital, patient: UUID) -> None:
    clinic = village(seen.site)
    first = laid(
        "up", clinic, seen.site.township, patient, ledger.now() - timedelta(hours=5), [(Act.ARRIVE, 2)]
    )
    assert sent_on(hospital.family_doctor, patient, hospital.id).parent_id == first
    today = ledger.today()
    (chain,) = hops(seen.scope(first=today - timedelta(days=1), last=today)).chains
    assert [each.target_level for each in chain.hops] == ["township", "county"]
    assert chain.hops[0].to_arrival == 2 * HOUR and chain.hops[1].to_answer is None


def sent_on(doctor: Actor, patient: UUID, to: UUID) -> Request:
    row = commands.start(doctor, resident_id=patient, kind="up", again="乡镇处理不了，继续上转")
    commands.send(doctor, request_id=row.id, content=exchange.Content(to_institution=to), without_place=True)
    return stored(row.id)


def test_who_was_not_sent_here_begins_a_chain(hospital: Hospital, patient: UUID) -> None:
    assert sent_on(hospital.family_doctor, patient, hospital.id).parent_id is None
