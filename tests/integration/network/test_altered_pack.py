"""Change one number in a copy of a pack: verdict and message follow without a line of code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tiercare.apps.network import queries
from tiercare.engines.policy import PackSet, State, Verdict, load_packs
from tiercare.engines.policy.load import own_folder

from .conftest import VERDICT_DAY


def _with(tmp_path: Path, pack: str, file: str, before: str, after: str) -> PackSet:
    """The packs, one of them a copy in which one line differs."""
    copy = tmp_path / pack
    shutil.copytree(own_folder() / pack, copy)
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert len(re.findall(before, text)) == 1
    path.write_text(re.sub(before, after, text), encoding="utf-8")
    return load_packs([tmp_path])


def _verdict(packs: PackSet, card: str) -> Verdict:
    verdicts = queries.check("wuhu", on=VERDICT_DAY, packs=packs).compliance.verdicts
    return next(v for v in verdicts if v.card.key == card)


@pytest.mark.clause("WH-29")
def test_a_lower_cap_breaks_the_same_network_and_the_message_names_the_new_cap(
    wuhu: str, tmp_path: Path
) -> None:
    card = "wuhu/tertiary_partner_caps"
    assert _verdict(load_packs(), card).state is State.MET
    packs = _with(
        tmp_path,
        "wuhu",
        "clauses/2-tasks.yaml",
        r"(key: max_county_hospital_led, op: \"[<=]+\", value: )2",
        r"\g<1>1",
    )
    verdict = _verdict(packs, card)
    assert verdict.state is State.VIOLATED
    said = verdict.sentence(verdict.findings[0])
    assert "弋矶山医院" in said
    assert "1" in said
    answer = queries.as_json(queries.check("wuhu", on=VERDICT_DAY, packs=packs), packs)
    assert answer["violations"] == 1
    assert answer["clauses"]["violated"] == 1


@pytest.mark.clause("NHC-06")
def test_two_responsible_consortia_per_grid_would_be_the_rule_if_the_pack_said_so(
    wuhu: str, tmp_path: Path
) -> None:
    packs = _with(
        tmp_path,
        "cn",
        "clauses/1-consortia.yaml",
        r"(key: responsible_consortia_per_grid, op: \"=\", value: )1",
        r"\g<1>2",
    )
    verdict = _verdict(packs, "cn/one_responsible_consortium_per_grid")
    assert verdict.state is State.VIOLATED
    assert len(verdict.findings) == verdict.checked


@pytest.mark.clause("WH-07")
def test_another_named_lead_in_the_pack_makes_the_present_one_wrong(wuhu: str, tmp_path: Path) -> None:
    packs = _with(
        tmp_path,
        "wuhu",
        "clauses/2-tasks.yaml",
        r"(key: Jinghu, .*value: )second_hospital",
        r"\g<1>first_hospital",
    )
    verdict = _verdict(packs, "wuhu/named_district_leads")
    assert verdict.state is State.VIOLATED
    assert "芜湖市第一人民医院" in verdict.sentence(verdict.findings[0])


def test_a_pack_on_its_own_day_is_not_in_force_before(wuhu: str) -> None:
    verdicts = queries.check("wuhu", on=VERDICT_DAY.replace(month=6, day=24)).compliance.verdicts
    own = {v.state for v in verdicts if v.card.pack == "wuhu"}
    assert own == {State.NOT_IN_FORCE}
