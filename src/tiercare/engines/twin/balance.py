"""Nobody is created or lost, and every yuan has two ends: what must hold in every simulated year, whatever the policy."""

from __future__ import annotations

import numpy as np

from . import tallies as count
from .acting import EMERGENCY, IN, OUT
from .play import CLOSED, NO_SHOW, OPEN, RETURNED
from .running import Year
from .state import BEDS, FREE, FREE_BEDS, KEPT, OFFERED, RELEASED, RESERVED, TAKEN, USED


def imbalances(year: Year) -> list[str]:
    """What does not add up; empty if everything does. For developers and tests: no user meets it."""
    return [*_needs(year), *_beds(year), *_places(year), *_referrals(year), *_money(year), *_people(year)]


def _needs(year: Year) -> list[str]:
    """Every need went one way."""
    total = year.state.tally.sum(axis=0)
    ways = (
        count.THINNED, count.AVERTED, count.EMERGENCIES, count.FIRST_PRIMARY, count.FIRST_HOSPITAL, count.FIRST_OUTSIDE,
    )  # fmt: skip
    gone = int(total[list(ways)].sum())
    in_bed = int(total[count.NEEDS]) - gone
    wrong = []
    if int(total[count.NEEDS]) != year.needs:
        wrong.append(f"needs: {total[count.NEEDS]} of {year.needs} came up")
    if not 0 <= in_bed <= int(total[count.IN_BED_ALREADY]):
        wrong.append(f"needs: {in_bed} went nowhere")
    return wrong


def _beds(year: Year) -> list[str]:
    """Who went into a line was admitted, gave up, died, lay in a bed already, or still waits; who was admitted left, or still lies there."""
    total, state = year.state.tally.sum(axis=0), year.state
    stays = int((year.visits["kind"] == IN).sum())
    free = state.beds[:, FREE_BEDS]
    wrong = []
    if (free < 0).any() or (free > state.beds[:, BEDS]).any() or (state.bed_days < 0).any():
        wrong.append("beds: more used or free than there are")
    leaving = int(state.leaving[:, : year.days].sum())
    admitted = int(state.leaving.sum())
    if admitted != stays + int(total[count.STILL_IN_BED]):
        wrong.append(f"beds: {admitted} admitted, {stays} stays and {total[count.STILL_IN_BED]} still in bed")
    if int((state.beds[:, BEDS] - free).sum()) != admitted - leaving:
        wrong.append("beds: used ones are not those who came and did not leave")
    known = admitted + int(total[count.NO_BED]) + int(total[count.STILL_IN_LINE])
    left = int(total[count.ENTERED]) - known
    if not 0 <= left <= int(total[count.DIED_BEFORE] + total[count.IN_BED_ALREADY]):
        wrong.append(f"lines: {left} of {total[count.ENTERED]} are nowhere")
    return wrong


def _places(year: Year) -> list[str]:
    """No place is sold twice, none vanishes."""
    places = year.state.places
    wrong = []
    if (places < 0).any():
        wrong.append("places: fewer than none")
    if (places[..., FREE] + places[..., KEPT] + places[..., TAKEN] != places[..., OFFERED]).any():
        wrong.append("places: free, kept and taken are not what was offered")
    if (places[..., KEPT] + places[..., USED] + places[..., RELEASED] != places[..., RESERVED]).any():
        wrong.append("places: kept, used and released are not what was reserved")
    return wrong


def _referrals(year: Year) -> list[str]:
    """Every referral ended, or its day is still to come."""
    sent = year.sent
    wrong = []
    if ((sent["state"] == RETURNED) != (sent["place"] < 0)).any():
        wrong.append("referrals: returned without need, or kept without a place")
    if ((sent["state"] == OPEN) & (sent["place"] < year.days)).any():
        wrong.append("referrals: open though their day has passed")
    if ((sent["state"] == CLOSED) != (sent["arrived"] >= 0)).any():
        wrong.append("referrals: closed without arrival")
    if ((sent["arrived"] >= 0) & (sent["arrived"] < sent["submitted"])).any():
        wrong.append("referrals: arrived before they were sent")
    missed = int((sent["state"] == NO_SHOW).sum())
    if missed > int(year.state.tally[:, count.NO_SHOWS].sum()):
        wrong.append("referrals: more missed than anybody missed")
    return wrong


def _money(year: Year) -> list[str]:
    """Each bill is paid, by the fund and the patient; the fund's side is what the purses say."""
    rows, who = year.visits, year.residents
    wrong = []
    if (rows["cost"] <= 0).any() or (rows["fund"] < 0).any() or (rows["fund"] > rows["cost"]).any():
        wrong.append("money: a bill that is not paid by the fund and the patient")
    fund = np.bincount(rows["person"], rows["fund"], len(who))
    if (fund != who["paid"].astype(np.int64) + who["stay_paid"]).any():
        wrong.append("money: what the fund paid is not what people got")
    by_site = np.bincount(rows["site"], rows["fund"], len(year.ground.site)).sum()
    if int(by_site) != int(fund.sum()):
        wrong.append("money: what institutions got is not what the fund paid")
    return wrong


def _people(year: Year) -> list[str]:
    """Nobody is seen after death, or twice in a bed."""
    rows, who = year.visits, year.residents
    wrong = []
    if (rows["day"] > who["died"][rows["person"]]).any():
        wrong.append("people: seen after death")
    if not np.isin(rows["kind"], (OUT, EMERGENCY, IN)).all() or (rows["day"] >= year.days).any():
        wrong.append("people: a visit that is none, or after the year")
    stays = rows[rows["kind"] == IN]
    order = np.lexsort((stays["day"], stays["person"]))
    person, end, begin = stays["person"][order], stays["day"][order], (stays["day"] - stays["stay"])[order]
    if ((person[1:] == person[:-1]) & (begin[1:] < end[:-1])).any():
        wrong.append("people: in two beds at once")
    return wrong
