"""Who decides about a change of the network: the commission of the area it touches, or the one that a clause
names because its consent has to come first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tiercare.engines.policy import RuleCard
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .drafting import is_new_consortium
from .entries import Entry
from .facts import Kind
from .registers import CONSORTIA, JOININGS, MEMBERSHIPS, Op

_LEVELS = (6, 4, 2)


@dataclass(frozen=True, slots=True)
class Approval:
    """``division`` is the area whose commission decides; ``card`` asks for its consent before the change, if
    one does: then nobody, not even that commission, puts the change into effect alone."""

    division: str
    card: RuleCard | None = None

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that ask for the consent."""
        return self.card.clauses if self.card else ()


def _forms_alliance(entry: Entry, known: Collection[str]) -> bool:
    """Forming an alliance, and undoing what was consented to (WH-44)."""
    alliance = entry.register == CONSORTIA.key and entry.text("kind") == Kind.SPECIALTY_ALLIANCE
    return alliance and (is_new_consortium(entry, known) or entry.op is Op.VOID)


def _any_belonging(entry: Entry, known: Collection[str]) -> bool:
    """What cards about consortia look at. A card that is marked in some pack, and of which nothing narrower is
    known, speaks about all of it: better one approval too many than a change that should have had one."""
    return entry.register in (CONSORTIA.key, MEMBERSHIPS.key, JOININGS.key)


# Which rows a card that asks for consent before the change is about, by the card's id.
_CONCERNS: Mapping[str, Callable[[Entry, Collection[str]], bool]] = {"alliance_approved": _forms_alliance}


def concerned(card: RuleCard, entry: Entry, known: Collection[str]) -> bool:
    """Whether ``card`` asks for consent before this row; ``known`` are codes of consortia on record."""
    return _CONCERNS.get(card.id, _any_belonging)(entry, known)


def decision(
    entries: Sequence[Entry],
    cards: Iterable[RuleCard],
    *,
    on: date,
    region: str,
    touched: Collection[str],
    known: Collection[str],
    area_of: Callable[[RuleCard], str],
) -> Approval:
    """Who decides about ``entries``, which take effect on ``on`` in the areas ``touched`` (division codes).

    ``cards`` are those of the region's pack; ``area_of`` tells the area of the pack that a card stands in.
    A wider area goes before a narrower one, and none is wider than ``region``.
    """
    asking = [
        card
        for card in cards
        if card.approval_before_change
        and on in card.period
        and any(concerned(card, entry, known) for entry in entries)
    ]
    asking.sort(key=lambda card: len(area_of(card)))
    card = asking[0] if asking else None
    areas = {*touched} | ({area_of(card)} if card else set())
    return Approval(common_area(areas, region), card)


def common_area(divisions: Iterable[str], region: str) -> str:
    """The smallest area of a commission that holds all of ``divisions``: a county, a prefecture, a province, or
    ``region`` where they reach beyond it."""
    codes = {code for code in divisions if code}
    for length in _LEVELS:
        prefixes = {code[:length] for code in codes}
        if len(prefixes) == 1 and all(len(code) >= length for code in codes):
            (area,) = prefixes
            return area if area.startswith(region) else region
    return region


def consented(
    entries: Sequence[Entry], *, known: Collection[str], decided_on: date, by: str
) -> tuple[Entry, ...]:
    """The rows with the decision as the consent to every consortium they form: its day, or the first day of the
    consortium where that is earlier (consent comes before the change)."""
    return tuple(
        replace(
            entry,
            values={**entry.values, "approved_on": min(decided_on, entry.start), "approved_by": by[:120]},
        )
        if is_new_consortium(entry, known)
        else entry
        for entry in entries
    )


def consent_first(approval: Approval, area: str) -> Refusal | None:
    """Why a change may not be put into effect without an approval, if a clause asks for one; ``area`` is what
    the deciding area is called."""
    if approval.card is None:
        return None
    return Refusal(
        code="approval_needed",
        message=Text("{rule}所以不能直接生效。", "{rule} So it cannot be put into effect directly."),
        instead=Text(
            "请提交审批，由{area}卫生健康行政部门的另一位人员批准。",
            "Submit it: somebody else at the health commission of {area} approves it.",
        ),
        fields={"rule": approval.card.sentence, "area": area},
        clauses=approval.card.clauses,
        status=403,
    )
