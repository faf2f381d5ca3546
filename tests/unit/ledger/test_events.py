from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import pytest

from tiercare.apps.ledger.events import EventPayload, encode
from tiercare.kernel.money import Money
from tiercare.kernel.period import Period


class Colour(StrEnum):
    RED = "RED"


@dataclass(frozen=True, slots=True)
class Everything(EventPayload):
    KIND: ClassVar[str] = "test.everything"
    value: object


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("芜湖", "芜湖"),
        (Colour.RED, "RED"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (date(2019, 7, 1), "2019-07-01"),
        (datetime(2019, 7, 1, 8, tzinfo=timezone(timedelta(hours=8))), "2019-07-01T00:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Money(150), 150),
        (Period(date(2019, 1, 1)), {"start": "2019-01-01", "end": None}),
        ((1, [2, "x"]), [1, [2, "x"]]),
        ({"a": Decimal("0.1")}, {"a": "0.1"}),
    ],
)
def test_known_types_become_plain_json(value: object, plain: object) -> None:
    assert encode(Everything(value)) == {"value": plain}


@pytest.mark.parametrize(
    ("value", "error", "place"),
    [
        (0.1, TypeError, "test.everything: value is a float"),
        ({"a": [1, object()]}, TypeError, r"test.everything: value.a\[1\] is a object"),
        ({1: 2}, TypeError, "value has the key 1"),
        ({"x"}, TypeError, "value is a set"),
        (b"x", TypeError, "value is a bytes"),
        (Decimal("NaN"), ValueError, "value is not a finite number"),
        (datetime.combine(date(2019, 7, 1), time()), ValueError, "value is a moment without time zone"),
        ("a\x00b", ValueError, "value holds a character"),
        ("\ud800", ValueError, "value holds a character"),
    ],
)
def test_anything_else_is_refused_with_its_place(value: object, error: type[Exception], place: str) -> None:
    with pytest.raises(error, match=place):
        encode(Everything(value))


@pytest.mark.parametrize("kind", ["", "noted", "Test.noted", "test.", "test.Noted"])
def test_a_payload_class_needs_a_kind(kind: str) -> None:
    with pytest.raises(TypeError, match="needs KIND"):
        type("Nameless", (EventPayload,), {"KIND": kind})


def test_moments_in_utc_are_kept_to_the_microsecond() -> None:
    moment = datetime(2026, 11, 21, 6, 5, 4, 321, tzinfo=UTC)
    assert encode(Everything(moment)) == {"value": "2026-11-21T06:05:04.000321+00:00"}
