"""Laying the register down: cheap enough to be part of every first start."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.kernel.actor import Actor


@pytest.mark.usefixtures("no_register")
def test_lay_down_takes_few_statements() -> None:
    """Everything into an empty database by a few dozen statements, whatever the number of rows; a second call writes nothing."""
    with CaptureQueriesContext(connection) as first:
        assert lay_down_divisions(Actor.system()).total > 6000
    assert len(first) < 60
    with CaptureQueriesContext(connection) as again:
        assert lay_down_divisions(Actor.system()).total == 0
    assert not [
        each["sql"]
        for each in again
        if each["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
    ]
