"""What is done to the register: lay the bundled one down, load the whole country, put a single division right."""

from __future__ import annotations

from .calendar import enter_day
from .nationwide import Loaded, load_nationwide
from .register import LaidDown, lay_down_divisions, put_division

__all__ = ["LaidDown", "Loaded", "enter_day", "lay_down_divisions", "load_nationwide", "put_division"]
