"""Signals open alerts, alerts are looked into: the four monitors (YN-102), siphoning (NHC-86), land-grab (NHC-83) and costs
beyond those of peers (YN-101), over synthetic facts in which something is hidden."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands import supervision
from tiercare.apps.evaluation.commands.alerts import call_to_account, open_alerts
from tiercare.apps.evaluation.commands.landing import joins_in, land
from tiercare.apps.evaluation.commands.noticing import notice
from tiercare.apps.evaluation.commands.running import Computed, compute, keep
from tiercare.apps.evaluation.models import Matter
from tiercare.apps.evaluation.queries.boards import Asked, board
from tiercare.apps.evaluation.queries.oversight import roll
from tiercare.apps.evaluation.rules.peers import outside
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.commands import grant_waiver
from tiercare.apps.network import commands as network
from tiercare.apps.network.models import Consortium, Institution, InstitutionVersion
from tiercare.apps.network.rules import Role
from tiercare.cli.facts_profile import profile_of
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.synth import LandGrab, Siphon, synth
from tiercare.engines.policy import PackSet
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ...unit.measures.frames import filled
from ..referrals.places import lay_down
from ..residents.care import codes, later, synthetic_clock
from ..residents.conftest import site
from ..web.indicators_desk import lay
from .supervised import (
    SYSTEM,
    Parties,
    commission_of,
    do,
    office_at,
    oversight_altered,
    parties,
    shown,
    stored,
    today,
)

__all__ = ["parties", "site", "synthetic_clock"]

_NEEDED = {"visits", "staff", "funds", "referrals", "support", "institutions", "remote"}
_FOLDERS: list[TemporaryDirectory[str]] = []


@pytest.fixture(scope="module", autouse=True)
def _swept() -> Iterator[None]:
    yield
    for each in _FOLDERS:
        each.cleanup()


@cache
def facts() -> tuple[Path, str, str]:
    """Two years of 楚雄 with one consortium that draws and one that collects members."""
    _FOLDERS.append(TemporaryDirectory())
    root = Path(_FOLDERS[-1].name)
    profile = profile_of(mandates.packs().packs["chuxiong"])
    draws, collects = profile.groups[8].key, profile.groups[3].key
    hidden = [Siphon(draws, 202501, 0.5), LandGrab(collects, 70)]
    synth(root, profile, 2, 80_000, 7, first_year=2024, planted=hidden, only=_NEEDED)
    return root, draws, collects


@cache
def small() -> Computed:
    """A run of the same region over next to nothing: what is noticed stands beside it."""
    _FOLDERS.append(TemporaryDirectory())
    root = Path(_FOLDERS[-1].name)
    synth(root, profile_of(mandates.packs().packs["chuxiong"]), 1, 400, 7, first_year=2025, only={"visits"})
    return compute("chuxiong", years=(2025,), root=root)


def computed(packs: PackSet | None = None) -> Computed:
    """What is noticed in the facts, under these packs."""
    if packs is None:
        return _usual()
    year = span("2025")
    with Store(facts()[0], regions=["5323"]) as store:
        book = load_book(packs, "chuxiong")
        found = tuple(notice(store, book, year, region="5323", today=date(2026, 3, 1)))
    # A pack that was altered is another: what it computes is kept beside what ours did.
    digest = sha256(repr(sorted(book.given.items())).encode()).hexdigest()
    return replace(small(), pack_digest=digest, values=(), cards=(), noticed=found)


@cache
def _usual() -> Computed:
    return computed(mandates.packs())


def with_limits(tmp_path: Path, **limits: int | str) -> PackSet:
    """The packs with other limits of ours."""
    packs = mandates.packs()
    folder = tmp_path / "cn"
    shutil.copytree(packs.packs["cn"].folder, folder)
    path = folder / "indicators" / "37-signals.yaml"
    text = path.read_text("utf-8")
    for name, value in limits.items():
        head, _, rest = text.partition(f"  {name}:\n    value: ")
        text = f"{head}  {name}:\n    value: {value}\n{rest.partition(chr(10))[2]}"
    path.write_text(text, "utf-8")
    return PackSet({**packs.packs, "cn": replace(packs.packs["cn"], folder=folder)})


@pytest.fixture
def prefecture(parties: Parties):
    lay_down("chuxiong")
    return commission_of("5323")


def alerts(**wanted) -> dict[tuple[str, str], Matter]:
    with scoped(SYSTEM, area="*"):
        rows = Matter.objects.filter(kind="ALERT", **wanted)
        return {(row.payload["rule"], row.subject_key): row for row in rows}


@pytest.mark.clause("NHC-86")
def test_a_lead_that_draws_opens_an_alert_once_with_the_cases_behind_it(prefecture, tmp_path) -> None:
    _, draws, _ = facts()
    # A pack that asks for six flows together, of which there are five, sees no siphon in the same facts.
    open_alerts(keep(prefecture, computed(with_limits(tmp_path, siphon_least_flows=6))))
    assert alerts() and not {key for rule, key in alerts() if rule == "siphon"}
    run = keep(prefecture, computed())
    opened = open_alerts(run)
    assert opened and open_alerts(run) == 0 == open_alerts(), "one for each signal, however often"
    row = alerts()["siphon", draws]
    assert (row.owner_area, row.issuer_area, row.period) == ("5323", "5323", "2025")
    assert row.due_on == today() + timedelta(days=15) and "NHC-86" in row.clauses
    flows = row.payload["content"]["flows"]
    assert any(flow["cases"] and flow["keys"] for flow in flows) and row.payload["synthetic"]


def test_an_alert_is_answered_by_what_was_seen_or_dismissed_with_a_reason(prefecture) -> None:
    _, draws, _ = facts()
    open_alerts(keep(prefecture, computed()))
    key = alerts()["siphon", draws].id
    with pytest.raises(Refused) as caught:
        do(prefecture, key, Act.SUBMIT)
    assert codes(caught) == {"evaluation.no_outcome"}
    with pytest.raises(Refused) as caught:
        do(prefecture, key, Act.SUBMIT, figures={"outcome": "confirmed"})
    assert codes(caught) == {"evaluation.confirmed_needs_child"}
    with pytest.raises(Refused) as caught:
        do(prefecture, key, Act.WITHDRAW, "")
    assert codes(caught) == {"evaluation.words_needed"}
    check = supervision.inspect(
        prefecture, template="signal_check", mode="site_visit", subject=f"consortium:{draws}", parent_id=key
    )
    assert stored(key).due_on >= stored(check).due_on
    do(prefecture, key, Act.SUBMIT, figures={"outcome": "confirmed"})
    with pytest.raises(Refused) as caught:
        do(prefecture, key, Act.CLOSE)
    assert codes(caught) == {"evaluation.children_open"}
    do(prefecture, check, Act.WITHDRAW, "示例：改由省里检查")
    assert do(prefecture, key, Act.CLOSE, "") is State.CLOSED


def test_collected_members_are_reported_by_the_limit_of_the_pack(prefecture, tmp_path) -> None:
    _, _, collects = facts()
    open_alerts(keep(prefecture, computed()))
    row = alerts()["land_grab", collects]
    assert "NHC-83" in row.clauses and row.payload["content"]["members"] > 60
    # With a lower limit of the pack others have too many members as well.
    packs = with_limits(tmp_path, land_most_members=5)
    stricter = computed(packs)
    before = len([key for key in alerts() if key[0] == "land_grab"])
    open_alerts(keep(prefecture, stricter))
    assert len([key for key in alerts() if key[0] == "land_grab"]) > before


def landed(packs: PackSet | None = None) -> Computed:
    """What stands out of members and joins alone, of the year's facts and of the register as it is now."""
    year, known = span("2025"), packs or mandates.packs()
    with Store(facts()[0], regions=["5323"]) as store:
        book = load_book(known, "chuxiong")
        found = tuple(land(store, book, year, "5323", joins_in("5323", "chuxiong", [year])))
    digest = sha256(repr(sorted(book.given.items())).encode()).hexdigest()
    return replace(small(), pack_digest=digest, values=(), cards=(), noticed=found)


def joined(found: Computed) -> dict[str, list[str]]:
    """By consortium, who joined it beside the plan."""
    return {
        each.key: [one["name"] for one in each.content["joins"]]
        for each in found.noticed
        if "joins" in each.content
    }


GROUP, MARCH = "chuxiong-group-peoples", date(2025, 3, 1)


def takes(name: str) -> Institution:
    """The group of 州人民医院 takes in a nursing home, by a command of the commission and no application."""
    house = Institution.objects.create(slug=f"test-{uuid7()}")
    InstitutionVersion.objects.create(
        institution=house,
        period=DateRange(date(2010, 1, 1), None),
        name=name,
        category="NURSING",
        level=1,
        owner="PRIVATE",
        affiliation="NONE",
        division_code="532301",
    )
    network.start_membership(
        actor=SYSTEM,
        consortium_id=Consortium.objects.get(slug=GROUP).id,
        institution_id=house.id,
        role=Role.MEMBER,
        start=MARCH,
    )
    return house


@pytest.mark.clause("NHC-83")
def test_members_beyond_the_limit_and_joins_beside_the_plan_are_reported(prefecture, tmp_path) -> None:
    _, _, collects = facts()
    before = landed()
    assert not joined(before) and collects in {each.key for each in before.noticed}
    house = takes("示例护理院甲")
    found = landed()
    assert joined(found) == {GROUP: ["示例护理院甲"]} and found.digest != before.digest
    open_alerts(keep(prefecture, before))
    assert ("land_grab", GROUP) not in alerts()
    open_alerts(keep(prefecture, found))
    row = alerts()["land_grab", GROUP]
    assert "NHC-83" in row.clauses and "示例护理院甲（2025-03-01）" in row.words and "{" not in row.words
    (join,) = row.payload["content"]["joins"]
    assert (join["name"], join["on"], join["whole"]) == ("示例护理院甲", "2025-03-01", False)
    assert alerts()["land_grab", collects].payload["content"]["most_members"] == 60
    # The pack's words altered: other limits report others, other grounds or leads other joins.
    many = {each.key for each in landed(with_limits(tmp_path / "a", land_most_members=5)).noticed}
    assert {collects, GROUP} < many
    assert joined(landed(with_limits(tmp_path / "b", land_plan_lead_level=4))) == {}
    # And what the plan says: with an exception by name the join rests on something.
    grant_waiver(
        actor=prefecture,
        pack_id="chuxiong",
        card_key="yunnan/group_within_its_area",
        subject=f"institution:{house.id}",
        subject_name="示例护理院甲",
        reason="示例：州政府专题会议同意",
        start=date(2025, 1, 1),
        end=date(2025, 12, 31),
    )
    assert joined(landed()) == {}
    packs = with_limits(tmp_path / "c", land_plan_grounds="[approved, grid]")
    assert joined(landed(packs)) == {GROUP: ["示例护理院甲"]}, "a pack that takes no exception for a plan"


@pytest.mark.clause("YN-102")
def test_four_monitors_with_limits_of_the_pack(prefecture, tmp_path) -> None:
    usual = {name for name, _ in alerts_of(prefecture, computed())}
    assert {"siphon", "land_grab"} <= usual and not {"monopoly", "private_share"} & usual
    packs = with_limits(tmp_path, monopoly_most_beds_percent=1, private_least_percent=300)
    all_four = alerts_of(prefecture, computed(packs))
    assert {name for name, _ in all_four} >= {"siphon", "land_grab", "monopoly", "private_share"}
    assert all("YN-102" in row.clauses for (name, _), row in all_four.items() if name != "cost_band")
    assert {each.standing.kind for each in board(prefecture, Asked(kind="ALERT")).lines} == {"ALERT"}


def alerts_of(prefecture, found: Computed) -> dict[tuple[str, str], Matter]:
    open_alerts(keep(prefecture, found))
    return alerts()


# Yuan that a stay costs at each of nine hospitals of one level, the last far dearer; and how many stays each had.
COSTS, STAYS = [*range(5_000, 5_800, 100), 20_000], 40


@cache
def dear() -> tuple[Computed, str]:
    """A year of stays at nine hospitals of 楚雄, computed from the facts; answers the run and the dear one."""
    from tiercare.apps.network.queries import institution_rows

    houses = [each for each in institution_rows("5323", on=date(2025, 12, 31)) if each.level == 2][
        : len(COSTS)
    ]
    stays = [
        filled(
            "visits",
            visit=f"{house.slug}-{number}",
            person=f"P-{house.slug}-{number}",
            kind="inpatient",
            date=date(2025, 3, 1) + timedelta(days=number),
            institution=house.slug,
            tier="secondary",
            place=house.division_code,
            home=house.division_code,
            diagnosis="I63.9",
            days=7,
            cost=yuan * 100,
        )
        for house, yuan in zip(houses, COSTS, strict=True)
        for number in range(STAYS)
    ]
    _FOLDERS.append(TemporaryDirectory())
    root = lay(Path(_FOLDERS[-1].name), "5323", {"visits": stays})
    return compute("chuxiong", years=(2025,), root=root), houses[-1].slug


@pytest.mark.clause("YN-101")
def test_a_cost_beyond_its_peers_is_listed_and_unanswered_becomes_accountability(
    prefecture, parties: Parties, monkeypatch, tmp_path
) -> None:
    found, costly = dear()
    run = keep(prefecture, found)
    # With a wider band, or more peers asked for than there are, the same costs are nothing to look into.
    for at, (was, now) in enumerate({"width: 1.5": "width: 60", "least: 8": "least: 10"}.items()):
        with oversight_altered(monkeypatch, tmp_path / str(at), "yunnan", was, now):
            assert open_alerts(run) == 0, now
    assert open_alerts(run) == 1
    row = alerts()["cost_band", costly]
    content = row.payload["content"]
    # Quartiles of 5 200 and 5 600 yuan, and one and a half times what is between them; values are kept in fen.
    assert (Decimal(content["value"]), Decimal(content["high"])) == (20_000_00, 6_200_00)
    assert (Decimal(content["low"]), content["peers"]) == (5_200_00, 9)
    assert "20,000.00 元，同级9家机构的常见范围是 5,200.00 元–6,200.00 元" in row.words
    assert row.id in {line.id for line in board(prefecture, Asked(kind="ALERT")).lines}
    assert call_to_account() == 0
    later(days=16)
    commands.escalate_overdue()
    assert call_to_account() == 1 and call_to_account() == 0
    case = shown(prefecture, row.id).children[0]
    houses = {each.key: each for each in roll(prefecture).subjects.values() if each.group == "institution"}
    assert case.standing.owner.institution_id == houses[costly].party.institution_id
    assert case.standing.title.startswith("问责") and case.standing.due_on is not None
    house = office_at(case.standing.owner.institution_id)
    do(house, case.id, Act.SUBMIT, "示例：病种难度高，附说明")
    assert do(prefecture, case.id, Act.CLOSE, "") is State.CLOSED


def test_where_the_pack_does_not_ask_nobody_is_called_to_account(prefecture, monkeypatch, tmp_path) -> None:
    found, costly = dear()
    with oversight_altered(monkeypatch, tmp_path, "yunnan", "account: true", "account: false"):
        open_alerts(keep(prefecture, found))
    later(days=16)
    assert commands.escalate_overdue() == 1 and ("cost_band", costly) in alerts()
    assert call_to_account() == 0


def test_the_band_is_that_of_the_middle_half() -> None:
    values = {f"k{n}": Decimal(n) for n in range(1, 10)}  # quartiles 3 and 7
    assert outside(values | {"far": Decimal(13)}, width=Decimal(1), least=8) != []
    (one,) = outside({**values, "k9": Decimal("13.1")}, width=Decimal("1.5"), least=8)
    assert (one.key, one.low, one.high, one.peers) == ("k9", Decimal(3), Decimal(13), 9)
    assert outside({**values, "k9": Decimal(13)}, width=Decimal("1.5"), least=8) == []
    assert outside({**values, "k9": Decimal(99)}, width=Decimal("1.5"), least=10) == []
