"""What the twin's people set out to do in a month, as a drive plays it: the same persons, days and hospitals, acted by residents of the
platform who are as old, of the same sex, and signed or not.

A drive plays a sample: whole persons of the clinics on its ground, as many as its acts allow, and more of those who are referred than of
others. What the twin does not know (which examination goes with a visit, at what time of the day) is drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from tiercare.engines.measures.synth.columns import Array
from tiercare.engines.measures.synth.diseases import diseases
from tiercare.engines.population.draws import Chance
from tiercare.engines.twin.acting import IN, OUT, SELF, UP
from tiercare.engines.twin.facts.rows import DOWNWARDS, UPWARDS, Visits
from tiercare.engines.twin.running import Year

from .cases import cases
from .ground import Clinic, Ground
from .script import CLOSES, OPENS, STEP, Kind, Planned, Rates, seen_of

_LAST_HALF_HOUR = 30 // STEP  # begins nothing
_YEAR = timedelta(weeks=52)  # the same day of the week
_BANDS = (15, 45, 65)  # as the twin's ages are grouped
# Of all acts, where there is as much to play: where the demonstration's accounts work, and those who are referred in the days, of whom there
# would be few in a sample of everybody. Ours.
_SHOWN, _REFERRED = 0.3, 0.3
_BED = "demo-nk-cw"
_BEST = 0.6  # want the expert whom their illness is for, the others any clinic that treats it; ours
_SIGNED_ONLY = frozenset({Kind.BOOK_DOCTOR, Kind.REFER})


@dataclass(frozen=True, slots=True)
class _Like:
    """What a resident of the platform has in common with the one of the twin for whom they stand; ``band`` of age as the twin has it."""

    female: bool
    band: int
    signed: bool


@dataclass(frozen=True, slots=True)
class _Errand:
    """Somebody of the twin wants something of a hospital on a day of the drive; ``after`` as in ``Planned``."""

    day: int
    person: int
    like: _Like
    clinic: Clinic
    target: UUID
    kind: Kind
    code: str  # the diagnosis
    urgency: int = 2
    after: int = -1
    pool: str = ""


def rates_of(year: Year) -> Rates:
    """How people behave where the twin says so: who misses, who has a place in hand, who lies and who goes down again; the others are
    those of every drive."""
    up = year.sent[year.sent["direction"] == UPWARDS]
    came = year.visits[year.visits["arrival"] == UP]
    down = int((year.sent["direction"] == DOWNWARDS).sum())
    if not len(up) or not len(came):
        return Rates()
    return Rates(
        missed=year.given["no_show"],
        place_in_hand=float((up["place"] >= 0).mean()),
        down=min(down / len(came), 1.0),
        lies=float((came["kind"] == IN).mean()),
    )


def lived(
    year: Year,
    ground: Ground,
    houses: Mapping[str, UUID],
    *,
    acts: int,
    seed: int,
    rates: Rates,
    shown: UUID | None = None,
) -> list[Planned]:
    """What the twin's people do in the days of the ground, as much of it as comes to at most ``acts`` when it is played.

    Args:
        houses: key of a site (``Profile``) → institution.
        shown: a hospital at which everybody is played, up to a share of the acts, and not a sample only.
    """
    errands = _Region(year, ground, houses, seed, rates, shown).errands()
    referred = {each.person for each in errands if each.kind is Kind.REFER}
    there = [each for each in errands if each.target == shown]
    elsewhere = [each for each in errands if each.target != shown]
    parts = (
        (_SHOWN, there),
        (_REFERRED, [each for each in elsewhere if each.person in referred]),
        (1 - _SHOWN - _REFERRED, [each for each in elsewhere if each.person not in referred]),
    )
    budget, over, kept = acts * rates.planned_for / seen_of(ground.days), 0.0, list[_Errand]()
    for share, part in parts:
        budget_of_part = budget * share + over
        kept += _sampled(part, budget_of_part, rates, seed)
        over = max(0.0, budget_of_part - _cost(part, rates))
    planned = (_planned(each, ground, seed) for each in kept)
    return sorted(planned, key=lambda each: (each.day, each.minute, each.site, each.person, each.code))


class _Region:
    """The twin's year beside the ground of the drive."""

    def __init__(
        self,
        year: Year,
        ground: Ground,
        houses: Mapping[str, UUID],
        seed: int,
        rates: Rates,
        shown: UUID | None,
    ) -> None:
        self._year, self._ground, self._rates, self._seed, self._shown = year, ground, rates, seed, shown
        self._houses = [houses.get(site.key) for site in year.world.sites]
        self._codes: list[str] = diseases().names.to_pylist()
        self._day = {day: number for number, day in enumerate(_days(year, ground))}
        self._near: list[Clinic] = [each for each in ground.clinics.values() if shown in each.hospitals]

    def errands(self) -> list[_Errand]:
        """Everything that is wanted of the hospitals of the ground in its days, by those who can be played."""
        return [*self._booked(), *self._referred(), *self._asked()]

    def _booked(self) -> list[_Errand]:
        """Places that people asked for by themselves: clinics with the examinations that go with them, and beds."""
        rows = self._year.visits
        own = (rows["arrival"] == SELF) & np.isin(rows["kind"], [OUT, IN])
        rows = rows[own & self._year.ground.site["hospital"][rows["site"]]]
        found = []
        for row in rows[np.isin(rows["day"] - rows["wait"], list(self._day))]:
            base = self._errand(row, int(row["site"]), int(row["day"] - row["wait"]), Kind.BOOK_SELF)
            if base is None:
                continue
            case, draws = cases()[base.code], self._draws("booked", base)
            errand = replace(base, kind=self._booker(draws, base.like.signed), after=int(row["wait"]))
            offered = self._ground.places[base.target]
            if row["kind"] == IN:
                found.append(replace(errand, kind=Kind.BOOK_CLINIC, pool=_BED))
                continue
            able = [each for each in case.pools if each in offered] or list(case.pools[:1])
            best = able[0] if draws.random() < _BEST else draws.choice(able)
            found.append(replace(errand, pool=best))
            exams = [each for each in case.exams if each in offered]
            if exams and draws.random() < self._rates.examined:
                found.append(replace(errand, kind=Kind.BOOK_CLINIC, pool=draws.choice(exams)))
        return found

    def _referred(self) -> list[_Errand]:
        """Referrals up that primary care made."""
        rows = self._year.sent
        rows = rows[(rows["direction"] == UPWARDS) & np.isin(rows["submitted"], list(self._day))]
        found = []
        for row in rows:
            errand = self._errand(row, int(row["target"]), int(row["submitted"]), Kind.REFER)
            if errand is not None and errand.target in errand.clinic.refers:
                drawn = self._draws("urgency", errand).random()
                after = int(row["place"] - row["submitted"]) if row["place"] >= 0 else -1
                found.append(replace(errand, urgency=self._urgency(drawn, bool(row["stable"])), after=after))
        return found

    def _asked(self) -> list[_Errand]:
        """Consultations from a distance, asked of a hospital to which the clinic can refer."""
        visits, found = Visits(self._year), []
        calendar = self._year.world.calendar
        for month in sorted(
            {int(calendar.month(np.array([day + calendar.edges[0]]))[0]) for day in self._day}
        ):
            rows = visits.of(month)
            settled = rows[visits.settled(rows, month)]
            for row in settled[np.isin(settled["day"], list(self._day))]:
                clinic = self._clinic(int(row["person"]), None)
                if clinic is None or not clinic.refers:
                    continue
                target = clinic.refers[int(row["person"]) % len(clinic.refers)]
                found.append(self._made(row, int(row["day"]), clinic, target, Kind.ASK))
        return found

    def _errand(self, row: Array, site: int, day: int, kind: Kind) -> _Errand | None:
        """As a row of the twin has it; ``None`` where the hospital or the person's clinic is not on the ground."""
        target = self._houses[site]
        if target is None or target not in self._ground.places:
            return None
        clinic = self._clinic(int(row["person"]), target)
        return None if clinic is None else self._made(row, day, clinic, target, kind)

    def _made(self, row: Array, day: int, clinic: Clinic, target: UUID, kind: Kind) -> _Errand:
        who = self._year.residents[row["person"]]
        like = _Like(bool(who["female"]), int(who["band"]), bool(who["signed"]))
        return _Errand(
            self._day[day], int(row["person"]), like, clinic, target, kind, self._codes[row["code"]]
        )

    def _clinic(self, person: int, target: UUID | None) -> Clinic | None:
        """Where the person goes usually; of those who come to the hospital that is shown from elsewhere, one near it."""
        house = self._houses[int(self._year.residents["usual"][person])]
        clinic = self._ground.clinics.get(house) if house is not None else None
        if clinic is None and target is not None and target == self._shown and self._near:
            return self._near[person % len(self._near)]
        return clinic

    def _booker(self, draws: Chance, signed: bool) -> Kind:
        drawn = draws.random()
        if drawn < self._rates.by_doctor and signed:
            return Kind.BOOK_DOCTOR
        return Kind.BOOK_CLINIC if drawn < self._rates.by_doctor + self._rates.by_clinic else Kind.BOOK_SELF

    def _urgency(self, drawn: float, stable: bool) -> int:
        if stable:
            return 2
        return (
            0
            if drawn < self._rates.emergency
            else 1
            if drawn < self._rates.emergency + self._rates.urgent
            else 2
        )

    def _draws(self, what: str, errand: _Errand) -> Chance:
        return Chance(f"{what}:{self._seed}:{errand.person}:{errand.day}:{errand.target}:{errand.code}")


def _days(year: Year, ground: Ground) -> list[int]:
    """The day of the twin's year for each of the drive: the same date, or the same day of the week some years of 52 weeks before."""
    begins = date(year.world.calendar.months[0] // 100, 1, 1)
    found = []
    for number in range(ground.days):
        day = ground.day(number)
        while (day - begins).days >= year.days:
            day -= _YEAR
        while day < begins:
            day += _YEAR
        found.append((day - begins).days)
    return found


def _cost(errands: Sequence[_Errand], rates: Rates) -> float:
    return sum(rates.acts_of(each.kind) for each in errands)


def _sampled(errands: Sequence[_Errand], budget: float, rates: Rates, seed: int) -> list[_Errand]:
    """All errands of as many persons as the budget (in acts) allows; the same persons first whatever it is."""
    of: defaultdict[int, list[_Errand]] = defaultdict(list)
    for each in errands:
        of[each.person].append(each)
    kept: list[_Errand] = []
    left = budget
    for person in sorted(of, key=lambda each: Chance(f"sample:{seed}:{each}").random()):
        left -= _cost(of[person], rates)
        if left < 0:
            break
        kept += of[person]
    return kept


def _planned(errand: _Errand, ground: Ground, seed: int) -> Planned:
    draws = Chance(f"minute:{seed}:{errand.person}:{errand.day}:{errand.kind}:{errand.pool}")
    return Planned(
        errand.day,
        OPENS + STEP * draws.randrange((CLOSES - OPENS) // STEP - _LAST_HALF_HOUR),
        errand.kind,
        _stands_in(errand, ground.first.year, seed),
        errand.clinic.division,
        str(errand.clinic.id),
        str(errand.target),
        errand.pool or errand.code,
        errand.urgency,
        errand.after,
    )


def _stands_in(errand: _Errand, year: int, seed: int) -> int:
    """The number of a resident of the clinic: as near as there is one, and always the same for one of the twin's people."""
    people = errand.clinic.people
    women = cases()[errand.code].women
    able = [n for n, each in enumerate(people) if each.female or not women] or list(range(len(people)))
    if errand.kind in _SIGNED_ONLY:
        able = [n for n in able if people[n].signed] or able
    of_age = [n for n in able if _band(people[n].born, year) == errand.like.band] or able
    alike = [n for n in of_age if people[n].female == (errand.like.female or women)] or of_age
    return alike[Chance(f"stands:{seed}:{errand.person}").randrange(len(alike))]


def _band(born: int | None, year: int) -> int:
    return -1 if born is None else sum(year - born >= edge for edge in _BANDS)
