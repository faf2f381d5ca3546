"""Decision tables: three-valued conditions, grades as the source's matrix has them, and what a wrong pack is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.engines.guidelines import (
    Direction,
    Guidelines,
    Kind,
    Observed,
    Urgency,
    advise,
    grade,
    load_guidelines,
    misread,
)
from tiercare.engines.guidelines.expressions import NotAnExpression, parse
from tiercare.engines.guidelines.observing import values
from tiercare.engines.policy.load import PackErrors, own_folder

ON = date(2026, 1, 1)
CN = own_folder() / "cn"
BOOK = load_guidelines([CN])
NUMBERS = sorted(fact.id for fact in BOOK.facts.values() if fact.kind is Kind.NUMBER)
FLAGS = sorted(fact.id for fact in BOOK.facts.values() if fact.kind is Kind.FLAG)


def observations() -> st.SearchStrategy[dict[str, float | bool | str]]:
    """Anything that can be observed, some of it."""
    numbers = st.fixed_dictionaries(
        {},
        optional={
            name: st.floats(BOOK.facts[name].low or 0, BOOK.facts[name].high or 100) for name in NUMBERS
        },
    )
    flags = st.fixed_dictionaries({}, optional={name: st.booleans() for name in FLAGS})
    sex = st.fixed_dictionaries({}, optional={"sex": st.sampled_from(["M", "F"])})
    return st.builds(lambda a, b, c: {**a, **b, **c}, numbers, flags, sex)


def up(
    observed: Observed, disease: str = "hypertension", *, book: Guidelines = BOOK, tier: int = 1
) -> list[str]:
    advice = advise(book, diseases=[disease], observed=observed, direction=Direction.UP, tier=tier, on=ON)
    return [each.row.id for each in advice.held]


@given(observations(), st.data())
def test_what_is_observed_later_never_takes_back_what_was_decided(
    observed: dict[str, float | bool | str], data: st.DataObject
) -> None:
    fewer = {name: value for name, value in observed.items() if data.draw(st.booleans())}
    for table in BOOK.tables.values():
        for row in table.rows:
            before = row.when.answer(values(fewer)).holds
            assert before is None or row.when.answer(values(observed)).holds is before


@given(observations())
def test_an_open_row_names_what_would_decide_it(observed: dict[str, float | bool | str]) -> None:
    advice = advise(
        BOOK, diseases=list(BOOK.tables), observed=observed, direction=Direction.UP, tier=1, on=ON
    )
    for each in advice.unsure:
        assert each.missing
        assert set(each.missing) <= set(BOOK.facts) - set(observed)
    assert [each.row.urgency for each in advice.held] == sorted(each.row.urgency for each in advice.held)


def test_every_row_can_hold_and_can_fail() -> None:
    for table in BOOK.tables.values():
        for row in table.rows:
            answers = {row.when.answer(values(each)).holds for each in _extremes()}
            assert answers >= {True, False}, row.id


def _extremes() -> list[dict[str, float | bool | str]]:
    """All flags on or off, all numbers at their bounds or near what rows ask for."""
    limits = [0.49, 3.4, 3.8, 4.0, 7.1, 16.8, 21.0, 39.5, 85.0, 115.0, 150.0, 181.0]
    made = []
    for flags in (True, False):
        for limit in limits:
            numbers = {
                name: min(max(limit, BOOK.facts[name].low or 0), BOOK.facts[name].high or 1e9)
                for name in NUMBERS
            }
            for off in ("", "on_diuretic"):
                made.append(
                    {**numbers, **dict.fromkeys(FLAGS, flags), "sex": "M", **({off: False} if off else {})}
                )
    return made


@pytest.mark.parametrize(
    ("sbp", "dbp", "told"),
    [
        (119, 79, "normal"),
        (120, 70, "high_normal"),
        (110, 85, "high_normal"),
        (139, 89, "high_normal"),
        (140, 80, "1"),
        (130, 90, "1"),
        (159, 99, "1"),
        (150, 100, "2"),
        (179, 109, "2"),
        (180, 70, "3"),
        (130, 110, "3"),
    ],
)
def test_the_higher_of_the_two_pressures_gives_the_class(sbp: int, dbp: int, told: str) -> None:
    assert grade(BOOK.tables["hypertension"], {"sbp": sbp, "dbp": dbp})["bp_class"].value == told


NONE = {
    "age": 50,
    "sex": "F",
    "smoking": False,
    "impaired_glucose": False,
    "cholesterol": 4.0,
    "ldl": 2.0,
    "hdl": 1.5,
    "family_history": False,
    "bmi": 22,
    "waist": 75,
    "homocysteine": 8,
    "organ_damage": False,
    "acr": 5,
    "egfr": 95,
    "diabetes": False,
    "diabetes_complicated": False,
    "clinical_complication": False,
}
ONE = {**NONE, "smoking": True}
THREE = {**ONE, "family_history": True, "impaired_glucose": True}
DAMAGED = {**NONE, "organ_damage": True}
ILL = {**NONE, "clinical_complication": True}
HIGH_NORMAL, FIRST, SECOND, THIRD = (135, 80), (145, 85), (165, 85), (185, 85)


@pytest.mark.parametrize(
    ("others", "pressure", "told"),
    [
        (NONE, HIGH_NORMAL, None),
        (NONE, FIRST, "low"),
        (NONE, SECOND, "medium"),
        (NONE, THIRD, "high"),
        (ONE, HIGH_NORMAL, "low"),
        (ONE, FIRST, "medium"),
        (ONE, SECOND, "high"),
        (ONE, THIRD, "very_high"),
        (THREE, HIGH_NORMAL, "high"),
        (THREE, FIRST, "high"),
        (THREE, SECOND, "high"),
        (THREE, THIRD, "very_high"),
        (DAMAGED, FIRST, "high"),
        (DAMAGED, THIRD, "very_high"),
        (ILL, HIGH_NORMAL, "very_high"),
        (ILL, SECOND, "very_high"),
    ],
)
def test_the_risk_is_that_of_the_matrix(
    others: dict[str, float | bool | str], pressure: tuple[int, int], told: str | None
) -> None:
    found = grade(BOOK.tables["hypertension"], {**others, "sbp": pressure[0], "dbp": pressure[1]})
    assert (found["risk"].value if "risk" in found else None) == told


def test_a_count_with_gaps_decides_where_it_can() -> None:
    known = {name: value for name, value in THREE.items() if name not in {"homocysteine", "bmi", "waist"}}
    found = grade(BOOK.tables["hypertension"], {**known, "sbp": 145, "dbp": 85})
    assert found["risk"].value == "high"  # three are known, more would change nothing
    fewer = {name: value for name, value in ONE.items() if name not in {"homocysteine", "family_history"}}
    assert "risk" not in grade(BOOK.tables["hypertension"], {**fewer, "sbp": 145, "dbp": 85})


def test_target_organ_damage_with_a_headache_is_an_emergency() -> None:
    observed: Observed = {"sbp": 190, "dbp": 112, "severe_headache": True, "suspected_acs": False}
    advice = advise(BOOK, diseases=["hypertension"], observed=observed, direction=Direction.UP, tier=1, on=ON)
    assert (advice.urgency, advice.to) == (Urgency.EMERGENCY, 2)
    held = advice.held[0]
    assert held.row.id == "HT-E-2"
    assert [(r.fact, r.compared, r.limit) for r in held.because] == [
        ("sbp", ">=", 180),
        ("dbp", ">=", 110),
        ("severe_headache", "=", True),
    ]


def test_low_potassium_counts_only_where_no_diuretic_explains_it() -> None:
    assert "HT-R-3" in up({"potassium": 3.4, "on_diuretic": False})
    assert "HT-R-3" not in up({"potassium": 3.4, "on_diuretic": True})
    assert "HT-R-3" not in up({"potassium": 3.5, "on_diuretic": False})
    assert "HT-R-3" not in up({"potassium": 3.4})


@pytest.mark.parametrize("glucose", [16.7, 3.8])
def test_glucose_out_of_bounds_is_referred(glucose: float) -> None:
    assert "DM-U-1" in up({"glucose": glucose}, "diabetes")
    assert up({"glucose": glucose, "acetone_breath": True}, "diabetes")[0] == "DM-E-1"


def test_nobody_is_sent_down_while_one_of_the_four_conditions_is_open() -> None:
    four: dict[str, float | bool | str] = dict.fromkeys(
        ("diagnosis_clear", "plan_clear", "stable", "complications_stable"), True
    )
    asked = {"diseases": ["hypertension"], "direction": Direction.DOWN, "tier": 2, "on": ON}
    assert [each.row.id for each in advise(BOOK, observed=four, **asked).held] == ["HT-D-1"]
    for name in four:
        assert not advise(BOOK, observed={**four, name: False}, **asked).held
        open_one = advise(BOOK, observed={n: v for n, v in four.items() if n != name}, **asked)
        assert not open_one.held
        assert open_one.unsure[0].missing == (name,)


def test_a_row_speaks_only_on_its_days_and_at_its_tiers() -> None:
    observed: Observed = {"sbp": 186, "dbp": 80}
    assert "HT-U-1" in up(observed)
    assert "HT-U-1" not in up(observed, tier=2)
    before = advise(
        BOOK,
        diseases=["hypertension"],
        observed=observed,
        direction=Direction.UP,
        tier=1,
        on=date(2019, 12, 31),
    )
    assert all(each.row.id != "HT-U-1" for each in before.held)


def test_a_region_replaces_a_row_and_drops_another(tmp_path: Path) -> None:
    own = tmp_path / "own" / "guidelines"
    own.mkdir(parents=True)
    text = (CN / "guidelines" / "hypertension.yaml").read_text("utf-8")
    row = text[text.index("  - id: HT-U-1") : text.index("  - id: HT-U-2")].replace(
        "sbp >= 180", "sbp >= 170"
    )
    (own / "hypertension.yaml").write_text(
        "disease: hypertension\nname: {zh: 高血压, en: Hypertension}\ndrop: [HT-R-6]\nrows:\n" + row, "utf-8"
    )
    book = load_guidelines([CN, own.parent])
    assert "HT-U-1" in up({"sbp": 172, "dbp": 80}, book=book)
    assert "HT-U-1" not in up({"sbp": 172, "dbp": 80})
    assert "HT-R-6" not in up({"tests_not_available": True}, book=book)
    assert book.version != BOOK.version


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            (
                "sbp >= 180 or dbp >= 110\n    says: {zh: 血压≥180/110 mmHg，短期",
                "spb >= 180\n    says: {zh: 血压≥180/110 mmHg，短期",
            ),
            "spb",
        ),
        (("when: consciousness_change", "when: __import__('os')"), "__import__"),
        (("when: consciousness_change", "when: sbp >="), "读不懂"),
        (("when: consciousness_change", "when: sbp + 1 > 2"), "sbp + 1"),
        (("source: county2022", "source: nowhere"), "nowhere"),
        (("urgency: emergency", "urgency: soon"), "emergency"),
        (("since: 2022-01-26", "since: 2022-01-26\n    until: 2021-01-01"), "截止日"),
    ],
)
def test_a_wrong_pack_is_told_where(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    folder = tmp_path / "cn" / "guidelines"
    folder.mkdir(parents=True)
    (folder / "facts.yaml").write_bytes((CN / "guidelines" / "facts.yaml").read_bytes())
    text = (CN / "guidelines" / "hypertension.yaml").read_text("utf-8")
    assert change[0] in text
    (folder / "hypertension.yaml").write_text(text.replace(change[0], change[1], 1), "utf-8")
    with pytest.raises(PackErrors) as found:
        load_guidelines([folder.parent])
    sentences = [problem.sentence() for problem in found.value.problems]
    assert any(said in each and "hypertension.yaml:" in each for each in sentences), sentences


@pytest.mark.parametrize(
    "text", ["", "a.b", "f(x)", "sbp > dbp", "sbp in [1]", "not (sbp > 1)", "1", "a if b else c"]
)
def test_nothing_else_is_a_condition(text: str) -> None:
    with pytest.raises(NotAnExpression):
        parse(text)


@pytest.mark.parametrize(
    ("observed", "at"),
    [
        ({"sbp": 1860}, "sbp"),
        ({"sbp": float("nan")}, "sbp"),
        ({"sbp": True}, "sbp"),
        ({"smoking": 1.0}, "smoking"),
        ({"sex": "X"}, "sex"),
        ({"blood": 1.0}, "blood"),
    ],
)
def test_what_cannot_be_is_said(observed: Observed, at: str) -> None:
    (found,) = misread(BOOK, observed)
    assert found.at == at
    assert found.sentence() and found.sentence("en") and found.way_on()


def test_plain_observations_are_taken() -> None:
    assert misread(BOOK, {"sbp": 120, "dbp": 80.5, "smoking": False, "sex": "F"}) == []
