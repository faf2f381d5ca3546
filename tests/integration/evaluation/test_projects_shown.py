"""What the demonstration shows of work programmes."""

from __future__ import annotations

import pytest

from tiercare.apps.evaluation.commands.demonstration import gaps_taken_up
from tiercare.apps.evaluation.queries.projects import Box, Wanted, projects
from tiercare.apps.evaluation.queries.standards import table

from ..residents.care import synthetic_clock
from ..residents.conftest import site
from .supervised import Parties, parties

__all__ = ["parties", "site", "synthetic_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("synthetic_clock")]


def test_gaps_are_taken_up_one_is_done_and_one_late(parties: Parties) -> None:
    made = gaps_taken_up(parties.city)
    boxes = {box: len(projects(parties.city, Wanted(box=box))[0]) for box in Box}
    assert made > 1 and boxes == {Box.ALL: made, Box.OPEN: made - 1, Box.DONE: 1, Box.LATE: 1}
    found = table(parties.city, "weak_specialties")
    assert found.taken == made - 1, "what is done is taken up no longer, whatever the register says"
