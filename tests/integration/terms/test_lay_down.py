"""Laying the register down: fast enough to be part of every first start."""

from __future__ import annotations

import time

import pytest

from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.kernel.actor import Actor


@pytest.mark.usefixtures("no_register")
def test_lay_down_takes_seconds() -> None:
    """Everything into an empty database within ten seconds, and a second call in a fraction of one."""
    start = time.perf_counter()
    assert lay_down_divisions(Actor.system()).total > 6000
    first = time.perf_counter() - start
    assert first < 10
    assert lay_down_divisions(Actor.system()).total == 0
    assert time.perf_counter() - start - first < 1
