"""What flows to remote and poor areas (YN-16), and county hospitals by low use of beds with their conversion (XH-120)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.mandates import commands as mandating
from tiercare.apps.network import models
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries.drafts import present_rows
from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.rules.facts import Category
from tiercare.apps.network.rules.reorganising import Present
from tiercare.apps.network.rules.reorganising.present import Rows
from tiercare.apps.planning.queries.flows import flows_of
from tiercare.apps.planning.queries.surplus import surplus
from tiercare.apps.planning.rules.flows import Source, listed_codes
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.text import Text

from .regions import altered, commission, desk, key_of, laid_down, refusals
from .stores import told

FIRST, LAST = date(2019, 1, 1), date(2019, 6, 30)


@pytest.fixture
def facts(settings: Any, tmp_path: Path) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return tmp_path / "facts"


@pytest.fixture
def prefecture(wuhu: str) -> Actor:
    laid_down("chuxiong")
    return commission("5323")


def _slug(pack: str, name: str) -> str:
    return str(models.Institution.objects.get(id=key_of(pack, "institution", name)).slug)


def _posted(name: str, *, receiver: str, first: date, until: date | None) -> UUID:
    """A doctor of the prefecture's hospital who practises at another one under an agreement; made up."""
    doctor = models.Clinician.objects.create(code=f"demo-{name}", name="演示医师", synthetic=True)
    home = key_of("chuxiong", "institution", "prefecture_peoples_hospital")
    models.PracticeSite.objects.create(
        clinician=doctor, institution_id=home, ground="REGISTERED", period=DateRange(date(2015, 1, 1), None)
    )
    agreement = models.Agreement.objects.create(
        slug=f"demo-{name}", title="演示帮扶协议", signed_on=first, period=DateRange(first, None)
    )
    return models.PracticeSite.objects.create(
        clinician=doctor,
        institution_id=key_of("chuxiong", "institution", receiver),
        ground="AGREEMENT",
        agreement=agreement,
        period=DateRange(first, until),
    ).id


def _support(
    receiver: str, division: str, days: int, *, tier: str = "primary", **more: Any
) -> dict[str, Any]:
    return {
        "act": f"act-{uuid7()}",
        "person": "p1",
        "kind": "posting",
        "direction": "down",
        "title": "senior",
        "sender": _slug("chuxiong", "prefecture_peoples_hospital"),
        "sender_tier": "tertiary",
        "receiver": receiver,
        "receiver_tier": tier,
        "receiver_division": division,
        "consortium": None,
        "days": days,
        "hours": None,
        "long": False,
        **more,
    }


def _remote(sender: str, division: str, **more: Any) -> dict[str, Any]:
    return {
        "service": f"s-{uuid7()}",
        "kind": "imaging",
        "sender": sender,
        "sender_tier": "primary",
        "sender_division": division,
        "sender_consortium": None,
        "receiver": _slug("chuxiong", "prefecture_peoples_hospital"),
        "receiver_tier": "tertiary",
        "receiver_consortium": None,
        "requested": date(2019, 3, 5),
        "minutes_to_report": 60,
        "done": True,
        **more,
    }


def _listed(actor: Actor, *items: str, start: date = date(2018, 1, 1)) -> None:
    mandating.edit_list(
        actor=actor,
        pack_id="chuxiong",
        list_id="remote_poor_areas",
        items=[Text(item, item) for item in items],
        start=start,
    )


def _sum(found: Any, source: Source) -> tuple[int, int, int]:
    (one,) = [each for each in found.sums if each.source is source]
    return one.all, one.primary, one.remote


@pytest.mark.clause("YN-16")
def test_staff_days_and_sessions_to_remote_areas_are_counted_with_their_ids(
    prefecture: Actor, facts: Path
) -> None:
    _listed(prefecture, "532324 南华县", "532331", "月亮湾")
    inside = _posted("a", receiver="nanhua_hospital", first=date(2019, 2, 1), until=date(2019, 3, 1))
    _posted("b", receiver="chuxiongshi_hospital", first=date(2018, 12, 1), until=None)
    _posted("c", receiver="chuxiongshi_hospital", first=date(2019, 7, 1), until=None)
    remote = [_remote("nanhua-x", "532324"), _remote("x", "532301"), _remote("x", "532324", done=False)]
    told(facts, "5323", "support", 201903, [
        _support("nanhua-x", "532324101", 5), _support("y", "532301", 7, tier="secondary"),
        _support("y", "532324", 9, direction="up"),
    ])  # fmt: skip
    told(facts, "5323", "remote", 201903, remote)
    found = flows_of(prefecture, "chuxiong", first=FIRST, last=LAST)
    assert _sum(found, Source.PRACTICE) == (28 + 181, 0, 28)
    assert _sum(found, Source.SUPPORT) == (12, 5, 5)
    assert _sum(found, Source.REMOTE) == (2, 2, 1)
    assert found.unread == ("月亮湾",) and set(found.listed) == {"532324", "532331"}
    behind = {flow.id: flow for flow in found.flows if flow.remote}
    assert behind[str(inside)].amount == 28 and remote[0]["service"] in behind
    assert behind[str(inside)].sender.endswith("人民医院")
    # Another list, another number: who counts as remote is the region's to say.
    _listed(prefecture, "532301", start=date(2018, 6, 1))
    again = flows_of(prefecture, "chuxiong", first=FIRST, last=LAST)
    assert _sum(again, Source.SUPPORT) == (12, 5, 7) and _sum(again, Source.PRACTICE)[2] == 181


def test_who_sees_the_flows_and_where_nobody_asks_for_them(prefecture: Actor, facts: Path) -> None:
    del facts
    office = desk(key_of("chuxiong", "institution", "nanhua_hospital"), "5323")
    assert refusals(lambda: flows_of(office, "chuxiong", first=FIRST, last=LAST))
    assert "planning.flows_not_asked" in refusals(
        lambda: flows_of(commission("3402"), "wuhu", first=FIRST, last=LAST)
    )
    assert "planning.wrong_period" in refusals(
        lambda: flows_of(prefecture, "chuxiong", first=LAST, last=FIRST)
    )
    county = flows_of(commission("532324"), "chuxiong", first=FIRST, last=LAST)
    assert county.area == "532324"


def test_an_item_of_the_list_is_a_code_or_a_known_name() -> None:
    found, unread = listed_codes(["532331 禄丰县", "武定县", "某处"], {"532329": "武定县"})
    assert found == {"532331": "禄丰县", "532329": "武定县"} and unread == ["某处"]


# Too many beds (XH-120) -----------------------------------------------------------------------------------

ON = date(2018, 6, 1)


@pytest.fixture
def district(wuhu: str, facts: Path) -> Actor:
    del facts
    laid_down("xinhui")
    return commission("440705", "演示·区卫健局甲")


def _house(name: str, used: int | None, opened: int | None) -> dict[str, Any]:
    return {
        "institution": _slug("xinhui", name),
        "division": "440705001",
        "category": "GENERAL",
        "tier": "secondary",
        "grade": None,
        "county_hospital": True,
        "public": True,
        "urban": True,
        "consortium": None,
        "role": None,
        "tight": None,
        "form": None,
        "beds": 100,
        "bed_days_open": opened,
        "bed_days_used": used,
        "telemedicine": False,
        "connected": True,
        "ecg": False,
        "tcm_service": False,
    }


def _months(facts: Path, rows: Mapping[int, Iterable[dict[str, Any]]]) -> None:
    for month, houses in rows.items():
        told(facts, "440705", "institutions", month, list(houses))


@pytest.mark.clause("XH-120")
def test_hospitals_with_too_many_beds_are_ranked_and_one_is_converted_with_its_history(
    district: Actor, facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {
        201803: [_house("xinhui_hospital", 900, 1000), _house("xinhui_second_hospital", 300, 1000)],
        201804: [_house("xinhui_hospital", 850, 1000), _house("xinhui_second_hospital", 350, 1000)],
        201612: [_house("xinhui_second_hospital", 999, 1000)],
    }
    _months(facts, rows)
    found = surplus(district, "xinhui", on=ON)
    names = [each.name for each in found.rows]
    assert names[:2] == ["江门市新会区第二人民医院", "江门市新会区人民医院"]
    assert found.rows[0].share == pytest.approx(0.325) and found.rows[0].months == 2
    assert [each.surplus for each in found.rows[:2]] == [True, False]
    assert found.rows[-1].share is None, "who told nothing stands last"
    assert found.targets == (Category.REHABILITATION, Category.NURSING)

    hospital = found.rows[0]
    here = Present(ON, present_rows(institutions=[hospital.code], on=ON))
    converted = Rows(here)
    converted.begin(here.institution(hospital.code), category=found.targets[1].value)
    application = drafts.propose_changes(
        actor=district, region="440705", title="转为护理院", change=Change(converted.told())
    )
    drafts.approve_application(actor=commission("440705", "演示·乙"), application_id=application.id)
    versions = models.InstitutionVersion.objects.filter(institution_id=hospital.id).order_by("period")
    assert [(each.category, each.period.lower, each.period.upper) for each in versions] == [
        ("GENERAL", date(2010, 1, 1), ON),
        ("NURSING", ON, None),
    ]
    assert hospital.name not in [each.name for each in surplus(district, "xinhui", on=ON).rows]
    assert hospital.name in [each.name for each in surplus(district, "xinhui", on=date(2018, 5, 1)).rows]

    altered(monkeypatch, "XH-120", low_bed_use=0.9, target_types=("rehab",))
    again = surplus(district, "xinhui", on=ON)
    assert again.rows[0].name == "江门市新会区人民医院" and again.rows[0].surplus
    assert again.targets == (Category.REHABILITATION,)


def test_only_who_sees_the_area_s_numbers_reads_the_list(district: Actor) -> None:
    assert refusals(lambda: surplus(commission("340202"), "xinhui", on=ON))
    assert "planning.surplus_not_asked" in refusals(lambda: surplus(commission("3402"), "wuhu", on=ON))
    assert all(each.share is None for each in surplus(district, "xinhui", on=ON).rows)
