"""One institution's day before the cards of its pack: what was owed of each resource, and the pools that fell short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.engines.policy import PackSet, RuleCard, State, Verdict, Waiver, evaluate, parameters_of
from tiercare.kernel.text import Text

from ..rules.cards import PREDICATES, DayOffers, Hospital, promise_of
from ..rules.proof import Breach, Line, Owed, PoolDay, offer_of, short_pools, total, used_early
from ..rules.shares import Offer, promised
from ..rules.vocabulary import REFERRED, Channel
from .promises import cards


@dataclass(frozen=True)
class Judge:
    """The cards of one pack over one institution's day."""

    packs: PackSet
    pack: str
    hospital: Hospital
    day: date
    waivers: Sequence[Waiver]

    def day_of(self, pools: Sequence[PoolDay]) -> tuple[list[Line], list[Breach]]:
        """A line for each resource that the day offers, and every promise that was broken."""
        lines, breaches = [], []
        for resource, part in _by_resource(pools):
            verdicts = self._verdicts(part, resource)
            lines.append(self._line(verdicts, part, resource))
            breaches += [self._breach(v, part, resource) for v in verdicts if v.state is State.VIOLATED]
        return lines, breaches + [used_early(each, self.hospital.name) for each in pools if each.use.early]

    def _verdicts(self, pools: Sequence[PoolDay], resource: str) -> list[Verdict]:
        """What the cards that look at this resource say of it."""
        offer = offer_of(pools, self.hospital.id, resource)
        facts = DayOffers(self.day, {self.hospital.id: self.hospital}, (offer,))
        listed = cards(self.packs, self.pack)
        found = evaluate(self.packs, listed, PREDICATES, facts, on=self.day, waivers=self.waivers)
        return [verdict for verdict in found if verdict.checked]

    def _line(self, verdicts: Sequence[Verdict], pools: Sequence[PoolDay], resource: str) -> Line:
        offer = offer_of(pools, self.hospital.id, resource)
        return Line(
            day=self.day,
            institution_id=self.hospital.id,
            institution=self.hospital.name,
            resource=resource,
            offered=offer.offered,
            kept=offer.kept,
            use=total(each.use for each in pools),
            owed=tuple(self._owed(verdict, offer) for verdict in verdicts),
        )

    def _owed(self, verdict: Verdict, offer: Offer) -> Owed:
        share, channels = self._share(verdict.card)
        return Owed(
            card=verdict.card.key,
            clauses=verdict.card.clauses,
            share=share,
            units=None if share is None else promised(offer.offered, share),
            kept=offer.kept_for(channels),
            state=verdict.state,
        )

    def _breach(self, verdict: Verdict, pools: Sequence[PoolDay], resource: str) -> Breach:
        (finding,) = verdict.findings
        named = short_pools(pools, *self._share(verdict.card))
        return Breach(
            day=self.day,
            institution_id=self.hospital.id,
            institution=self.hospital.name,
            resource=resource,
            pools=tuple(each.pool for each in named),
            pool_ids=tuple(each.pool_id for each in named),
            card=verdict.card.key,
            clauses=verdict.card.clauses,
            said=Text(verdict.sentence(finding), verdict.sentence(finding, "en")),
            remedy=Text(verdict.remedy(finding), verdict.remedy(finding, "en")),
        )

    def _share(self, card: RuleCard) -> tuple[float | None, tuple[Channel, ...]]:
        """The share that the card promises and for whom; without a share, whoever comes by referral."""
        given = parameters_of(self.packs, card, self.day)
        promise = promise_of(card.id, given, self.hospital) if given is not None else None
        return (None, REFERRED) if promise is None else (promise.share, (promise.channel,))


def _by_resource(pools: Sequence[PoolDay]) -> list[tuple[str, list[PoolDay]]]:
    names = sorted({resource for each in pools for resource in each.resources})
    return [(name, [each for each in pools if name in each.resources]) for name in names]
