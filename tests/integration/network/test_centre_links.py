"""A specialty alliance is linked to a provincial centre of its specialty (NHC-18): who is one, what is refused, how it ends."""

from __future__ import annotations

from datetime import date

import pytest

from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands, models, queries
from tiercare.apps.network.queries import centre_links
from tiercare.apps.network.rules import Affiliation, Kind
from tiercare.apps.network.rules.centre_links import Candidate, CentreTerms, no_link
from tiercare.engines.policy.model import Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refused

from .acts import altered

ON = date(2019, 7, 1)
TERMS = CentreTerms(("PROVINCIAL", "NATIONAL"), ("PROVINCE", "NATION"))
NAMES = {"03.04": "心血管内科专业", "19": "肿瘤科"}


def _key(kind: str, name: str) -> object:
    return stable_id("network", "wuhu", kind, name)


def _link(
    alliance: str = "alliance-cardiology", hospital: str = "yijishan_hospital", **days: date
) -> models.CentreLink:
    return commands.link_centre(
        actor=Actor.system("test"),
        consortium_id=_key("consortium", alliance),
        institution_id=_key("institution", hospital),
        **{"start": ON, **days},
    )


def _refused(act: object) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.refusals[0].code


def _rows(on: date = ON, region: str = "3402") -> dict[str, list[str]]:
    return {row.slug: [name for _, name in row.centres] for row in queries.alliances_of(region, on=on)}


@pytest.mark.parametrize(
    ("kind", "specialty", "affiliation", "held", "code"),
    [
        (Kind.SPECIALTY_ALLIANCE, "03.04", "PROVINCE", {"03.04": "PROVINCIAL"}, None),
        (Kind.SPECIALTY_ALLIANCE, "03.04", "NATION", {"03.04.01": "NATIONAL"}, None),
        (Kind.CITY_GROUP, "", "PROVINCE", {"03.04": "PROVINCIAL"}, "centre_needs_alliance"),
        (Kind.SPECIALTY_ALLIANCE, "03.04", "PREFECTURE", {"03.04": "PROVINCIAL"}, "centre_not_provincial"),
        (Kind.SPECIALTY_ALLIANCE, "03.04", "PROVINCE", {"19": "NATIONAL"}, "centre_other_specialty"),
        (Kind.SPECIALTY_ALLIANCE, "03.04", "PROVINCE", {"03.04": "PREFECTURE"}, "centre_not_ranked"),
        (
            Kind.SPECIALTY_ALLIANCE,
            "03.04",
            "PROVINCE",
            {"03.04": "PREFECTURE", "19": "NATIONAL"},
            "centre_not_ranked",
        ),
        (Kind.SPECIALTY_ALLIANCE, "03.04", "PROVINCE", {}, "centre_not_ranked"),
    ],
)
def test_who_is_a_provincial_centre_of_the_specialty(kind, specialty, affiliation, held, code) -> None:
    hospital = Candidate("省医院", Affiliation(affiliation), held)
    refusal = no_link(kind, specialty, hospital, TERMS, names=NAMES, on=ON)
    assert (refusal.code if refusal else None) == code
    if refusal:
        assert refusal.sentence("zh") and refusal.sentence("en") and "{" not in refusal.sentence("en")


def test_a_link_holds_from_its_first_day_to_its_end_and_both_are_on_record(wuhu: str) -> None:
    assert _rows()["wuhu-alliance-cardiology"] == []
    link = _link()
    (name,) = _rows()["wuhu-alliance-cardiology"]
    assert "弋矶山" in name
    assert _rows(date(2019, 6, 30))["wuhu-alliance-cardiology"] == []
    assert _refused(_link) == "no_overlapping_centre_link"
    key = _key("consortium", "alliance-cardiology")
    assert [each.holds for each in queries.centres_of(key, "3402", on=ON)] == [True]
    ended = date(2020, 1, 1)
    assert _refused(lambda: _end(link, ON)) == "centre_link_not_to_end"
    _end(link, ended)
    assert _refused(lambda: _end(link, ended)) == "centre_link_not_to_end"
    assert (
        _rows(date(2019, 12, 31))["wuhu-alliance-cardiology"] and not _rows(ended)["wuhu-alliance-cardiology"]
    )
    assert [each.holds for each in queries.centres_of(key, "3402", on=ended)] == [False]
    kinds = Event.objects.filter(subject_id=str(key)).values_list("kind", flat=True)
    assert {"network.centre_linked", "network.centre_unlinked"} <= set(kinds)
    _link(start=ended)  # and anew


def _end(link: models.CentreLink, on: date) -> None:
    commands.end_centre_link(actor=Actor.system("test"), link_id=link.id, end=on)


def test_what_cannot_be_linked_is_refused_with_the_reason(wuhu: str) -> None:
    assert _refused(lambda: _link("city-jinghu")) == "centre_needs_alliance"
    assert _refused(lambda: _link("alliance-respiratory")) == "centre_other_specialty"
    assert _refused(lambda: _link(hospital="second_hospital")) == "centre_not_provincial"
    assert _refused(lambda: _link(end=ON)) == "centre_link_empty"
    assert _refused(lambda: _link(start=date(2019, 6, 1))) == "consortium_not_there"
    hospital = _key("institution", "yijishan_hospital")
    models.InstitutionVersion.objects.filter(institution_id=hospital).delete()
    assert _refused(_link) == "institution_not_there"


def test_a_centre_that_lost_its_rank_is_shown_as_one_no_longer(wuhu: str) -> None:
    _link()
    key = _key("consortium", "alliance-cardiology")
    assert [each.fits for each in queries.centres_of(key, "3402", on=ON)] == [True]
    models.KeySpecialty.objects.filter(institution_id=_key("institution", "yijishan_hospital")).delete()
    (still,) = queries.centres_of(key, "3402", on=ON)
    assert still.holds and not still.fits


@pytest.mark.parametrize(
    ("name", "value"),
    [("NHC-18.centre_ranks", ("national",)), ("NHC-18.centre_affiliations", ("nation",))],
)
def test_another_pack_takes_another_hospital_for_a_centre(
    wuhu: str, monkeypatch, name: str, value: Value
) -> None:
    key = _key("consortium", "alliance-cardiology")
    before = queries.centres_to_link(key, "3402", "03.04", on=ON)
    assert _key("institution", "yijishan_hospital") in {each for each, _ in before}
    packs = altered(name, value)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    assert queries.centres_to_link(key, "3402", "03.04", on=ON) == []
    assert _refused(_link) in ("centre_not_ranked", "centre_not_provincial", "centre_other_specialty")
    assert centre_links.centre_terms("wuhu", on=date(2010, 1, 1)).ranks == (), "no text was in force"
