"""Versions of a plan: searched for, drawn by hand, discussed, approved by a second person, and the network from a day on."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation import commands as evaluation
from tiercare.apps.evaluation.queries import matter
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import models as network_models
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.answering import grid_of
from tiercare.apps.network.rules import Kind
from tiercare.apps.planning import commands, models
from tiercare.apps.planning.commands import Asked, Discussion, Draft, searching
from tiercare.apps.planning.queries import ground_of, plans
from tiercare.apps.planning.queries.verdicts import following, grids_of
from tiercare.apps.planning.rules.plans import Source, Stage
from tiercare.engines.planning.judging import broken
from tiercare.engines.planning.regions import Wishes, described, neighbours
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..evaluation.supervised import commission_of, office_at

ON = date(2019, 7, 1)  # the day on which the document's divisions all stand
WISHES = Wishes(uneven=2.0, change=2.0, border=5.0, farthest=60.0)
CITY, SECOND, ELSEWHERE = commission_of("3402"), commission_of("3402", "示例审定人"), commission_of("4407")


def refused(what) -> set[str]:
    with pytest.raises(Refused) as caught:
        what()
    return {each.code for each in caught.value.refusals}


def take(actor: Actor, matter_id: UUID, act: Act, said: Said | None = None) -> State:
    return evaluation.act(actor, matter_id=matter_id, act=act, said=said)


def one_moved(region, wishes=WISHES) -> tuple[dict[str, str], str]:
    """Today's division with one township in the grid of a neighbour, which breaks no rule more than today's; and the township."""
    beside, seats = neighbours(region), {lead.place for lead in region.leads}
    areas = {lead.key: lead.areas for lead in region.leads}
    today = len(broken(region, wishes, described(region, wishes, region.today)))
    for place in region.places:
        leads = {region.today[other] for other in beside[place.key]} - {region.today[place.key]}
        for lead in sorted(leads):
            if place.key in seats or place.area not in areas[lead]:
                continue
            drawn = {**region.today, place.key: lead}
            if len(broken(region, wishes, described(region, wishes, drawn))) <= today:
                return drawn, place.key
    raise AssertionError("every move breaks something")


@pytest.fixture
def drawn(wuhu: str) -> tuple[dict[str, str], str]:
    return one_moved(ground_of(wuhu, on=ON).region)


@pytest.fixture
def saved(drawn) -> UUID:
    number = commands.save_plan(CITY, "3402", Draft("示例：调整一个镇", WISHES, drawn[0], on=ON))
    return plans.plan(CITY, "3402", number).line.id


def test_versions_are_numbered_and_reckoned_here(wuhu: str, drawn) -> None:
    region = ground_of(wuhu, on=ON).region
    first = commands.save_plan(CITY, wuhu, Draft("示例：今天的网格", WISHES, region.today, on=ON))
    second = commands.save_plan(
        CITY, wuhu, Draft("示例：调整一个镇", WISHES, drawn[0], parent=first, words="示例：方便群众", on=ON)
    )
    assert (first, second) == (1, 2)
    shown = plans.plan(CITY, wuhu, second)
    assert shown.lead_of == drawn[0] and shown.parent == first and shown.wishes == WISHES
    assert shown.costs["total"] == pytest.approx(described(region, WISHES, drawn[0]).parts.total)
    assert shown.line.ground == plans.ground_digest(region) and shown.line.gap is None
    assert {each["kind"] for each in shown.layout} >= {"CITY_GROUP", "COUNTY_COMMUNITY"}
    assert [each.number for each in plans.plans(CITY, wuhu)] == [second, first]


def test_what_cannot_be_kept_is_said_and_nothing_is(wuhu: str, drawn) -> None:
    lead_of, township = drawn
    without = {key: lead for key, lead in lead_of.items() if key != township}

    def save(actor: Actor = CITY, title: str = "示例", wishes: Wishes = WISHES, of=lead_of, parent=None):
        return commands.save_plan(actor, wuhu, Draft(title, wishes, of, parent=parent, on=ON))

    assert refused(lambda: save(title=" ")) == {"planning.no_title"}
    assert refused(lambda: save(wishes=Wishes(uneven=-1.0))) == {"planning.bad_weight"}
    assert refused(lambda: save(of=without)) == {"planning.misfit"}
    assert refused(lambda: save(of={**lead_of, township: str(uuid4())})) == {"planning.misfit"}
    assert refused(lambda: save(parent=7)) == {"planning.no_such_plan"}
    assert refused(lambda: save(actor=ELSEWHERE))
    assert refused(lambda: save(actor=commission_of("340223")))
    assert models.Plan.objects.count() == 0


def test_only_the_area_and_those_who_are_asked_read_a_version(wuhu: str, saved: UUID) -> None:
    county = commission_of("340223")
    for stranger in (ELSEWHERE, county):
        assert refused(lambda stranger=stranger: plans.plan_by_id(stranger, saved)) == {
            "planning.no_such_plan"
        }
        with scoped(stranger, area=stranger.division_code):
            assert not models.Plan.objects.exists()
    discussed(saved)
    asked = next(each.party for each in commands.parties_of(CITY, saved) if each.party.institution_id is None)
    assert plans.plan_by_id(commission_of(asked.area), saved).line.number == 1
    assert refused(lambda: plans.plan_by_id(ELSEWHERE, saved)) == {"planning.no_such_plan"}
    with scoped(CITY, area="3402"):
        assert models.Plan.objects.update(title="改写") == 0, "what was kept is not rewritten"


def test_a_search_goes_its_way_and_keeps_what_it_found(wuhu: str) -> None:
    key = commands.ask_search(CITY, wuhu, Asked("示例：方案一", WISHES, seed=3, effort=0.5, on=ON))
    assert plans.search(CITY, key).stage is Stage.WAITING
    assert ProcrastinateJob.objects.filter(task_name="planning.search", args={"search": str(key)}).exists()
    assert refused(lambda: commands.ask_search(CITY, wuhu, Asked("示例", WISHES, on=ON))) == {
        "planning.search_waiting"
    }
    assert refused(lambda: plans.search(ELSEWHERE, key)) == {"planning.no_such_search"}
    assert commands.run_search(key) is Stage.DONE
    found = plans.search(CITY, key)
    kept = plans.plan(CITY, wuhu, found.number)
    assert kept.line.source is Source.SEARCH and kept.line.made_by == CITY.name and kept.seed == 3
    assert kept.line.gap is not None and 0 <= kept.line.gap <= 0.01
    assert found.progress[-1][1] == pytest.approx(kept.costs["total"], rel=0.01)
    assert commands.run_search(key) is Stage.DONE and len(plans.plans(CITY, wuhu)) == 1, "twice is once"


def test_a_search_that_was_stopped_keeps_nothing(wuhu: str) -> None:
    key = commands.ask_search(CITY, wuhu, Asked("示例", WISHES, on=ON))
    assert refused(lambda: commands.stop_search(ELSEWHERE, key)) == {"planning.no_such_search"}
    commands.stop_search(CITY, key)
    assert commands.run_search(key) is Stage.STOPPED
    assert refused(lambda: commands.stop_search(CITY, key)) == {"planning.search_over"}
    assert plans.plans(CITY, wuhu) == []


def test_a_search_is_stopped_while_it_goes_on(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody stops it after it has read the region: the solver hears of it, and nothing is kept."""
    key = commands.ask_search(CITY, wuhu, Asked("示例", WISHES, on=ON))
    read = searching.ground_of

    def stopped_meanwhile(region: str, *, on: date):
        assert plans.search(CITY, key).stage is Stage.RUNNING
        commands.stop_search(CITY, key)
        return read(region, on=on)

    monkeypatch.setattr(searching, "ground_of", stopped_meanwhile)
    assert commands.run_search(key) is Stage.STOPPED
    assert plans.search(CITY, key).stage is Stage.STOPPED and plans.plans(CITY, wuhu) == []


def test_a_search_that_breaks_off_keeps_nobody_waiting(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = commands.ask_search(CITY, wuhu, Asked("示例", WISHES, on=ON))

    def broken_off(region: str, *, on: date):
        raise ZeroDivisionError

    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(searching, "ground_of", broken_off)
        commands.run_search(key)
    found = plans.search(CITY, key)
    assert found.stage is Stage.FAILED and found.why
    assert commands.ask_search(CITY, wuhu, Asked("示例", WISHES, on=ON)) != key


def test_a_search_that_finds_nothing_says_why(wuhu: str) -> None:
    """The grids are gone between asking and searching."""
    key = commands.ask_search(CITY, wuhu, Asked("示例", WISHES, on=ON))
    for model in (network_models.Responsibility, network_models.GridPlace, network_models.Grid):
        model.objects.all().delete()
    assert commands.run_search(key) is Stage.FAILED
    found = plans.search(CITY, key)
    assert found.number is None and any("没有登记网格" in zh for zh, _ in found.why)


def discussed(plan: UUID, *, days: int = 40) -> UUID:
    today = ledger.today()
    parties = [each.party for each in commands.parties_of(CITY, plan)]
    return commands.discuss(
        CITY,
        Discussion(
            plan,
            "示例：请提意见",
            parties,
            today + timedelta(days=14),
            today + timedelta(days=30),
            today + timedelta(days=days),
        ),
    )


def opine(matter_id: UUID, *, agrees: bool = True) -> None:
    for child in matter(CITY, matter_id=matter_id).children:
        owner = child.standing.owner
        who = office_at(owner.institution_id) if owner.institution_id else commission_of(owner.area)
        take(who, child.id, Act.SUBMIT, Said("示例：无意见", {"agrees": agrees}))
        take(CITY, child.id, Act.CLOSE)


def test_a_plan_becomes_the_network_from_its_day(wuhu: str, drawn, saved: UUID) -> None:
    lead_of, township = drawn
    matter_id = discussed(saved)
    assert refused(lambda: discussed(saved)) == {"planning.under_discussion"}
    children = matter(CITY, matter_id=matter_id).children
    assert len(children) >= 2
    owner = children[0].standing.owner
    who = office_at(owner.institution_id) if owner.institution_id else commission_of(owner.area)
    assert refused(lambda: take(who, children[0].id, Act.SUBMIT, Said("示例：看过"))) == {
        "planning.say_whether"
    }
    take(CITY, matter_id, Act.SUBMIT, Said("示例：意见已汇总"))
    assert refused(lambda: take(SECOND, matter_id, Act.APPROVE)) == {"evaluation.children_open"}
    opine(matter_id)
    assert refused(lambda: take(CITY, matter_id, Act.APPROVE)) == {"planning.second_person"}
    take(SECOND, matter_id, Act.APPROVE)
    now, start = ledger.today(), ledger.today() + timedelta(days=40)
    before = grids(wuhu, now)
    assert take(SECOND, matter_id, Act.LOCK) is State.LOCKED
    assert grids(wuhu, now) == before and grids(wuhu, start - timedelta(days=1)) == before, (
        "not before its day"
    )
    assert grids(wuhu, start) == grids_of(ground_of(wuhu, on=ON).network, lead_of) != before
    assert plans.plan_by_id(CITY, saved).line.state is State.LOCKED
    answering = grid_of(township, on=start)
    assert answering is not None and answering != grid_of(township, on=now)


def grids(region: str, day: date):
    """The grids on record."""
    return dict(network.network_facts(region, on=day).grids)


def test_an_earlier_division_can_come_back(wuhu: str, saved: UUID) -> None:
    today, before = ground_of(wuhu, on=ON).region.today, grids(wuhu, ledger.today())
    concerned = commands.parties_of(CITY, saved)[0].name
    _adopted(saved)
    assert commands.parties_of(CITY, saved) == [], "it is the network"
    assert grids(wuhu, ledger.today()) != before
    number = commands.save_plan(CITY, wuhu, Draft("示例：恢复原状", WISHES, today, on=ON))
    drawn_back = plans.plan(CITY, wuhu, number).line.id
    assert {each.name for each in commands.parties_of(CITY, drawn_back)} >= {concerned}, (
        "whoever gets it back, too"
    )
    _adopted(drawn_back)
    assert grids(wuhu, ledger.today()) == before


def test_primary_care_goes_with_its_township(wuhu: str) -> None:
    """A township of one county community goes to the other: its centre and clinics become members there, from the day on."""
    ground = ground_of(wuhu, on=ON)
    first, second = sorted(
        each.id for each in ground.network.of_kind(Kind.COUNTY_COMMUNITY) if each.division == "340221"
    )
    seats = {lead.place for lead in ground.region.leads}
    moved = next(
        key for key, lead in sorted(ground.region.today.items()) if lead == first and key not in seats
    )
    drawn = {**ground.region.today, moved: second}
    number = commands.save_plan(CITY, wuhu, Draft("示例：镇换医共体", WISHES, drawn, on=ON))
    expected = {each.institution for each in following(ground.network, drawn)}
    assert expected
    _adopted(plans.plan(CITY, wuhu, number).line.id, days=40)

    def members(of: str, day: date) -> set[str]:
        rows = network_models.Membership.objects.filter(consortium_id=of, period__contains=day)
        return {str(key) for key in rows.values_list("institution_id", flat=True)}

    now, start = ledger.today(), ledger.today() + timedelta(days=40)
    assert expected <= members(first, now) and not expected & members(second, now)
    assert expected <= members(second, start) and not expected & members(first, start)
    assert members(first, now) - expected == members(first, start)


def test_a_division_that_a_card_forbids_does_not_take_effect(wuhu: str, saved: UUID) -> None:
    """A later division stands on record: nothing is drawn over it, and the matter stays approved."""
    _adopted(saved, days=40)
    today = ground_of(wuhu, on=ON).region.today
    number = commands.save_plan(
        CITY, wuhu, Draft("示例：恢复原状", WISHES, {**today, **_other(today, saved)}, on=ON)
    )
    matter_id = _ready(plans.plan(CITY, wuhu, number).line.id, days=0)
    assert refused(lambda: take(SECOND, matter_id, Act.LOCK)) == {"network.later_grids"}
    assert matter(CITY, matter_id=matter_id).standing.state is State.APPROVED


def test_a_plan_drawn_after_area_codes_ended_names_each_place_once(wuhu: str) -> None:
    """繁昌县 and 芜湖县 became districts in 2020, and the registers still name them: their townships are not drawn beside the old area."""
    today = ledger.today()
    ground = ground_of(wuhu, on=today)
    drawn, _ = one_moved(ground.region)
    number = commands.save_plan(CITY, wuhu, Draft("示例：按今天的区划调整", WISHES, drawn, on=today))
    _adopted(plans.plan(CITY, wuhu, number).line.id)
    holding: dict[str, list[str]] = {}
    for grid in grids(wuhu, today).values():
        for code in grid.places:
            area = ground.network.areas.get(code)
            for township in (area.townships if area is not None else ()) or (code,):
                holding.setdefault(township, []).extend(grid.responsible)
    assert {place: holding[place] for place in drawn} == {place: [lead] for place, lead in drawn.items()}


def _other(today, saved: UUID):
    """The township that the kept version moves."""
    kept = plans.plan_by_id(CITY, saved).lead_of
    return {place: lead for place, lead in kept.items() if today[place] != lead}


def _ready(plan: UUID, *, days: int) -> UUID:
    matter_id = discussed(plan, days=days)
    opine(matter_id)
    take(CITY, matter_id, Act.SUBMIT, Said("示例：意见已汇总"))
    take(SECOND, matter_id, Act.APPROVE)
    return matter_id


def _adopted(plan: UUID, *, days: int = 0) -> None:
    take(SECOND, _ready(plan, days=days), Act.LOCK)
