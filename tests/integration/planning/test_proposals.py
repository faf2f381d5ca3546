"""Proposals that tie institutions together (YN-01, YN-16): both sides confirm, the criteria of the pack are held against them and kept."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.network import models
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries import proposals
from tiercare.apps.network.rules.choosing import Answer
from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.rules.pairing import Grade
from tiercare.apps.planning.queries.proposals import judged_of
from tiercare.kernel.actor import Actor

from .regions import altered, change, commission, desk, key_of, laid_down, refusals

AREA = "5323"
ON = date(2019, 3, 1)
WORDS = "牵头医院每年派驻、州财政列入预算（演示）"


@pytest.fixture
def asks(wuhu: str) -> Actor:
    laid_down("chuxiong")
    return commission(AREA, "演示·州卫健委甲")


@pytest.fixture
def decides(asks: Actor) -> Actor:
    return commission(AREA, "演示·州卫健委乙")


HOSPITAL = "prefecture_peoples_hospital"


def slug(name: str, what: str = "institution") -> str:
    model = models.Institution if what == "institution" else models.Consortium
    return str(model.objects.get(id=key_of("chuxiong", what, name)).slug)


def house() -> models.Institution:
    """A private clinic that nobody belongs to yet, made up."""
    made = models.Institution.objects.create(slug="chuxiong-demo-nursing-home")
    models.InstitutionVersion.objects.create(
        institution=made,
        period=DateRange(date(2012, 1, 1), None),
        name="演示护理院",
        category="NURSING",
        level=1,
        owner="PRIVATE",
        affiliation="NONE",
        division_code="532301",
        beds=60,
    )
    models.LicensedSpecialty.objects.create(
        institution=made, code="03.04", period=DateRange(date(2012, 1, 1), None)
    )
    return made


def joining(institution: str, start: date = ON, role: str = "MEMBER") -> Change:
    cells = {
        "consortium": slug("group-peoples", "consortium"),
        "institution": institution,
        "role": role,
        "consented_on": ON.isoformat(),
        "from": start.isoformat(),
    }
    return change(("memberships", cells))


def scored(actor: Actor, application: UUID, **words: str) -> None:
    """Kept as data say, with a clerk's words where they say nothing."""
    standing = drafts.ready(models.Application.objects.get(id=application))
    assert standing.proposal is not None
    said = {
        each: (Grade.YES if each[1] in words else None, words.get(each[1], ""))
        for each in standing.proposal.asked
    }
    judged = judged_of(standing, "chuxiong", said=said)
    drafts.score_proposal(actor=actor, application_id=application, judged=judged)


@pytest.mark.clause("YN-01")
def test_both_sides_confirm_before_a_decision_and_the_criteria_are_kept(
    asks: Actor, decides: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    nursing = house()
    application = drafts.propose_changes(
        actor=asks, region=AREA, title="演示护理院加入", change=joining(nursing.slug)
    ).id
    first = refusals(lambda: drafts.approve_application(actor=decides, application_id=application))
    assert first["choice_missing"].clauses == ("YN-01",)
    assert "演示护理院" in first["choice_missing"].sentence("zh")
    assert first["proposal_not_scored"].clauses == ("YN-01", "YN-16")

    lead = key_of("chuxiong", "institution", HOSPITAL)
    stranger = key_of("chuxiong", "institution", "chuxiongshi_hospital")
    outsider = desk(stranger, AREA)
    assert "choice_not_asked" in refusals(
        lambda: drafts.confirm_choice(actor=outsider, application_id=application, agreed=True)
    )
    assert refusals(lambda: drafts.confirm_choice(actor=decides, application_id=application, agreed=True)), (
        "a commission does not choose for an institution"
    )
    assert "choice_without_words" in refusals(
        lambda: drafts.confirm_choice(actor=desk(lead, AREA), application_id=application, agreed=False)
    )
    drafts.confirm_choice(actor=desk(lead, AREA), application_id=application, agreed=False, words="床位不够")
    drafts.confirm_choice(actor=desk(nursing.id, AREA), application_id=application, agreed=True)
    answers = {
        side.code: side.answer for side in drafts.ready(models.Application.objects.get(id=application)).sides
    }
    assert answers == {nursing.slug: Answer.AGREED, slug(HOSPITAL): Answer.DECLINED}
    drafts.confirm_choice(actor=desk(lead, AREA), application_id=application, agreed=True)

    assert "criterion_without_words" in refusals(lambda: scored(asks, application))
    scored(asks, application, sustainable=WORDS)
    kept = {(row.clause, row.criterion): row for row in proposals.scores(application)}
    assert set(kept) == {
        *(("YN-01", word) for word in ("related_business", "complementary", "mutual_choice", "sustainable", "existing_cooperation")),
        *(("YN-16", word) for word in ("geography", "role", "capacity", "business_relation", "willingness")),
    }  # fmt: skip
    related, sustained = kept["YN-01", "related_business"], kept["YN-01", "sustainable"]
    assert (related.met, related.of) == (1, 1) and related.ground[0]["zh"] == "共有诊疗科目 1 个"
    assert (sustained.met, sustained.grade, sustained.words) == (None, "YES", WORDS)
    assert sustained.ground, "figures stand beside what a clerk judged"

    # A pack without mutual choice asks nobody; the criteria it keeps are those it names.
    second = drafts.propose_changes(
        actor=asks, region=AREA, title="再一份", change=joining(nursing.slug, date(2019, 4, 1))
    ).id
    assert "choice_missing" in refusals(
        lambda: drafts.approve_application(actor=decides, application_id=second)
    )
    altered(monkeypatch, "YN-01", criteria=("related_business", "existing_cooperation"))
    assert set(refusals(lambda: drafts.approve_application(actor=decides, application_id=second))) == {
        "proposal_not_scored"
    }
    scored(asks, second)
    drafts.approve_application(actor=decides, application_id=second)
    assert models.Membership.objects.filter(institution=nursing).exists()


def test_with_everything_on_record_it_is_approved(asks: Actor, decides: Actor) -> None:
    nursing = house()
    application = drafts.propose_changes(
        actor=asks, region=AREA, title="演示护理院加入", change=joining(nursing.slug)
    ).id
    for side in (nursing.id, key_of("chuxiong", "institution", HOSPITAL)):
        drafts.confirm_choice(actor=desk(side, AREA), application_id=application, agreed=True)
    scored(decides, application, sustainable=WORDS)
    drafts.approve_application(actor=decides, application_id=application)
    assert "choice_not_waiting" in refusals(
        lambda: drafts.confirm_choice(actor=desk(nursing.id, AREA), application_id=application, agreed=True)
    )


def test_another_day_or_part_is_another_proposal(asks: Actor, decides: Actor) -> None:
    nursing = house()
    application = drafts.propose_changes(
        actor=asks, region=AREA, title="演示护理院加入", change=joining(nursing.slug)
    ).id
    drafts.confirm_choice(actor=desk(nursing.id, AREA), application_id=application, agreed=True)
    scored(decides, application, sustainable=WORDS)
    drafts.return_application(actor=decides, application_id=application, reason="改为协作单位")
    drafts.resubmit_application(
        actor=asks,
        application_id=application,
        title="再报",
        change=joining(nursing.slug, role="COLLABORATOR"),
    )
    standing = drafts.ready(models.Application.objects.get(id=application))
    assert {side.answer for side in standing.sides} == {Answer.OPEN}
    assert {refusal.code for refusal in standing.missing} == {"choice_missing", "proposal_not_scored"}


def test_who_proposes_for_itself_has_chosen_and_stations_follow_their_centre(asks: Actor) -> None:
    lead = key_of("chuxiong", "institution", HOSPITAL)
    nursing = house()
    office = desk(lead, AREA, "consortium_office")
    own = drafts.propose_changes(actor=office, region=AREA, title="吸收", change=joining(nursing.slug))
    sides = {side.code: side for side in drafts.ready(own).sides}
    assert sides[slug(HOSPITAL)].applied and sides[slug(HOSPITAL)].answer is Answer.AGREED
    assert sides[nursing.slug].answer is Answer.OPEN
    models.InstitutionVersion.objects.filter(institution=nursing).update(category="VILLAGE_CLINIC")
    assert [side.code for side in drafts.ready(own).sides] == [slug(HOSPITAL)]


def test_where_no_text_asks_for_it_nothing_has_to_be_on_record(wuhu: str) -> None:
    city = commission(wuhu)
    cells = {
        "consortium": models.Consortium.objects.get(id=key_of("wuhu", "consortium", "city-jinghu")).slug,
        "institution": house().slug,
        "role": "MEMBER",
        "from": "2019-08-01",
    }
    application = drafts.draft_changes(
        actor=city, region=wuhu, title="加入", change=change(("memberships", cells))
    )
    standing = drafts.ready(application)
    assert standing.proposal is None and standing.missing == ()


@pytest.mark.clause("YN-16")
def test_a_proposal_keeps_the_factors_that_the_pack_names(
    asks: Actor, decides: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    nursing = house()
    application = drafts.propose_changes(
        actor=asks, region=AREA, title="演示护理院加入", change=joining(nursing.slug)
    ).id
    altered(monkeypatch, "YN-16", factors=("geography", "sunshine"))
    assert "criterion_without_words" in refusals(lambda: scored(asks, application, sustainable=WORDS))
    scored(asks, application, sustainable=WORDS, sunshine="日照足（演示）")
    kept = {row.criterion: row for row in proposals.scores(application) if row.clause == "YN-16"}
    assert set(kept) == {"geography", "sunshine"}
    assert (kept["geography"].met, kept["geography"].of) == (1, 1)
