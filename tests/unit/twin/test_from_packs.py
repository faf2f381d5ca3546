"""Levers follow the packs: their dates, their silences, their words; and an altered pack alters them."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tiercare.cli import policy
from tiercare.engines.policy import PackErrors, PackSet, load_packs, parameter
from tiercare.engines.policy.load import own_folder
from tiercare.engines.twin.from_packs import FILE, levers_of, load_rows
from tiercare.engines.twin.levers import LEVERS, Destination, PaymentMode
from tiercare.engines.twin.values import Misfit, setting

LATER = date(2025, 1, 1)


@pytest.fixture(scope="module")
def packs() -> PackSet:
    return load_packs()


def altered(tmp_path: Path, pack: str, file: str, old: str, new: str) -> PackSet:
    """The packs with what a pattern finds in a file of one of them changed."""
    shutil.copytree(own_folder() / pack, tmp_path / pack)
    path = tmp_path / pack / file
    text, times = re.subn(old, new, path.read_text("utf-8"))
    assert times == 1
    path.write_text(text, "utf-8")
    return load_packs([tmp_path])


def reserving(tmp_path: Path, share: float) -> PackSet:
    """The packs with another share in TY-91."""
    old = r'(key: reserve_lead_hospital, op: ">=", value: )[\d.]+'
    return altered(tmp_path, "taiyuan", "clauses/4-service-capacity.yaml", old, rf"\g<1>{share}")


def test_the_nations_file_has_a_value_for_every_lever_and_every_pack_resolves(packs: PackSet) -> None:
    national = load_rows(packs, "cn")
    assert set(national) == set(LEVERS)
    assert all(rows[-1].ours is not None and rows[-1].why for rows in national.values())
    for pack in packs:
        for on in (date(2017, 1, 1), date(2018, 12, 31), LATER):
            resolved = levers_of(packs, pack.id, on=on)
            assert set(resolved.origins) == set(LEVERS)
            for name, origin in resolved.origins.items():
                assert not isinstance(setting(name, getattr(resolved.levers, name)), Misfit)
                assert origin.clause or origin.source or origin.why, "a value without an origin"


def test_a_lever_is_what_its_clause_says_and_names_it(packs: PackSet) -> None:
    found = levers_of(packs, "taiyuan", on=LATER)
    said = parameter(packs, "TY-91.reserve_lead_hospital", "taiyuan", on=LATER).value
    weeks = parameter(packs, "TY-73.long_rx_weeks", "taiyuan", on=LATER).value
    assert isinstance(weeks, tuple)
    assert (found.levers.reserve_share, found.levers.bed_reserve_share) == (said, said)
    assert found.levers.prescription_weeks == weeks[0]
    assert found.levers.payment_mode is PaymentMode.DRG
    clause = found.origins["reserve_share"].clause
    assert clause is not None and clause.id == "TY-91" and not found.origins["reserve_share"].ours


def test_before_it_is_in_force_a_text_sets_nothing(packs: PackSet) -> None:
    before = levers_of(packs, "taiyuan", on=date(2023, 12, 31))
    assert before.origins["reserve_share"].ours
    assert before.origins["reserve_share"].silent == ("TY-91",)
    assert before.levers.payment_mode is PaymentMode.GLOBAL_BUDGET, "the nation's word holds until then"


def test_a_target_counts_from_its_year_on(packs: PackSet) -> None:
    first, later = (levers_of(packs, "xinhui", on=date(year, 12, 31)) for year in (2017, 2020))
    assert [each.origins["signing_coverage"].clause.id for each in (first, later) if each.origins["signing_coverage"].clause] == [
        "XH-37",
        "XH-05",
    ]  # fmt: skip
    assert first.levers.signing_coverage < later.levers.signing_coverage
    assert first.levers.key_signing_coverage < later.levers.key_signing_coverage


@pytest.mark.parametrize(("pack", "day"), [("cn", date(2020, 12, 31)), ("chuxiong", date(2020, 12, 31))])
def test_a_deadline_counts_from_its_day_on(packs: PackSet, pack: str, day: date) -> None:
    reached = levers_of(packs, pack, on=day)
    before = levers_of(packs, pack, on=day.replace(day=day.day - 1))
    assert (
        reached.origins["telemedicine_coverage"].clause and not reached.origins["telemedicine_coverage"].ours
    )
    assert before.origins["telemedicine_coverage"].ours and before.origins["telemedicine_coverage"].silent
    assert before.levers.telemedicine_coverage < reached.levers.telemedicine_coverage


def test_what_a_text_wants_without_a_number_is_ours_and_says_who_wanted_it(packs: PackSet) -> None:
    found = levers_of(packs, "xinhui", on=date(2017, 12, 31)).origins
    for lever, clause in (
        ("reserve_share", "XH-41"),
        ("prescription_weeks", "XH-35"),
        ("reimbursement_gap", "XH-99"),
    ):
        assert found[lever].ours and clause in found[lever].silent


def test_a_number_of_ours_inside_a_clause_is_still_ours(packs: PackSet) -> None:
    origin = levers_of(packs, "cn", on=LATER).origins["release_hours"]
    assert origin.clause is not None and origin.clause.id == "NHC-40" and origin.ours


def test_the_deductible_follows_the_nearest_text(packs: PackSet, tmp_path: Path) -> None:
    own = levers_of(packs, "xinhui", on=LATER).origins["continuous_deductible"]
    assert own.clause is not None and own.clause.id == "XH-100"
    national = levers_of(packs, "wuhu", on=LATER)
    assert national.levers.continuous_deductible and national.origins["continuous_deductible"].source
    anew = altered(tmp_path, "cn", "benefits.yaml", "deductible: continuous", "deductible: anew")
    assert levers_of(anew, "wuhu", on=LATER).levers.continuous_deductible is False
    assert levers_of(anew, "xinhui", on=LATER).levers.continuous_deductible is True


def test_who_may_not_be_kept_goes_where_they_want(packs: PackSet) -> None:
    found = levers_of(packs, "wuhu", on=LATER)
    clause = found.origins["destination"].clause
    assert found.levers.destination is Destination.FREE
    assert clause is not None and clause.id == "WH-16"


def test_an_altered_pack_alters_its_levers_and_nobody_elses(packs: PackSet, tmp_path: Path) -> None:
    other = reserving(tmp_path, 0.35)
    before, after = (levers_of(each, "taiyuan", on=LATER).levers for each in (packs, other))
    assert after.reserve_share == after.bed_reserve_share == 0.35 != before.reserve_share
    changed = {name for name in LEVERS if getattr(before, name) != getattr(after, name)}
    assert changed == {"reserve_share", "bed_reserve_share"}
    assert levers_of(other, "wuhu", on=LATER).levers == levers_of(packs, "wuhu", on=LATER).levers


@pytest.mark.parametrize(
    ("line", "key", "english"),
    [
        ("  reserve_shares: [{ours: 0.1, why: {zh: 无, en: none}}]", "levers.reserve_shares", "reserve_share"),
        ("  reserve_share: [{parameter: TY-91.reserve}]", "levers.reserve_share.0.parameter", "No clause here"),
        ("  reserve_share: [{parameter: WH-16.preferred}]", "levers.reserve_share.0.parameter", "No clause here"),
        ("  reserve_share: [{ours: 20, why: {zh: 无, en: none}}]", "levers.reserve_share.0.ours", "a fifth is 0.2"),
        ("  reserve_share: [{ours: 0.1}]", "levers.reserve_share.0.ours", "no reason"),
        ("  reserve_share: [{}]", "levers.reserve_share.0.parameter", "one source"),
        ("  reserve_share: [{benefits: deductible}]", "levers.reserve_share.0.benefits", "Benefits say nothing"),
        ("  reserve_share: []", "levers.reserve_share", "does not fit"),
        ("  prescription_weeks: [{parameter: TY-73.long_rx_weeks}]", "levers.prescription_weeks.0.parameter", "take for a range"),
        ("  payment_mode: [{parameter: TY-24.payment}]", "levers.payment_mode.0.parameter", "Write one of"),
        ("  payment_mode: [{parameter: TY-24.payment, words: {drg: drg}}]", "levers.payment_mode.0.words", "no word"),
        ("  payment_mode: [{parameter: TY-24.payment, words: {capitation_package: free}}]", "levers.payment_mode.0.words", "no choice"),
        ("  reserve_share: [{parameter: TY-91.reserve_lead_hospital, by: TY-91.resources}]", "levers.reserve_share.0.by", "neither a year"),
        ("  reserve_share: [{parameter: TY-91.reserve_lead_hospital, bye: x}]", "levers.reserve_share.0.bye", "not known"),
    ],
)  # fmt: skip
def test_a_wrong_file_names_file_line_key_and_the_way_on(
    tmp_path: Path, line: str, key: str, english: str
) -> None:
    shutil.copytree(own_folder() / "taiyuan", tmp_path / "taiyuan")
    (tmp_path / "taiyuan" / FILE).write_text(f"# one\nlevers:\n{line}\n", "utf-8")
    with pytest.raises(PackErrors) as caught:
        levers_of(load_packs([tmp_path]), "taiyuan", on=LATER)
    [problem] = caught.value.problems
    assert (problem.file, problem.line, problem.key) == ("taiyuan/twin.yaml", 3, key)
    assert english in problem.sentence("en") and problem.message.zh and problem.fix.zh


def test_a_value_that_no_lever_takes_is_found_when_a_pack_is_altered(tmp_path: Path) -> None:
    other = reserving(tmp_path, 0.95)
    with pytest.raises(PackErrors) as caught:
        levers_of(other, "taiyuan", on=LATER)
    assert {problem.key for problem in caught.value.problems} == {
        "levers.reserve_share.0.parameter",
        "levers.bed_reserve_share.0.parameter",
    }
    assert all("0.95" in problem.message.zh for problem in caught.value.problems)


def test_validating_packs_reads_this_file_too(tmp_path: Path) -> None:
    shutil.copytree(own_folder() / "wuhu", tmp_path / "wuhu")
    (tmp_path / "wuhu" / "twin.yaml").write_text("levers:\n  resreve_share:\n    - ours: 0.1\n", "utf-8")
    told = CliRunner().invoke(policy.app, ["validate", "--packs", str(tmp_path)])
    assert told.exit_code == 1 and "wuhu/twin.yaml:2" in told.output and "reserve_share" in told.output
    assert CliRunner().invoke(policy.app, ["validate"]).exit_code == 0
