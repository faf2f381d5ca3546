"""Who provides what as pages show it: the service, the institution, and the notice where it is not the area's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from tiercare.apps.residents.queries import Offering, Provided
from tiercare.apps.residents.rules.territory import TERRITORIAL_MEANS, TERRITORIAL_NAMES, notice
from tiercare.kernel.text import Text
from tiercare.web.pages import said

# Stands in a notice for an institution that is not chosen yet.
_ANOTHER = Text("另一家机构", "another institution")


def lines(found: Sequence[Provided], names: Mapping[UUID, str], *, staff: bool) -> list[dict[str, Any]]:
    """One a service: who provides it now, whether that is the area's own, and what is said of another."""
    return [_line(each, names, staff) for each in found]


def groups(offered: Sequence[Offering]) -> list[tuple[str, list[Offering]]]:
    """Centres by county, in their order, for a list to choose from."""
    return [
        (county, list(some))
        for county, some in groupby(offered, key=lambda each: each.county or each.division)
    ]


def _line(each: Provided, names: Mapping[UUID, str], staff: bool) -> dict[str, Any]:
    own = names.get(each.own, "") if each.own else ""
    other = names.get(each.chosen, "") if each.chosen and each.elsewhere else said(_ANOTHER)
    return {
        "of": each,
        "word": each.service.value,
        "name": said(TERRITORIAL_NAMES[each.service]),
        "means": said(TERRITORIAL_MEANS[each.service]),
        "institution": names.get(each.institution, "") if each.institution else "",
        "own": own,
        "notice": said(notice(each.service, own=own, other=other, staff=staff)) if own else "",
    }
