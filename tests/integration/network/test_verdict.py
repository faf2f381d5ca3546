"""The verdict on 芜湖, as of 2019-07-01."""

from __future__ import annotations

from tiercare.apps.network import queries
from tiercare.engines.policy import State

from .conftest import VERDICT_DAY


def test_wuhu_is_clean_on_its_day(wuhu: str) -> None:
    checked = queries.check("wuhu", on=VERDICT_DAY)
    said = [
        (v.card.key, v.sentence(f))
        for v in checked.compliance.verdicts
        if v.state is State.VIOLATED
        for f in v.findings
    ]
    assert said == []
    assert checked.compliance.violations == 0
