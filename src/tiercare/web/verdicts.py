"""A verdict as templates show it: plain values, in the reader's language, with links instead of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tiercare.apps.access import rules as access
from tiercare.apps.mandates import rules as waiving
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries import Checked
from tiercare.engines.policy import Finding, Force, PackSet, State, Verdict, Waiver
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal

from . import labels
from .pages import english, said, told


@dataclass(frozen=True, slots=True)
class Link:
    """What a finding is about: ``kind`` is ``consortium``, ``institution``, ``area``, ``grid`` or ``region``."""

    kind: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class WaiverView:
    """Who excepted it, why and until when."""

    granted_by: str
    reason: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding; ``anchor`` names it on the page."""

    card: str
    subject: str
    anchor: str
    name: str
    message: str
    remedy: str
    links: tuple[Link, ...]
    waiver: WaiverView | None


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A value, and the clause and document that set it."""

    name: str
    key: str
    shown: str
    clause: str
    document: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A card and its standing; ``ask`` is the refusal that keeps its findings from being waived, if any."""

    key: str
    pack: str
    id: str
    pack_name: str
    sentence: str
    clauses: tuple[str, ...]
    force: Force
    state: State
    deadline: date | None
    checked: int
    numerator: int | None
    denominator: int | None
    share: str
    parameters: tuple[ParameterView, ...]
    findings: tuple[FindingView, ...]
    waived: tuple[FindingView, ...]
    ask: dict[str, object] | None


@dataclass(frozen=True)
class Viewer:
    """Turns verdicts of one check into what templates show, for one acting person."""

    checked: Checked
    packs: PackSet
    actor: Actor

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What everything that the findings are about is called."""
        return network.names_in(self.checked)

    def card(self, verdict: Verdict) -> CardView:
        """A card with its parameters and findings."""
        card, measure = verdict.card, verdict.measure
        ask = self.refusal(verdict)
        return CardView(
            key=card.key,
            pack=card.pack,
            id=card.id,
            pack_name=said(self.packs.packs[card.pack].name),
            sentence=said(card.sentence),
            clauses=card.clauses,
            force=card.force,
            state=verdict.state,
            deadline=verdict.deadline,
            checked=verdict.checked,
            numerator=measure.numerator if measure else None,
            denominator=measure.denominator if measure else None,
            share=labels.share(measure.numerator, measure.denominator) if measure else "",
            parameters=self._parameters(verdict),
            findings=tuple(self.finding(verdict, finding) for finding in verdict.findings),
            waived=tuple(self.finding(verdict, finding, waiver) for finding, waiver in verdict.waived),
            ask=told(ask) if ask else None,
        )

    def refusal(self, verdict: Verdict) -> Refusal | None:
        """Why the acting person may not waive this card here, if so."""
        region = self.packs.packs[self.checked.pack].region
        return waiving.may_be_waived(verdict.card) or access.may(
            self.actor, access.Right.MANDATES_WAIVE, division=region
        )

    def finding(self, verdict: Verdict, finding: Finding, waiver: Waiver | None = None) -> FindingView:
        """One finding in words."""
        language = "en" if english() else "zh"
        granted = (
            WaiverView(waiver.granted_by, waiver.reason, waiver.period.start, waiver.period.end)
            if waiver
            else None
        )
        return FindingView(
            card=verdict.card.key,
            subject=finding.subject,
            anchor=f"{verdict.card.pack}-{verdict.card.id}-{finding.subject}".replace(":", "-"),
            name=self.names.get(finding.subject, finding.subject.partition(":")[2]),
            message=verdict.sentence(finding, language),
            remedy=verdict.remedy(finding, language),
            links=tuple(_link(self.names, key) for key in dict.fromkeys((finding.subject, *finding.links))),
            waiver=granted,
        )

    def _parameters(self, verdict: Verdict) -> tuple[ParameterView, ...]:
        views = []
        for name, value in verdict.parameters.items():
            document = self.packs.document[self.packs.clause[value.clause].document]
            views.append(
                ParameterView(
                    name,
                    value.name,
                    labels.shown(value.value, value.type, value.op),
                    value.clause,
                    said(document.title),
                )
            )
        return tuple(views)


def _link(names: Mapping[str, str], key: str) -> Link:
    """A key such as ``consortium:018f…`` with its name."""
    kind, _, rest = key.partition(":")
    name = names.get(key)
    return Link(kind, rest, name) if name else Link("text", rest, rest or key)
