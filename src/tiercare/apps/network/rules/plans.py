"""Plans that governments owe by a date."""

from __future__ import annotations

from datetime import date

from tiercare.engines.policy.verdicts import Outcome
from tiercare.kernel.text import Text

from .facts import Network
from .registry import Parameters, about, found, outcome, rule


@rule
def province_plans_in_time(net: Network, p: Parameters) -> Outcome:
    """Every province of the region finished its plan of medical groups and county communities in time."""
    owing = {code[:2] for code in net.areas} if net.heads is None else net.heads
    return _plans_in_time(net, p, set(owing) if len(net.region) <= 2 else set())


@rule
def prefecture_plans_in_time(net: Network, p: Parameters) -> Outcome:
    """Every prefecture of the region had its work plan in time."""
    return _plans_in_time(net, p, {code[:4] for code in net.areas if len(net.region) <= 4})


@rule
def county_plans_in_time(net: Network, p: Parameters) -> Outcome:
    """Every county of the region finished its plan of county communities in time."""
    return _plans_in_time(net, p, set(net.areas))


def _plans_in_time(net: Network, p: Parameters, owing: set[str]) -> Outcome:
    """The card's parameter ``deadline`` is the document's date; a later plan is a plan, but not in time."""
    deadline = p["deadline"]
    if not isinstance(deadline, date):
        raise TypeError(f"a deadline must be a date, the pack says {deadline!r}")
    finished: dict[str, date] = {}
    for plan in net.plans:
        if plan.kind == "consortium_plan":
            finished[plan.division] = min(plan.finished_on, finished.get(plan.division, plan.finished_on))
    findings = [
        found(
            about("area", code),
            area=net.area_name(code),
            finished=finished.get(code, Text("未登记", "not on record")),
        )
        for code in sorted(owing)
        if code not in finished or finished[code] > deadline
    ]
    return outcome(len(owing), findings)
