"""Rounds of a survey through the commands: drawn, asked, answered once, counted without names, and computed against the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands import facts, surveys
from tiercare.apps.evaluation.commands.facts import Outcome
from tiercare.apps.evaluation.commands.surveys import Opening
from tiercare.apps.evaluation.models import SurveyInvitation, SurveyRound, SurveySheet
from tiercare.apps.evaluation.queries import survey_results
from tiercare.apps.evaluation.queries import surveys as queries
from tiercare.apps.evaluation.queries.book import book_of
from tiercare.apps.evaluation.rules.surveys import How, State, Told
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.messages.models import Message
from tiercare.apps.residents import queries as drawing
from tiercare.apps.residents.models import Resident
from tiercare.engines.measures.assessment import assess
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import facts as tables
from tiercare.engines.measures.store import Arrived, Mode, Store, write_rows, writing
from tiercare.engines.measures.targets import Met, Standing
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..records.conftest import altered
from ..residents.care import codes, later, synthetic_clock
from ..residents.conftest import Site, given, register, site
from .facts_played import Played, slug, whole

__all__ = ["given", "register", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
AREA = "340223"
WELL = {"ill": False}
BOUGHT = {"ill": True, "first": "bought"}


class Asked(Played):
    """A county under the pack of 新会 with eight residents of made-up names, and a round that asks them."""

    def __init__(self, root: Path, site: Site, register: Callable[..., UUID]) -> None:
        super().__init__(root)
        Mandate.objects.create(division_code=AREA, pack="xinhui", period=DateRange(date(2018, 1, 1), None))
        self.site = site
        self.office = replace(site.actor(Role.COMMISSION), division_code=AREA)
        self.people = [register(name, birth_date=date(1950 + at, 5, 17)) for at, name in enumerate(_NAMES)]
        self.primary, self.hospital = slug(site.township), slug(site.county_hospital)

    def wanted(self, **other: object) -> Opening:
        today = ledger.today()
        values = {"survey": "first_choice", "area": AREA, "first": today, "last": today + timedelta(days=9)}
        return Opening(**{**values, "wanted": 20, **other})

    def open(self, **other: object) -> UUID:
        return surveys.open_round(self.office, self.wanted(**other))

    def answer(self, round_id: UUID, at: int, answers: dict, how: How | None = None) -> None:
        person = self.people[at]
        if how is None:
            surveys.answer_mine(
                self.site.resident(person), round_id=round_id, resident_id=person, answers=answers
            )
        else:
            surveys.answer_for(self.doctor, invitation_id=self.invited(person), how=how, answers=answers)

    @property
    def doctor(self) -> Actor:
        return self.site.actor(Role.PRIMARY_DOCTOR)

    def invitations(self) -> dict[UUID, SurveyInvitation]:
        """All of them, as the institution sees them that registered everybody."""
        with scoped(self.doctor):
            return {each.resident_id: each for each in SurveyInvitation.objects.all()}

    def invited(self, person: UUID) -> UUID:
        return self.invitations()[person].id

    def rows(self, fact: str, month: int | None = None) -> list[dict[str, Any]]:
        with Store(self.root, regions=[AREA], threads=1) as store:
            return list(store.run(store.table(fact)))

    def went(self, where: str) -> dict:
        return {"ill": True, "first": "institution", "institution": where, "why": "near|known", "days": 3}

    def refreshed(self) -> facts.Refreshed:
        self.tell()
        done = facts.refresh(region=AREA, root=self.root)
        return next(each for each in done if each.fact == "surveys")

    def standing(self) -> Standing:
        """The target of XH-125 as an evaluation of this month finds it; the text sets it for 2017."""
        month = Span(self.month, self.month)
        book = book_of("xinhui")
        target = next(each for each in book.targets if each.id == "xh_125")
        definition = {target.indicator: book.indicators[target.indicator]}
        mine = replace(book, indicators=definition, targets=(replace(target, span=None),))
        with Store(self.root, regions=[AREA], threads=1) as store:
            return assess(store, mine, [month], region=AREA).standings[0]


_NAMES = ("王小明", "李晓红", "赵铁柱", "钱多多", "孙悟净", "周星河", "吴一凡", "郑大川")


@pytest.fixture
def asked(site: Site, register, tmp_path: Path) -> Asked:
    return Asked(tmp_path / "facts", site, register)


@pytest.mark.clause("XH-125")
def test_asked_answered_counted_and_held_against_the_target(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = asked.open()
    for at in range(4):
        asked.answer(key, at, asked.went(asked.primary))
    asked.answer(key, 4, asked.went(asked.hospital), How.TELEPHONE)
    asked.answer(key, 5, WELL, How.DOOR)
    assert asked.refreshed().outcome is Outcome.WRITTEN
    found = asked.rows("surveys")
    assert {row["subject"] for row in found} == {"first_choice"} and len(found) == 6
    assert sorted((row["ill"], row["chose_primary"] is True) for row in found) == [
        (False, False), (True, False), (True, True), (True, True), (True, True), (True, True),
    ]  # fmt: skip
    standing = asked.standing()
    assert standing.met is Met.MET and (standing.value.numerator, standing.value.denominator) == (4, 5)

    packs = altered("XH-125.first_choice_primary_share", 0.9)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    assert asked.standing().met is Met.NOT_MET
    (found,) = queries.rounds(asked.office)
    assert "近 2 周" in found.form(ledger.today()).items[0].ask.zh


def test_the_clause_says_how_far_back_is_asked(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    packs = altered("XH-125.recall_weeks", 4)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    asked.open()
    (found,) = queries.rounds(asked.office)
    since = (ledger.today() - timedelta(weeks=4)).isoformat()
    assert f"近 4 周（{since} 以来）" in found.form(ledger.today()).items[0].ask.zh


def test_everybody_is_told_and_answers_once(asked: Asked) -> None:
    key = asked.open()
    with whole():
        assert Message.objects.filter(about_id=key).count() == len(_NAMES)
    asked.answer(key, 0, WELL)
    with pytest.raises(Refused) as again:
        asked.answer(key, 0, BOUGHT)
    assert codes(again) == {"surveys.answered"} and again.value.refusals[0].way_on()
    asked.answer(key, 1, BOUGHT, How.TELEPHONE)
    with pytest.raises(Refused) as too:
        asked.answer(key, 1, WELL)
    assert codes(too) == {"surveys.answered"}
    person = asked.people[2]
    surveys.decline_mine(asked.site.resident(person), round_id=key, resident_id=person)
    with pytest.raises(Refused) as declined:
        asked.answer(key, 2, WELL)
    assert codes(declined) == {"surveys.declined"}
    assert {each.state for each in queries.mine(asked.site.resident(person), person)} == {State.DECLINED}


def test_two_entries_of_one_person_answer_once(asked: Asked) -> None:
    key = asked.open()
    with whole():
        Resident.objects.filter(id=asked.people[1]).update(master_id=asked.people[0])
    asked.answer(key, 0, WELL)
    with pytest.raises(Refused) as again:
        (left,) = (each for each in asked.people[:2] if asked.invitations()[each].state == State.WAITING)
        asked.answer(key, asked.people.index(left), WELL, How.TELEPHONE)
    assert codes(again) == {"surveys.answered"}
    with whole():
        assert SurveySheet.objects.count() == 1
    waiting = [each for each in asked.invitations().values() if each.state == State.WAITING]
    assert len(waiting) == len(_NAMES) - 1


def test_nobody_finds_out_who_answered_what(asked: Asked) -> None:
    key = asked.open()
    asked.answer(key, 0, asked.went(asked.primary), How.TELEPHONE)
    with whole():
        sheet = SurveySheet.objects.get()
        assert str(asked.people[0]) not in str(vars(sheet)) and "示例" not in str(vars(sheet))
    with scoped(asked.doctor, persons=[asked.people[0]]):
        assert not SurveySheet.objects.exists(), "who asks does not read what others wrote down"
        assert SurveyInvitation.objects.get(resident_id=asked.people[0]).by_name == "示例人员"
    with scoped(asked.office, area=AREA):
        assert not SurveyInvitation.objects.exists(), "a commission counts and sees nobody"
    said = [event.payload for event in Event.objects.filter(kind="evaluation.survey_answered")]
    assert said == [{"round": str(key), "how": "TELEPHONE", "declined": False}]


def test_staff_ask_whom_they_registered_and_it_is_on_record(asked: Asked) -> None:
    key = asked.open()
    elsewhere = asked.site.actor(Role.CLINICIAN, "stranger")
    assert queries.to_ask(elsewhere) == []
    with pytest.raises(Refused) as not_theirs:
        surveys.answer_for(
            elsewhere, invitation_id=asked.invited(asked.people[0]), how=How.DOOR, answers=WELL
        )
    assert codes(not_theirs) == {"surveys.not_yours_to_ask"}
    assert len(queries.to_ask(asked.doctor)) == len(_NAMES)
    with whole():
        assert Event.objects.filter(payload__what="survey").exists()
    with pytest.raises(Refused) as own:
        surveys.answer_for(
            asked.doctor, invitation_id=asked.invited(asked.people[0]), how=How.OWN, answers=WELL
        )
    assert codes(own) == {"surveys.how"}
    assert key


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "forms.left_out"),
        ({"ill": True}, "forms.left_out"),
        ({"ill": True, "first": "institution", "institution": "no-such-house"}, "forms.no_institution"),
        ({"ill": False, "first": "bought"}, "forms.skipped"),
        ({"ill": True, "first": "bought", "why": "near"}, "forms.skipped"),
        ({"ill": True, "first": "bought", "days": -1}, "forms.cannot_be"),
        ({"ill": "yes"}, "forms.cannot_be"),
        ({"ill": False, "shoe": 42}, "forms.not_asked"),
    ],
)
def test_answers_that_cannot_be(asked: Asked, answers: dict, code: str) -> None:
    key = asked.open()
    with pytest.raises(Refused) as refused:
        asked.answer(key, 0, answers)
    assert code in codes(refused)
    with whole():
        assert not SurveySheet.objects.exists()
    assert asked.invitations()[asked.people[0]].state == State.WAITING


def test_a_round_is_over_by_itself(asked: Asked) -> None:
    key = asked.open(last=ledger.today() + timedelta(days=1))
    later(days=2)
    with pytest.raises(Refused) as over:
        asked.answer(key, 0, WELL)
    assert codes(over) == {"surveys.over"} and queries.to_ask(asked.doctor) == []
    found = survey_results.results(asked.office, key)
    assert found.over and found.states == {State.WAITING: 8, State.ANSWERED: 0, State.DECLINED: 0}
    with pytest.raises(Refused) as ended:
        surveys.stop_round(asked.office, key)
    assert codes(ended) == {"surveys.ended"}


def test_a_round_is_ended_before_its_time_and_another_begun(asked: Asked) -> None:
    key = asked.open()
    surveys.stop_round(asked.office, key)
    with pytest.raises(Refused) as over:
        asked.answer(key, 0, WELL)
    assert codes(over) == {"surveys.over"}
    assert asked.open() != key


def test_a_round_to_come_waits(asked: Asked) -> None:
    key = asked.open(first=ledger.today() + timedelta(days=2))
    with pytest.raises(Refused) as early:
        asked.answer(key, 0, WELL)
    assert codes(early) == {"surveys.not_begun"} and queries.to_ask(asked.doctor) == []
    later(days=2)
    asked.answer(key, 0, WELL)


def test_rounds_that_cannot_be(asked: Asked) -> None:
    today = ledger.today()
    for other, code in (
        ({"survey": "no_such"}, "surveys.no_such_survey"),
        ({"first": today - timedelta(days=1)}, "surveys.begun"),
        ({"last": today - timedelta(days=1)}, "surveys.ends_first"),
        ({"wanted": 1}, "surveys.sample"),
        ({"area": "340202"}, "access.elsewhere"),
    ):
        with pytest.raises(Refused) as refused:
            asked.open(**other)
        assert codes(refused) == {code} or code == "access.elsewhere", other
    with whole():
        assert not SurveyRound.objects.exists()
    assert not asked.invitations()
    asked.open()
    with pytest.raises(Refused) as twice:
        asked.open(first=today + timedelta(days=5), last=today + timedelta(days=40))
    assert codes(twice) == {"surveys.overlaps"}
    city = replace(asked.office, division_code="3402")
    with pytest.raises(Refused) as above:
        surveys.open_round(city, asked.wanted(area="3402"))
    assert codes(above) == {"surveys.overlaps"}, "a city's round asks the county's people too"


def test_a_round_without_residents(asked: Asked) -> None:
    city = replace(asked.office, division_code="3402")
    with pytest.raises(Refused) as nobody:
        surveys.open_round(city, asked.wanted(area="340202"))
    assert codes(nobody) == {"surveys.nobody"}


def test_children_the_dead_and_those_who_left_are_not_drawn(asked: Asked, register) -> None:
    register("冯小满", birth_date=ledger.today() - timedelta(days=365 * 14))
    with whole():
        Resident.objects.filter(id=asked.people[0]).update(deceased_on=ledger.today())
        Resident.objects.filter(id=asked.people[1]).update(moved_out_at=ledger.now())
    asked.open()
    assert set(asked.invitations()) == set(asked.people[2:])


def test_the_lot_replays(asked: Asked) -> None:
    first = surveys.open_round(asked.office, asked.wanted(), seed="ab" * 16)
    with scoped(asked.office, area=AREA):
        one, again, other = (
            [each.id for each in drawing.draw(AREA, {AREA: 4}, seed=seed, age_from=15, on=ledger.today())]
            for seed in ("a", "a", "b")
        )
    assert one == again and len(one) == 4 and one != other
    assert queries.round_of(asked.office, first).seed == "ab" * 16


def test_results_hide_small_numbers_and_say_what_is_doubtful(asked: Asked) -> None:
    key = asked.open()
    for at in range(3):
        asked.answer(key, at, asked.went(asked.primary))
    found = survey_results.results(asked.office, key)
    assert found.answered == 3 and found.response == pytest.approx(3 / 8)
    assert set(found.told.values()) == {None} and found.share is None and found.items == []
    assert found.met is Met.NO_DATA and [place.answered for place in found.places] == [None]
    assert len(found.doubts) == 4  # open, few answered, too few ill, all were asked


def test_results_of_enough_sheets(asked: Asked, register) -> None:
    more = [register(f"甲{chr(0x4E00 + at)}", birth_date=date(1960, 1, 1 + at)) for at in range(22)]
    asked.people += more
    key = asked.open(wanted=30)
    for at in range(14):
        asked.answer(key, at, asked.went(asked.primary))
    for at in range(14, 19):
        asked.answer(key, at, BOUGHT)
    for at in range(19, 25):
        asked.answer(key, at, WELL)
    found = survey_results.results(asked.office, key)
    assert found.told == {Told.CHOSE_PRIMARY: 14, Told.CHOSE_OTHER: 5, Told.WELL: 6}
    assert found.share is not None and (found.share.part, found.share.whole) == (14, 19)
    assert found.share.low < found.share.value < found.share.high and not found.sure
    assert found.met is Met.MET
    first = next(each for each in found.items if each.item.id == "first")
    assert first.by_value["institution"] == 14 and first.people == 19
    why = next(each for each in found.items if each.item.id == "why")
    assert why.by_value["near"] == 14 and why.by_value["serious"] is None


def test_imported_surveys_are_not_doubled(asked: Asked) -> None:
    key = asked.open()
    asked.answer(key, 0, asked.went(asked.primary))
    assert asked.refreshed().outcome is Outcome.WRITTEN
    path = asked.root.parent / "sent.parquet"
    row = {"answer": "S1", "subject": "first_choice", "division": AREA, "date": ledger.today(), "ill": True}
    write_rows(path, tables()["surveys"], [row])
    for mode in (Mode.ADD, Mode.REPLACE):
        with writing(asked.root, AREA) as writer:
            draft = writer.folder / "sent.parquet"
            draft.write_bytes(path.read_bytes())
            arrived = Arrived("surveys", "示例机构", "ab" * 32, ledger.now(), mode, synthetic=True)
            if mode is Mode.ADD:
                with pytest.raises(Refused, match="facts_other_source"):
                    writer.commit(arrived, {asked.month: draft})
            else:
                writer.commit(arrived, {asked.month: draft})
    asked.answer(key, 1, WELL)
    held = asked.refreshed()
    assert held.outcome is Outcome.HELD and [row["answer"] for row in asked.rows("surveys")] == ["S1"]


def test_the_database_holds_one_answer_a_person(asked: Asked) -> None:
    asked.answer(asked.open(), 0, WELL)
    with whole(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conname IN ('survey_answered_once', 'survey_invited_once',"
            " 'survey_round_one_at_a_time')"
        )
        assert len(cursor.fetchall()) == 3
