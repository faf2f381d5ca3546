"""The labelled registers of the bench, small ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def corruption() -> ModuleType:
    """bench/corruption.py, which is no package of ours to import."""
    spec = spec_from_file_location("linkage_corruption", ROOT / "bench" / "corruption.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def labelled(corruption: ModuleType) -> Callable[[int, int], object]:
    """Makes a labelled register of so many records from a seed."""
    made: dict[tuple[int, int], object] = {}

    def register(count: int, seed: int) -> object:
        if (count, seed) not in made:
            made[count, seed] = corruption.labelled(count, seed)
        return made[count, seed]

    return register
