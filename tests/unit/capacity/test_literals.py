"""The words that stand in SQL are those of the code: states, channels, outcomes, kinds of events."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules

from tiercare.apps.capacity import events, migrations, sql
from tiercare.apps.capacity.commands import booking, publishing_sql
from tiercare.apps.capacity.queries import bookings, places, promises, quotas
from tiercare.apps.capacity.rules.absence import AppealState
from tiercare.apps.capacity.rules.cases import StepState
from tiercare.apps.capacity.rules.refusals import NOT_TAKEN
from tiercare.apps.capacity.rules.vocabulary import EXTRA, Channel, SessionState
from tiercare.apps.capacity.rules.waiting import WaitingState
from tiercare.apps.capacity.workflow import OPEN, State

MIGRATIONS = [
    import_module(f"{migrations.__name__}.{found.name}") for found in iter_modules(migrations.__path__)
]
FUNCTIONS = "\n".join(
    text
    for module in MIGRATIONS
    for name, text in vars(module).items()
    if name.isupper() and isinstance(text, str)
)
STATEMENTS = "\n".join(
    text
    for module in (sql, publishing_sql, bookings, places, promises, quotas)
    for name, text in vars(module).items()
    if isinstance(text, str) and name.strip("_").isupper()
)
WORD = re.compile(r"'([A-Z][A-Z_]+)'")
LIST = re.compile(r"(\w+(?:\[1\])?) (?:NOT )?IN \(((?:'[A-Z_]+'(?:, )?)+)\)")


def function(name: str) -> str:
    """The text of one function, as the last migration that makes or replaces it has it."""
    makes = r"CREATE (?:OR REPLACE )?FUNCTION"
    found = re.findall(rf"{makes} {name}\(.*?(?={makes}|CREATE CONSTRAINT|\Z)", FUNCTIONS, re.DOTALL)
    assert found, name
    return found[-1]


def test_every_capital_word_is_a_state_or_a_channel() -> None:
    known = {*State, *Channel, *SessionState, *AppealState, *WaitingState, *StepState}
    for text in (FUNCTIONS, STATEMENTS):
        assert set(WORD.findall(text)) <= {word.value for word in known}
    assert {"HELD", "LAPSED", "WALK_IN", "OVERBOOK"} <= set(WORD.findall(FUNCTIONS))


def test_lists_of_states_and_channels_are_those_of_the_code() -> None:
    found = LIST.findall(FUNCTIONS + STATEMENTS)
    assert len(found) >= 5
    wanted = {"state": set(OPEN), "quota_channel": set(EXTRA), "channel": set(EXTRA), "draws[1]": set(EXTRA)}
    for column, words in found:
        assert set(WORD.findall(words)) == {word.value for word in wanted[column]}, (column, words)


def test_every_outcome_of_taking_has_its_refusal() -> None:
    told = set(re.findall(r"(?:outcome := |THEN |ELSE )'([a-z]+)'", function("capacity_take")))
    assert told - {"taken"} == set(NOT_TAKEN)
    of_the_key = set(re.findall(r"outcome := '([a-z]+)'", function("capacity_book")))
    assert of_the_key - {"again"} == set(booking._OF_THE_KEY)


def test_every_outcome_of_turning_is_looked_at() -> None:
    told = set(re.findall(r"(?:outcome := |THEN |ELSE )'([a-z]+)'", function("capacity_turn")))
    assert told == {"unknown", "lapsed", "elsewhere", "done"}


def test_events_written_by_the_database_are_events_of_the_code() -> None:
    kinds = {each.KIND for each in vars(events).values() if isinstance(each, type) and hasattr(each, "KIND")}
    told = set(re.findall(r"'(capacity\.[a-z_]+)'", FUNCTIONS)) - {"capacity.session", "capacity.booking"}
    assert told == {events.Held.KIND, events.Booked.KIND, events.HoldsLapsed.KIND} <= kinds
