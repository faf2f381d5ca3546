"""What a destination would cost the patient, from the cover on record and the packs' rates, to the fen by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.referrals.queries.destinations import Destination
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.rules.cover import Given
from tiercare.engines.payment import Care, Confidence, load_benefits
from tiercare.kernel.money import Money

from ..capacity.conftest import Hospital, hospital
from ..residents.conftest import Site, given, register, site
from .places import CARDIOLOGY, down, up

__all__ = ["Site", "given", "hospital", "register", "site"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(hospital: Hospital, register: Callable[..., UUID]) -> Iterator[Callable[..., Destination]]:
    """What the township's doctor is told of the county hospital, of level two, for somebody insured so."""
    InstitutionVersion.objects.filter(institution_id=hospital.id).update(level=2)
    resident = register()

    def run(scheme: str = "", **more) -> Destination:
        if scheme:
            area = "340223" if scheme in {"EMPLOYEE", "RESIDENT"} else ""
            since = ledger.today() - timedelta(days=9)
            desk = hospital.site.actor(Role.REGISTRAR)
            residents.record_cover(desk, resident_id=resident, given=Given(scheme, area, since))
        found = up(hospital.family_doctor, resident, CARDIOLOGY, **more)
        return next(each for each in found if each.institution_id == hospital.id)

    yield run


def chip(of: Destination) -> str:
    return next((each.sentence() for each in of.reasons if each.code == "cost"), "")


def test_a_visit_by_the_residents_insurance(shown: Callable[..., Destination]) -> None:
    """200 yuan at level two: 50 deductible, 30 % of the other 150 is 45, so 155 remain."""
    told = shown("RESIDENT")
    assert told.estimate.out_of_pocket == Money.yuan(155)
    assert told.estimate.fund_pays == Money.yuan(45)
    assert told.estimate.confidence is Confidence.ASSUMPTION
    assert chip(told) == "预计自付约 155.00 元（估算，仅供参考，待遇标准为平台假设）"


def test_a_stay_is_a_range_because_the_deductible_counts_on(shown: Callable[..., Destination]) -> None:
    """6,000 yuan at level two, employees: 88 % of 5,600 is 4,928, so 1,072 remain; with the deductible paid already 88 %
    of 6,000 is 5,280, so 720."""
    told = shown("EMPLOYEE", care=Care.INPATIENT)
    assert (told.estimate.at_least, told.estimate.out_of_pocket) == (Money.yuan(720), Money.yuan(1072))
    assert "720.00–1072.00 元" in chip(told)


def test_without_a_cover_and_outside_the_basic_insurance_nothing_is_claimed(
    shown: Callable[..., Destination],
) -> None:
    nothing = shown()
    assert not nothing.estimate.known and "未登记参保" in nothing.estimate.caveat.zh and not chip(nothing)
    paying = shown("SELF_PAID")
    assert not paying.estimate.known and "自费" in paying.estimate.caveat.zh and not chip(paying)


def test_referred_down_a_stay_has_no_deductible(hospital: Hospital, register: Callable[..., UUID]) -> None:
    """2,500 yuan at level one, residents, no deductible: 85 % is 2,125, so 375 remain, and nothing less."""
    resident = register(actor=hospital.desk)
    since = ledger.today() - timedelta(days=9)
    given = Given("RESIDENT", "340223", since)
    residents.record_cover(hospital.desk, resident_id=resident, given=given)
    InstitutionVersion.objects.filter(institution_id=hospital.site.township).update(level=1)
    found = down(hospital.office, resident, care=Care.INPATIENT, wish=hospital.site.township)
    told = next(each for each in found if each.institution_id == hospital.site.township)
    assert (told.estimate.at_least, told.estimate.out_of_pocket) == (Money.yuan(375), Money.yuan(375))


def test_another_pack_says_another_amount(
    shown: Callable[..., Destination], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The region's own benefits, from a text: 20 yuan deductible and 50 % of the rest: 180 halved is 90, so 110 remain."""
    folder = tmp_path / "ours"
    folder.mkdir()
    row = {
        "cover": "RESIDENT",
        "care": "OUTPATIENT",
        "confidence": "text",
        "source": {"zh": "示例文件", "en": "a made-up text"},
        "since": ledger.today() - timedelta(days=30),
        "levels": [
            {"levels": [2], "deductible": 20, "percent": 50, "percent_unreferred": 40, "typical": 200}
        ],
    }
    (folder / "benefits.yaml").write_text(yaml.safe_dump({"benefits": [row]}, allow_unicode=True), "utf-8")
    national = next(Path(each.folder) for each in mandates.packs() if each.id == "cn")
    altered = load_benefits([national, folder])
    before = shown("RESIDENT").estimate.out_of_pocket
    monkeypatch.setattr(mandates, "benefits", lambda pack, known: altered)
    told = shown()
    assert (before, told.estimate.out_of_pocket) == (Money.yuan(155), Money.yuan(110))
    assert chip(told) == "预计自付约 110.00 元（估算，仅供参考）"
