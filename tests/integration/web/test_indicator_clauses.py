"""What clauses ask of indicators, through the pages: facts laid down, computed, and read off the page with counts and verdict;
then the pack is altered, and the page says another number or another verdict. Expected values are the slow engine's."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from django.test import Client

from tiercare.apps.evaluation.commands.running import keep
from tiercare.apps.evaluation.queries.book import indicator_of
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.schema import Level
from tiercare.web.indicators import wording

from ..evaluation.facts_made import commission
from .indicators_desk import BEFORE, THIS, altered, bag, by_hand, computed, lay

ClientOf = Callable[..., Client]
Wanted = Mapping[str, Sequence[tuple[str, str]]]
R, D, C, H = "region", "division", "consortium", "institution"
# Clause → the indicators that its page shows, each by the levels that the clause names.
NATION: Wanted = {
    "NHC-21": [("telemedicine_poor_county_link", R)],
    "NHC-26": [("difficult_critical_in_province_share", R)],
    "NHC-29": [
        ("common_in_county_share", D),
        ("communicable_in_county_share", D),
        ("endemic_in_county_share", D),
    ],
    "NHC-31": [("minimally_invasive_share", H)],
    "NHC-34": [("county_hospital_basic_share", R), ("in_county_stay_share", D)],
    "NHC-52": [("tier3_common_chronic_share", H)],
    "NHC-53": [("tier3_surgery_critical_share", H)],
    "NHC-60": [("resource_sinking_days", C), ("resource_sinking_clinics", C), ("resource_sinking_remote", C)],
    "NHC-61": [
        ("primary_support_acts", H),
        ("primary_support_days", H),
        ("primary_support_people", H),
        ("primary_support_reach", H),
    ],
    "NHC-62": [("primary_visit_share", C), ("primary_visit_share", D)],
    "NHC-63": [("completed_down_up_ratio", C)],
    "NHC-64": [("chronic_control_rate", C), ("chronic_admission_rate", C)],
    "WH-20": [("in_county_serious_illness_share", R)],
    "WH-47": [("resource_sinking_days", C), ("resource_sinking_clinics", C), ("resource_sinking_remote", C)],
    "WH-48": [("primary_support_acts", H), ("primary_support_reach", H)],
    "WH-49": [("primary_visit_share", C), ("primary_visit_share", D)],
    "WH-50": [("completed_down_up_ratio", C)],
    "WH-51": [("chronic_control_rate", C), ("chronic_admission_rate", C)],
}
YUNNAN: Wanted = {
    "YN-43": [("tier3_common_stable_chronic_share", H)],
    "YN-86": [("resource_sinking_days", C), ("resource_sinking_clinics", C), ("resource_sinking_remote", C)],
    "YN-87": [
        ("primary_cooperation_agreements", H),
        ("primary_cooperation_acts", H),
        ("primary_cooperation_reach", H),
    ],
    "YN-88": [("primary_visit_share", C)],
    "YN-89": [("completed_down_up_ratio", C)],
    "YN-90": [("chronic_control_rate", C), ("chronic_admission_rate", C)],
}
# What of these goes into a score, by the card that takes it.
SCORED = {
    "YN-86": ("yunnan_community", "resource_sinking_days"),
    "YN-87": ("yunnan_community", "primary_cooperation_reach"),
    "YN-88": ("yunnan_community", "primary_visit_share"),
    "YN-90": ("yunnan_community", "chronic_control_rate"),
    "YN-89": ("yunnan_community", "completed_down_up_ratio"),
    "WH-47": ("wuhu_yearly", "resource_sinking_days"),
    "WH-48": ("wuhu_yearly", "primary_support_reach"),
    "WH-49": ("wuhu_yearly", "primary_visit_share"),
    "WH-50": ("wuhu_yearly", "completed_down_up_ratio"),
    "WH-51": ("wuhu_yearly", "chronic_control_rate"),
}
RISING = {
    "TY-01": "in_county_visit_share",
    "TY-02": "service_capacity_share",
    "TY-03": "insurance_paid_share",
    "TY-04": "health_literacy_share",
    "TY-05": "standard_management_rate",
    "TY-06": "satisfaction_score",
    "TY-52": "community_middle_senior_share",
}
FALLING = {"TY-07": "transfer_out_patient_rate", "TY-08": "average_stay", "TY-09": "own_payment_share"}


def plain(content: bytes) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


class Desk:
    """Somebody of the commission looking at a region's pages."""

    def __init__(self, client: Client, pack: str) -> None:
        self.client, self.pack = client, pack

    def read(self, path: str, **query: str) -> str:
        answer = self.client.get(path, {"region": self.pack, "on": "2026-06-30", **query})
        assert answer.status_code == 200, plain(answer.content)[:800]
        return plain(answer.content)

    def shows(self, found: Value, text: str) -> None:
        """The page has the value with its counts, or says that there is none."""
        indicator = indicator_of(self.pack, found.indicator)
        assert found.numerator is not None
        value = wording.value(indicator, found.value)
        above = wording.count(indicator.numerator, found.numerator)
        below = wording.count(indicator.denominator, found.denominator) if indicator.denominator else ""
        counts = f"{above} / {below}" if below else above
        if found.level is Level.REGION:
            counts = f"分子 {above} / 分母 {below}" if below else f"分子 {above}"
        assert counts in text, (found, counts)
        assert (value or "分母为零，没有值") in text, (found, value)


@pytest.fixture
def desk(settings, client_of: ClientOf, wuhu: str) -> Callable[..., Desk]:
    """Facts laid down and computed once, kept for this test."""

    def opened(name: str, pack: str, area: str, root: Path, years: Sequence[int]) -> Desk:
        settings.FACTS_ROOT = root
        actor = commission(area)
        keep(actor, computed(name, pack, root, years))
        return Desk(client_of(area=area), pack)

    return opened


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The mixed bag in a store of a region, laid once."""
    made: dict[str, Path] = {}

    def of(digits: str, region: str) -> Path:
        if region not in made:
            made[region] = lay(tmp_path_factory.mktemp("facts") / region, region, bag(digits))
        return made[region]

    return of


Truth = Mapping[tuple[str, Level, str], Value]
NOW, THEN = str(THIS), str(BEFORE)


def look(it: Desk, wanted: Sequence[tuple[str, str]], truth: Truth, at: str = NOW) -> None:
    """Every indicator of a clause, for the region and by its levels."""
    for indicator, by in wanted:
        level = Level(by)
        mine = [each for (name, of, _), each in truth.items() if name == indicator and of is level]
        assert mine, f"nothing to look at: {indicator} by {by}"
        it.shows(region_of(truth, indicator), it.read(f"/indicators/{indicator}", span=at))
        if level is not Level.REGION:
            text = it.read(f"/indicators/{indicator}", span=at, by=by).split("各地各机构", 1)[1]
            for each in mine:
                # Counties are shown by their names, everybody else here is in no register.
                of = text if level is Level.DIVISION else text.split(f" {each.key} ", 1)[1][:90]
                it.shows(each, of)


def region_of(truth: Truth, indicator: str) -> Value:
    return next(each for (name, of, _), each in truth.items() if name == indicator and of is Level.REGION)


def names(wanted: Wanted) -> list[str]:
    return sorted({indicator for pairs in wanted.values() for indicator, _ in pairs})


def scored(it: Desk, clause: str, truth: Truth) -> None:
    """The line of the score sheet has the same number."""
    card, indicator = SCORED[clause]
    text, known = it.read(f"/scorecards/{card}", span=NOW), indicator_of(it.pack, indicator)
    line = text.split(f" {known.name.zh} ", 1)[1][:60]
    assert wording.value(known, region_of(truth, indicator).value) in line, clause


@pytest.mark.clause(*NATION, "WH-11")
def test_numbers_of_the_nation_and_of_wuhu(desk, stores) -> None:
    it = desk("bag", "wuhu", "3402", stores("3402", "3402"), [BEFORE, THIS])
    truth = by_hand("wuhu", bag("3402"), names(NATION), NOW)
    for clause, wanted in NATION.items():
        look(it, wanted, truth)
        if clause in SCORED:
            scored(it, clause, truth)
    share = "lower_level_treatment_share"
    look(it, [(share, C)], by_hand("wuhu", bag("3402"), [share], "2025Q2"), "2025Q2")
    linked = it.read("/indicators/telemedicine_poor_county_link", span=NOW)
    assert "NHC-21" in linked and "达到 100 %" in linked and "未达到" in linked
    basic = it.read("/indicators/county_hospital_basic_share", span=NOW)
    assert "NHC-34" in basic and "原文没有给出数值" in basic and "2020 年" in basic


@pytest.mark.clause(*NATION)
def test_a_definition_altered_in_the_pack_gives_another_number(
    desk, stores, settings, tmp_path: Path
) -> None:
    root, mine = stores("3402", "3402"), plain_ratios("wuhu", NATION)
    before = by_hand("wuhu", bag("3402"), names(NATION), NOW)
    with altered(settings, tmp_path, {"cn": double(mine)}):
        it = desk("doubled", "wuhu", "3402", root, [BEFORE, THIS])
        truth = by_hand("wuhu", bag("3402"), names(NATION), NOW)
        for indicator in mine:
            value = region_of(before, indicator).value
            assert value, f"{indicator} says nothing here"
            assert region_of(truth, indicator).value == 2 * value
        for wanted in NATION.values():
            look(it, wanted, truth)


@pytest.mark.clause(*YUNNAN)
def test_numbers_of_yunnan_and_of_other_definitions_and_lists(desk, stores, settings, tmp_path: Path) -> None:
    root = stores("5323", "5323")
    it = desk("bag", "yunnan", "53", root, [BEFORE, THIS])
    before = by_hand("yunnan", bag("5323"), names(YUNNAN), NOW)
    for clause, wanted in YUNNAN.items():
        look(it, wanted, before)
        if clause in SCORED:
            scored(it, clause, before)
    mine = plain_ratios("cn", {clause: pairs for clause, pairs in YUNNAN.items() if clause != "YN-43"})
    lists = {r"(?m)^  common_diseases:\n    value: \[[^\]]*\]": "  common_diseases:\n    value: [Z99]"}
    with altered(settings, tmp_path, {"cn": {**double(mine), **lists}}):
        keep(commission("53"), computed("doubled", "yunnan", root, [BEFORE, THIS]))
        truth = by_hand("yunnan", bag("5323"), names(YUNNAN), NOW)
        stable = "tier3_common_stable_chronic_share"
        assert region_of(truth, stable).numerator != region_of(before, stable).numerator, (
            "the list is the pack's"
        )
        for wanted in YUNNAN.values():
            look(it, wanted, truth)


def double(indicators: Sequence[str]) -> dict[str, str]:
    """Edits by which these indicators are counted per two of their denominator."""
    return {rf"(?m)^  - id: {each}\n": f"  - id: {each}\n    per: 2\n" for each in indicators}


def plain_ratios(pack: str, wanted: Wanted) -> list[str]:
    return [each for each in names(wanted) if indicator_of(pack, each).per == 1]


@pytest.mark.clause(*RISING, *FALLING)
def test_six_rises_and_three_falls_by_county_and_year_and_turned_by_the_pack(
    desk, stores, settings, tmp_path: Path
) -> None:
    root, every = stores("1401", "1401"), {**RISING, **FALLING}
    it = desk("bag", "taiyuan", "1401", root, [BEFORE, THIS])
    for clause in every:
        moved(it, clause, turned=False)
    by_disease(it)
    by_hospital(it)
    turned = {
        rf"(?ms)^(  - id: {each}\n(?:(?!^  - id: ).)*?    direction: ){way}$": rf"\g<1>{other}"
        for way, other, several in (("up", "down", RISING), ("down", "up", FALLING))
        for each in several.values()
    }
    with altered(settings, tmp_path, {"cn": turned}):
        keep(commission("1401"), computed("turned", "taiyuan", root, [BEFORE, THIS]))
        for clause in every:
            moved(it, clause, turned=True)


def moved(it: Desk, clause: str, *, turned: bool) -> None:
    """The page has both years of the region and of every county, the change, and the verdict that follows."""
    indicator = {**RISING, **FALLING}[clause]
    up = (clause in RISING) is not turned
    now, before = (by_hand("taiyuan", bag("1401"), [indicator], at) for at in (NOW, THEN))
    known = indicator_of("taiyuan", indicator)
    text = it.read("/indicators/changes", span=NOW, by=D)
    line = text.split(f" {known.name.zh} {clause} ", 1)[1].split(" TY-", 1)[0]
    b, a = region_of(now, indicator), region_of(before, indicator)
    assert line.startswith(" ".join(wording.value(known, each.value) for each in (a, b))), (clause, line[:80])
    assert a.value is not None and b.value is not None
    holds = b.value > a.value if up else b.value < a.value
    assert ("未达到" in line[:70]) is not holds, (clause, line[:90])
    for (_, level, key), each in now.items():
        if level is Level.DIVISION and each.value is not None:
            value = wording.value(known, each.value)
            assert key in line or value in line, (clause, key)
            assert value in line, (clause, key)


def by_disease(it: Desk) -> None:
    """TY-05: each disease of a county."""
    text = it.read(
        "/indicators/standard_management_rate/breakdown", column="disease", span=NOW, area="140102"
    )
    for disease, word in (("hypertension", "高血压"), ("diabetes", "糖尿病")):
        kind = f"standard_management_rate_{disease}"
        truth = by_hand("taiyuan", bag("1401"), [kind], NOW)
        each = truth.get((kind, Level.DIVISION, "140102"))
        if each is not None and each.denominator:
            assert f"{each.numerator} / {each.denominator}" in text.split(word, 1)[1][:60]


def by_hospital(it: Desk) -> None:
    """TY-08: each hospital by the month, beside the same month of the year before."""
    truth = by_hand("taiyuan", bag("1401"), ["average_stay"], "2025-06")
    text = it.read("/indicators/average_stay/breakdown", column="institution", span="2025-06")
    assert "2024 年 6 月" in text and "2025 年 6 月" in text
    mine = [each for (_, level, _), each in truth.items() if level is Level.INSTITUTION and each.denominator]
    assert len(mine) > 1
    for each in mine:
        assert f"{each.numerator} / {each.denominator}" in text.split(f" {each.key} ", 1)[1][:60], each
