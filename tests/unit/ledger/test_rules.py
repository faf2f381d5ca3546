import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.ledger.rules import HIDDEN, concealed


@pytest.mark.parametrize(
    "number",
    [
        "340203199001011234",
        "34020319900101123X",
        "34020319900101123x",
        "340203１９９００１０１１２３Ｘ",
        "340203900101123",
        "13812345678",
        "１３８１２３４５６７８",
    ],
)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("证件", "，电话"), ('["', '"]'), ("x:", "\n")])
def test_a_persons_number_is_never_shown(number: str, before: str, after: str) -> None:
    assert concealed(f"{before}{number}{after}") == f"{before}{HIDDEN}{after}"


@pytest.mark.parametrize(
    "text",
    [
        "12340200MB1234567X",  # codes of organisations
        "123402004850123456",
        "2019-07-01T08:00:00+00:00",
        "340207001",
        "１２３ 床",
        "1234567890123456789012",
        "01a20268-6871-7582-b527-64142c28885c",
    ],
)
def test_other_numbers_stay_as_they_are(text: str) -> None:
    assert concealed(text) == text


@given(st.uuids())
def test_ids_stay_as_they_are(value: object) -> None:
    assert concealed(f"[{value}]") == f"[{value}]"


@given(st.dates(), st.integers(0, 999999), st.integers(0, 999), st.sampled_from("0123456789Xx"))
def test_every_day_of_birth_of_a_living_person_is_known(day, area: int, order: int, check: str) -> None:
    number = f"{area:06}{day:%Y%m%d}{order:03}{check}"
    assert (concealed(number) == HIDDEN) is (day.year >= 1800 and day.year < 2100)
