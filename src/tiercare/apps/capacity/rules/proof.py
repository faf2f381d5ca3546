"""What a proof is made of: a day's places of a resource, what cards say of them, and where a promise was broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from uuid import UUID

from tiercare.engines.policy import State
from tiercare.kernel.text import Text

from .shares import EXPERT_SLOT, OUTPATIENT_SLOT, RESOURCE_NAMES, Offer
from .vocabulary import RESERVED, Channel

_OF_EXPERTS = frozenset({EXPERT_SLOT, OUTPATIENT_SLOT})


@dataclass(frozen=True, slots=True)
class Use:
    """What became of reserved places: used by those they are kept for, used by others before the release (nobody may)
    or after it, unused when they were released, and lent to another channel. ``refused`` is how often somebody got no
    place, ``refused_reserved`` of them through a channel for which places are kept."""

    entitled: int = 0
    early: int = 0
    released: int = 0
    late: int = 0
    lent: int = 0
    refused: int = 0
    refused_reserved: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(
            self.entitled + other.entitled,
            self.early + other.early,
            self.released + other.released,
            self.late + other.late,
            self.lent + other.lent,
            self.refused + other.refused,
            self.refused_reserved + other.refused_reserved,
        )


@dataclass(frozen=True, slots=True)
class PoolDay:
    """One pool's places on one day, by channel."""

    day: date
    institution_id: UUID
    pool_id: UUID
    pool: str
    resources: frozenset[str]
    places: Mapping[Channel, int]
    use: Use = field(default_factory=Use)

    @property
    def offered(self) -> int:
        """All of them."""
        return sum(self.places.values())


@dataclass(frozen=True, slots=True)
class Owed:
    """What one card says of one line. ``share`` and ``units`` are ``None`` where the hospital sets them itself;
    ``kept`` counts for the channels that the card means."""

    card: str
    clauses: tuple[str, ...]
    share: float | None
    units: int | None
    kept: int
    state: State


@dataclass(frozen=True, slots=True)
class Line:
    """One resource of one institution on one day: offered, kept by channel, what became of it, what was owed."""

    day: date
    institution_id: UUID
    institution: str
    resource: str
    offered: int
    kept: Mapping[Channel, int]
    use: Use
    owed: tuple[Owed, ...]

    @property
    def reserved(self) -> int:
        """Places kept for any of the reserved channels."""
        return sum(self.kept.get(channel, 0) for channel in RESERVED)


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that was not held: the day, the pools, the card (empty: somebody else used what was kept, before its
    release), and the sentence."""

    day: date
    institution_id: UUID
    institution: str
    resource: str
    pools: tuple[str, ...]
    pool_ids: tuple[UUID, ...]
    card: str
    clauses: tuple[str, ...]
    said: Text
    remedy: Text

    def is_about(self, resource: str) -> bool:
        """Whether it concerns this resource. Somebody's early use of an expert's place stands under its first name; it is
        a visit as well."""
        both_names = not self.card and {self.resource, resource} <= _OF_EXPERTS
        return self.resource == resource or both_names


def offer_of(pools: Sequence[PoolDay], institution_id: UUID, resource: str) -> Offer:
    """What these pools offer of a resource together."""
    kept: dict[Channel, int] = {}
    for each in pools:
        for channel, units in each.places.items():
            kept[channel] = kept.get(channel, 0) + units
    return Offer(institution_id, resource, sum(kept.values()), kept)


def total(uses: Iterable[Use]) -> Use:
    """All of them together."""
    return sum(uses, Use())


def short_pools(pools: Sequence[PoolDay], share: float | None, channels: Iterable[Channel]) -> list[PoolDay]:
    """The pools to which a day's shortfall goes back: those a whole place or more under the share; if each lacks only
    a fraction, the one that lacks most. Without a share, all that keep nothing.
    """
    wanted = tuple(channels)
    kept = {each.pool_id: sum(each.places.get(channel, 0) for channel in wanted) for each in pools}
    if share is None:
        return [each for each in pools if kept[each.pool_id] == 0]
    lacking = {each.pool_id: Fraction(str(share)) * each.offered - kept[each.pool_id] for each in pools}
    most = max(lacking.values(), default=Fraction(0))
    least_named = min(Fraction(1), most)
    return [each for each in pools if lacking[each.pool_id] >= least_named > 0]


def used_early(each: PoolDay, institution: str) -> Breach:
    """Somebody used what was kept for others before it was released."""
    fields = {"institution": institution, "day": each.day, "pool": each.pool, "units": each.use.early}
    return Breach(
        day=each.day,
        institution_id=each.institution_id,
        institution=institution,
        resource=min(each.resources),
        pools=(each.pool,),
        pool_ids=(each.pool_id,),
        card="",
        clauses=(),
        said=_filled(_EARLY, fields),
        remedy=_filled(_EARLY_REMEDY, fields),
    )


def _filled(text: Text, fields: Mapping[str, object]) -> Text:
    return Text(text.fill(fields), text.fill(fields, "en"))


def resource_name(resource: str) -> Text:
    """The resource as users read it."""
    return RESOURCE_NAMES[resource]


_EARLY = Text(
    "{institution}{day}的“{pool}”有 {units} 个预留号源在释放前被其他渠道使用。",
    "{institution}, {day}, “{pool}”: {units} reserved places were used by others before their release.",
)
_EARLY_REMEDY = Text(
    "请核对“{pool}”{day}的预约留痕，查明由谁、以何依据取得。",
    "Look up in the trail of “{pool}”, {day}, who got them and on what ground.",
)
