"""What is noticed beside the numbers of a year: doubts about the data, and signals of siphoning, land-grab, monopoly and
squeezing (NHC-83, NHC-86, YN-102). A signal is a reason to look, no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from tiercare.apps.network.rules.joins import Join
from tiercare.engines.measures.honesty import look
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.signals import Limits, behind, gather, judge, resources
from tiercare.engines.measures.store import Store

from .landing import LAND, land
from .noticed import Noticed, both, finite, listed, number, share

# Names of signals, and the clauses that ask to watch for them.
SIPHON, MONOPOLY, PRIVATE = "siphon", "monopoly", "private_share"
CLAUSES: Mapping[str, tuple[str, ...]] = {
    SIPHON: ("NHC-86", "YN-102"),
    LAND: ("NHC-83", "YN-102"),
    MONOPOLY: ("YN-102",),
    PRIVATE: ("YN-102",),
}
_SHOWN = 50


def notice(
    store: Store, book: Book, span: Span, *, region: str, today: date, joins: Sequence[Join] = ()
) -> list[Noticed]:
    """Everything noticed about a year of a region; ``joins`` are those that the register of the region knows."""
    return [*_doubts(store, book, span, region, today), *_signals(store, book, span, region, joins)]


def _doubts(store: Store, book: Book, span: Span, region: str, today: date) -> Iterator[Noticed]:
    newest = [versions[-1] for versions in book.indicators.values()]
    for indicator, found in look(store, newest, span, today=today).items():
        for each in found:
            content = {
                **both(each.text),
                "fact": each.fact,
                "column": each.column,
                "institutions": list(each.institutions),
                "rows": each.rows,
                "keys": list(each.keys[:_SHOWN]),
                "strength": finite(each.strength),
                "chance": finite(each.chance),
            }
            yield Noticed("honesty", each.kind.value, span, Level.REGION, region, content, indicator)


def _signals(store: Store, book: Book, span: Span, region: str, joins: Sequence[Join]) -> Iterator[Noticed]:
    past = span.before()
    yield from _siphons(store, book, past, span, region)
    yield from land(store, book, span, region, joins)
    yield from _shares(store, book, past, span, region)


def _siphons(store: Store, book: Book, past: Span, span: Span, region: str) -> Iterator[Noticed]:
    limits = _limits(book)
    if limits is None:
        return
    common = [*listed(book, "common_diseases"), *listed(book, "chronic_diseases")]
    counts = gather(store, [past, span], region=region, common=common)
    for signal in judge(counts, past=past, now=span, limits=limits).found:
        drawn = [flow for flow in signal.flows if flow.grown or flow.stands]
        cases = [
            behind(
                store, signal.consortium, flow.flow, [past, span], region=region, common=common, most=_SHOWN
            )
            for flow in drawn
        ]
        content = {
            **both(signal.text),
            "chance": finite(signal.chance),
            "flows": [
                {
                    "flow": flow.flow.value,
                    "up": list(flow.up),
                    "stay": list(flow.stay),
                    "cases": case.cases,
                    "keys": list(case.keys),
                }
                for flow, case in zip(drawn, cases, strict=True)
            ],
        }
        yield Noticed("signal", SIPHON, span, Level.CONSORTIUM, signal.consortium, content)


def _limits(book: Book) -> Limits | None:
    """From when on siphoning is worth a look, as the pack has it; none where it leaves one of these out."""
    consortia, flows = number(book, "siphon_least_consortia"), number(book, "siphon_least_flows")
    odds, false = share(book, "siphon_least_odds_percent"), share(book, "siphon_most_false_percent")
    if consortia is None or flows is None or odds is None or false is None:
        return None
    return Limits(consortia=consortia, flows=flows, odds=float(odds), false=float(false))


def _shares(store: Store, book: Book, past: Span, span: Span, region: str) -> Iterator[Noticed]:
    if not {"institutions", "visits"} <= {name for name in ("institutions", "visits") if store.months(name)}:
        return
    found = resources(store, past=past, now=span)
    for key, beds in sorted(found.beds.items()):
        alone = type(found)({key: beds}, found.all_beds, ((0, 0), (0, 0)))
        for text in alone.alerts(most_beds=share(book, "monopoly_most_beds_percent"), least_private=None):
            content = {**both(text), "beds": beds, "all_beds": found.all_beds}
            yield Noticed("signal", MONOPOLY, span, Level.CONSORTIUM, key, content)
    private = type(found)({}, 0, found.private)
    for text in private.alerts(most_beds=None, least_private=share(book, "private_least_percent")):
        content = {**both(text), "private": [list(each) for each in found.private]}
        yield Noticed("signal", PRIVATE, span, Level.REGION, region, content)
