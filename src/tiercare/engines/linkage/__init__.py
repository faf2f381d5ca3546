"""Which records are the same person.

``score`` weighs two persons at the desk, in pure Python; ``propose`` hunts duplicates through a whole register
with Splink on DuckDB. Both compare the same levels (``levels``) with the same trained parameters
(``parameters.json``, made anew by ``training.train``), so that a pair means the same to both. Neither decides:
a clerk does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .model import Band, Pair, Person, Score
from .scoring import score

if TYPE_CHECKING:
    from .batch import propose

__all__ = ["Band", "Pair", "Person", "Score", "propose", "score"]


def __getattr__(name: str) -> object:
    """``propose`` on first use: Splink and DuckDB cost 40 MB and half a second that a desk never needs."""
    if name == "propose":
        return import_module(".batch", __name__).propose
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
