"""Medical centres planned by what residents seek outside the province, and kept with their versions (NHC-24)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tiercare.apps.evaluation.queries.indicator import newest_run
from tiercare.apps.evaluation.queries.runs import Kept
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion, KeySpecialty
from tiercare.apps.planning.commands import CentreDraft, change_centre, plan_centre
from tiercare.apps.planning.queries import centres as queries
from tiercare.apps.planning.rules.centres import Proposal, State
from tiercare.engines.policy.model import Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ..evaluation.boards_made import laid as lay_rows
from ..evaluation.boards_made import visit
from ..evaluation.computed import keep_small_year
from ..evaluation.extracts import commission
from ..network.acts import altered

pytestmark = pytest.mark.django_db
CARDIOLOGY, BURNS, ONCOLOGY = "03.04", "04.07", "19"
AREA = ("340202", "340223")
SHANGHAI, HOME, ON = "310101", "340202", date(2019, 1, 9)


@pytest.fixture
def root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return settings.FACTS_ROOT


@pytest.fixture
def run(root: Path) -> Kept:
    """A year in which 40 of 100 left the province for cardiology, 35 of 70 for burns and 6 of 12 for tumours."""
    rows: list[dict[str, Any]] = []
    for code, outside, inside in ((CARDIOLOGY, 40, 60), (BURNS, 35, 35), (ONCOLOGY, 6, 6)):
        for place, times in ((SHANGHAI, outside), (HOME, inside)):
            for _ in range(times):
                rows.append(visit(f"V{len(rows)}", ON, place, home=HOME, specialty=code, diagnosis="I21.9"))
    lay_rows(root, "3402", "visits", rows)
    keep_small_year()
    found = newest_run(commission(), "wuhu")
    assert found is not None
    return found


def hospital(slug: str = "wuhu-yijishan_hospital") -> UUID:
    found = network.institution_by_slug(slug, on=ledger.today())
    assert found is not None
    return found


def proposed(run: Kept) -> dict[str, Proposal]:
    found = queries.proposed(commission(), run, span="2019", on=ledger.today())
    return {each.specialty: each for each in found.proposals}


def by(monkeypatch: pytest.MonkeyPatch, name: str, value: Value) -> None:
    packs = altered(name, value)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)


def draft(**more: Any) -> CentreDraft:
    values: dict[str, Any] = {
        "kind": "provincial",
        "specialty": CARDIOLOGY,
        "institution_id": hospital(),
        "area": AREA,
    }
    return CentreDraft(**(values | more))


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {each.code for each in caught.value.refusals}


@pytest.mark.clause("NHC-24")
def test_specialties_are_proposed_by_what_leaves_against_what_is_here(run, monkeypatch) -> None:
    found = proposed(run)
    assert list(found) == [CARDIOLOGY, BURNS]  # most leave for the first; of the third too few left at all
    first = found[CARDIOLOGY]
    assert (first.demand.outside, first.demand.all, first.kind) == (40, 100, "provincial")
    # 弋矶山 holds the province's key specialty: it comes first among those that are licensed.
    assert first.hospital is not None
    assert (first.hospital.id, first.hospital.rank) == (str(hospital()), "PROVINCIAL")
    # Nobody of the city is licensed for burns: proposed for its part of the province, and nobody named for it.
    assert (found[BURNS].hospital, found[BURNS].kind) == (None, "intra_provincial_regional")
    # The packs say from when on; each of the three counts.
    by(monkeypatch, "NHC-24.centre_visits_from", 36)
    assert list(proposed(run)) == [CARDIOLOGY]
    by(monkeypatch, "NHC-24.centre_visits_from", 5)
    assert set(proposed(run)) == {CARDIOLOGY, BURNS, ONCOLOGY}
    by(monkeypatch, "NHC-24.centre_share_from", 45)
    assert list(proposed(run)) == [BURNS]
    # Of kinds that the text does not name none is proposed.
    by(monkeypatch, "NHC-24.center_types", ("intra_provincial_regional",))
    assert list(proposed(run)) == [BURNS]


@pytest.mark.clause("NHC-24")
def test_where_there_are_enough_specialists_nothing_is_proposed(run, monkeypatch) -> None:
    specialists = proposed(run)[CARDIOLOGY].specialists
    load = proposed(run)[CARDIOLOGY].load
    assert load is None if not specialists else load == 40 / specialists
    by(monkeypatch, "NHC-24.centre_load_from", 1000)
    assert (CARDIOLOGY in proposed(run)) == (specialists == 0)
    # Without the rank the same hospital would serve its part of the province.
    KeySpecialty.objects.filter(code=CARDIOLOGY).delete()
    by(monkeypatch, "NHC-24.centre_load_from", 1)
    assert proposed(run)[CARDIOLOGY].kind == "intra_provincial_regional"


@pytest.mark.clause("NHC-24")
def test_a_planned_centre_is_kept_with_its_versions(wuhu, monkeypatch) -> None:
    actor = commission()
    series = plan_centre(actor, "3402", draft(words="示例", demand={"outside": 40, "all": 100}))
    with pytest.raises(Refused) as caught:
        plan_centre(actor, "3402", draft(words="再来一次"))
    assert codes(caught) == {"planning.centre_planned_already"}
    (kept,) = queries.centres(actor, "3402")
    assert (kept.series, kept.version, kept.state, kept.area) == (series, 1, State.PLANNED, AREA)
    assert change_centre(actor, series, draft(state=State.BUILDING, area=("3402",)), version=1) == 2
    versions = queries.centre(actor, series)
    assert [(each.version, each.state, each.area) for each in versions] == [
        (2, State.BUILDING, ("3402",)),
        (1, State.PLANNED, AREA),
    ]
    assert versions[0].demand == {"outside": 40, "all": 100}  # what it rests on goes with it
    with pytest.raises(Refused) as caught:
        change_centre(actor, series, draft(), version=1)
    assert codes(caught) == {"planning.centre_changed"}
    change_centre(actor, series, draft(state=State.DROPPED), version=2)
    assert queries.centres(actor, "3402") == []
    assert [each.version for each in queries.centres(actor, "3402", dropped=True)] == [3]
    told = Event.objects.filter(kind="planning.centre_planned").order_by("id")
    assert [each.payload["version"] for each in told] == [1, 2, 3]
    assert all(each.clauses == ["NHC-24"] for each in told)
    # Those of the county and of the province see it as well; another province does not.
    assert queries.centres(actor, "340202", dropped=True) and queries.centres(actor, "34", dropped=True)
    assert queries.centres(actor, "3501", dropped=True) == []
    by(monkeypatch, "NHC-24.center_types", ("intra_provincial_regional",))
    with pytest.raises(Refused) as caught:
        plan_centre(actor, "3402", draft())
    assert codes(caught) == {"planning.no_such_centre_kind"}
    assert plan_centre(actor, "3402", draft(kind="intra_provincial_regional"))


def test_what_cannot_be_planned_is_said_at_once(wuhu) -> None:
    actor = commission()
    with pytest.raises(Refused) as caught:
        plan_centre(actor, "3402", draft(kind="national", specialty=BURNS, area=("3101", "349999")))
    assert codes(caught) == {
        "planning.no_such_centre_kind",
        "planning.centre_not_licensed",
        "planning.centre_area",
    }
    with pytest.raises(Refused) as caught:
        plan_centre(actor, "3402", draft(area=()))
    assert codes(caught) == {"planning.centre_no_area"}
    InstitutionVersion.objects.filter(institution_id=hospital()).update(level=2)
    with pytest.raises(Refused) as caught:
        plan_centre(actor, "3402", draft())
    assert codes(caught) == {"planning.centre_not_licensed"}
    with pytest.raises(Refused):
        queries.centre(actor, uuid7())
    for role, where in (("auditor", "3402"), ("commission", "1401")):
        stranger = Actor(account_id=uuid7(), name="示例", role=role, division_code=where, request_id=uuid7())
        with pytest.raises(Refused):
            plan_centre(stranger, "3402", draft())
