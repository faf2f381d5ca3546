"""How values read on the command line."""

from __future__ import annotations

from datetime import date, datetime

from tiercare.engines.policy.model import Value
from tiercare.kernel.clock import ZONE


def shown(value: Value) -> str:
    """A parameter's value in one phrase."""
    if value is None:
        return "（文中未给出 not given）"
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def plain(value: Value) -> object:
    """A parameter's value for JSON."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def now() -> datetime:
    """This moment, for what needs no database and its clock."""
    return datetime.now(ZONE)


def today() -> date:
    """Today in China: only a default for what the user did not say; verdicts name their day."""
    return datetime.now(ZONE).date()
