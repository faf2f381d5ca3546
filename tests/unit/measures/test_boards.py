"""What a board shows, as the packs write it: every pack's is read, a more local entry takes the place of the other, and what is
wrong is told by file, line and key."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tiercare.engines.measures.boards import Against, Board, load_board
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.schema import Level
from tiercare.engines.policy import PackSet, load_packs
from tiercare.engines.policy.load import PackErrors


@pytest.fixture(scope="module")
def packs() -> PackSet:
    return load_packs()


def board(packs: PackSet, pack: str) -> Board:
    return load_board(packs, pack, load_book(packs, pack))


def with_text(packs: PackSet, folder: Path, before: str, after: str) -> PackSet:
    copy = folder / "cn"
    shutil.copytree(packs.packs["cn"].folder, copy)
    path = copy / "boards" / "10-board.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    return PackSet({**packs.packs, "cn": replace(packs.packs["cn"], folder=copy)})


def test_every_region_has_a_board_of_known_indicators(packs: PackSet) -> None:
    for pack in packs.packs:
        found = board(packs, pack)
        assert len(found.themes) == 6 and found.wall is not None and found.maps
        assert found.indicators >= set(found.wall.indicators)  # the wall hangs from the tiles


def test_what_a_region_asks_takes_the_place_of_ours(packs: PackSet) -> None:
    ours, xinhui = board(packs, "cn").watches["signing"], board(packs, "xinhui").watches["signing"]
    assert ours.ours and not ours.clauses
    assert not xinhui.ours and xinhui.clauses == ("XH-04",) and xinhui.against is Against.MONTH_BEFORE
    chuxiong = board(packs, "chuxiong")  # through its province
    assert chuxiong.watched(Level.INSTITUTION) == {
        "primary_outpatient_emergency",
        "primary_tests",
        "primary_stays",
    }
    assert not board(packs, "wuhu").watched(Level.INSTITUTION)


@pytest.mark.parametrize(
    ("before", "after", "key", "says"),
    [
        ("transfer_out_rate]", "transfer_rate]", "themes.0.indicators.3", "transfer_rate"),
        ("maps: [in_county_visit_share", "maps: [in_village", "maps.0", "in_village"),
        ("against: month_before", "against: week_before", "watches.0.against", "week_before"),
        ("small: 10", "small: 0", "wall.small", "1"),
        ("    most: 8\n", "    most: 8\n    clauses: [XX-99]\n", "beside.0.clauses.0", "XX-99"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    packs: PackSet, tmp_path: Path, before: str, after: str, key: str, says: str
) -> None:
    with pytest.raises(PackErrors) as errors:
        board(with_text(packs, tmp_path, before, after), "wuhu")
    (problem,) = errors.value.problems
    assert (problem.file, problem.key) == ("cn/boards/10-board.yaml", key)
    assert problem.line > 1 and says in problem.message.en
