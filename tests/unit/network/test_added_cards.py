"""What the new predicates must keep to beside their cards' examples."""

from __future__ import annotations

from datetime import date

import pytest

from tiercare.apps.network.rules import PREDICATES, Network
from tiercare.apps.network.rules.neighbours import NEIGHBOURS
from tiercare.apps.network.rules.plain import from_plain
from tiercare.apps.network.rules.services import OFFERS
from tiercare.engines.policy import Outcome, RuleCard, evaluate, load_packs
from tiercare.engines.policy.verdicts import together

PACKS = load_packs()


def test_a_neighbour_has_its_neighbour() -> None:
    assert {(b, a) for a, around in NEIGHBOURS.items() for b in around} == {
        (a, b) for a, around in NEIGHBOURS.items() for b in around
    }
    assert all(province not in around for province, around in NEIGHBOURS.items())


def _two_prefectures(*codes: str) -> dict[str, object]:
    """The plain network of these prefectures: each its county, its hospital, its community and a private clinic."""
    parts: dict[str, dict[str, object]] = {"areas": {}, "institutions": {}, "consortia": {}, "grids": {}}
    for code in codes:
        county = f"{code}21"
        parts["areas"][county] = {"population": 100000}
        parts["institutions"] |= {
            f"H{code}": {"division": county, "beds": 300, "grade": "A", "specialties": ["03", "03.10"]},
            f"T{code}": {
                "category": "TOWNSHIP_CENTRE",
                "level": 1,
                "division": county,
                "specialties": ["50"],
            },
            f"P{code}": {"category": "NURSING", "level": 1, "owner": "PRIVATE", "division": county},
        }
        parts["consortia"][f"C{code}"] = {
            "kind": "COUNTY_COMMUNITY",
            "division": county,
            "lead": f"H{code}",
            "members": [f"T{code}", f"P{code}"],
        }
        parts["grids"][f"G{code}"] = {"places": [county], "responsible": [f"C{code}"]}
    return {"region": "53", **parts}


ADDED = [
    card for pack in PACKS for card in pack.cards if "/cards/5-" in card.file or "/cards/6-" in card.file
]


@pytest.mark.parametrize("card", [pytest.param(card, id=card.key) for card in ADDED])
def test_prefectures_add_up_to_their_province(card: RuleCard) -> None:
    """Nobody decides by a total: what two prefectures find, one by one, is what the whole finds."""
    values = {name: PACKS.parameters[ref][0].value for name, ref in card.parameters.items()}

    def found(net: Network) -> Outcome:
        return PREDICATES[card.id](net, values)

    whole = found(from_plain(_two_prefectures("5303", "5304")))
    parts = together(found(from_plain(_two_prefectures(code))) for code in ("5303", "5304"))
    if (
        card.id == "named_counties_have_subcentre"
    ):  # the document's own list of counties, the same in each part
        whole = together([whole, whole])
    assert (whole.checked, whole.found, whole.measure) == (parts.checked, parts.found, parts.measure)


@pytest.mark.parametrize(
    ("word", "institution", "offered"),
    [
        ("rehabilitation", {"specialties": ["50.15"]}, True),
        ("rehabilitation", {"specialties": ["50.13"]}, False),
        ("mental_health", {"specialties": ["15.02"]}, True),
        ("mental_health", {"specialties": ["12", "1"]}, False),
        ("hospice", {"facilities": ["hospice"]}, True),
        ("nursing", {"category": "NURSING"}, True),
        ("nursing", {"category": "REHABILITATION"}, False),
    ],
)
def test_an_offer_shows_in_kind_specialty_or_facility(
    word: str, institution: dict[str, object], offered: bool
) -> None:
    net = from_plain({"institutions": {"I": institution}})
    assert OFFERS[word].by(net.institutions["I"]) is offered


def _state(card: str, plain: dict[str, object], on: date) -> str:
    found = next(c for pack in PACKS for c in pack.cards if c.key == card)
    (verdict,) = evaluate(PACKS, [found], PREDICATES, from_plain(plain), on=on)
    return verdict.state.value


@pytest.mark.clause("NHC-07")
def test_a_lead_in_the_county_town_does_not_serve_across_grids() -> None:
    """A county cut by township: its TCM hospital stands in the other community's grid and leads its own."""
    alone: dict[str, object] = {"kind": "COUNTY_COMMUNITY", "division": "340221", "lead": "县中医院"}
    plain: dict[str, object] = {
        "institutions": {
            "县医院": {"division": "340221", "township": "340221100"},
            "县中医院": {"category": "TCM", "division": "340221", "township": "340221100"},
            "乡卫生院": {
                "category": "TOWNSHIP_CENTRE",
                "level": 1,
                "division": "340221",
                "township": "340221100",
            },
        },
        "consortia": {
            "甲": {"kind": "COUNTY_COMMUNITY", "division": "340221", "lead": "县医院"},
            "乙": alone,
        },
        "grids": {
            "甲网格": {"places": ["340221100"], "responsible": ["甲"]},
            "乙网格": {"places": ["340221101"], "responsible": ["乙"]},
        },
    }
    card, on = "cn/across_grids_only_kinds_named", date(2019, 7, 1)
    assert _state(card, plain, on) == "NOT_APPLICABLE"
    alone["members"] = ["乡卫生院"]
    assert _state(card, plain, on) == "ADVICE"


@pytest.mark.clause("XH-116")
def test_a_county_of_fewer_people_still_needs_its_hospital() -> None:
    area: dict[str, object] = {"name": "小县", "kind": "COUNTY", "population": 90000}
    none: dict[str, object] = {"areas": {"440785": area}}
    one = {**none, "institutions": {"县医院": {"division": "440785", "grade": "A"}}}
    card, on = "xinhui/general_hospitals_for_people", date(2017, 6, 30)
    assert (_state(card, none, on), _state(card, one, on)) == ("AT_RISK", "MET")


def test_no_population_on_record_is_said_and_not_estimated() -> None:
    card = next(c for pack in PACKS for c in pack.cards if c.key == "xinhui/beds_per_thousand")
    net = from_plain({"areas": {"440705": {}}, "institutions": {"区医院": {"division": "440705", "beds": 9}}})
    (verdict,) = evaluate(PACKS, [card], PREDICATES, net, on=date(2017, 6, 30))
    assert "没有登记" in verdict.sentence(verdict.findings[0], "zh")
    assert "not on record" in verdict.sentence(verdict.findings[0], "en")
