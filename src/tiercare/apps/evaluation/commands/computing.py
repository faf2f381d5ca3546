"""Computing a pack's indicators over the facts of its region. It takes seconds to minutes and holds no transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from duckdb import Error as DuckDBError

from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.assessment import Assessment, assess, by_definitions
from tiercare.engines.measures.boards import Board, load_board
from tiercare.engines.measures.evaluate import Value, evaluate
from tiercare.engines.measures.kept import KeptSums
from tiercare.engines.measures.load import Book, load_book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.schema import facts as tables
from tiercare.engines.measures.scoring import Mark, Outcome, load_scorecards, outcomes
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.store.manifest import regions_in
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..rules.spans import WITHIN_YEAR, Periods, last_years, periods_of
from .flows import DRAWN, flows
from .landing import joins_in
from .noticed import Noticed
from .noticing import notice

_TRIES = 4


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed and is not kept yet. ``values`` are those of years for everybody, of their quarters and months for
    the region, counties and consortia."""

    pack: str
    pack_digest: str
    region: str
    periods: Periods
    assessment: Assessment
    values: Sequence[Value]
    cards: Sequence[Outcome]
    noticed: Sequence[Noticed]
    sources: Mapping[str, Mapping[str, str]]
    synthetic: bool

    @property
    def digest(self) -> str:
        """SHA-256 of all definitions, counts and verdicts, of the parts of the years, of what the board draws, and of joins
        beside the plan: these come from the register, which may change while the facts stay."""
        parts = [
            (v.indicator, v.version, str(v.span), v.level.value, v.key, str(v.numerator), str(v.denominator))
            for v in self.values
        ]
        cards = [result.digest for card in self.cards for result in (card.region, *card.consortia)]
        drawn = [
            (n.kind, n.name, str(n.span), n.level.value, n.key, repr(n.content))
            for n in self.noticed
            if n.kind in DRAWN or "joins" in n.content
        ]
        return sha256(repr((self.assessment.digest, parts, cards, drawn)).encode()).hexdigest()


def compute(
    pack: str,
    *,
    years: Sequence[int] = (),
    root: Path | None = None,
    marks: Mapping[str, Sequence[Mark]] | None = None,
) -> Computed:
    """A pack's book over the facts of its region: the years named, or the newest two whole ones and what came after.

    What comes into the store meanwhile is not mixed in: it is computed again until the store stood still.

    Args:
        marks: by scorecard, which of its panels were recorded as complete.

    Raises:
        Refused: if there is no such pack, no visits of its region, or the facts change all the time.
        PackErrors: if the pack's indicators cannot be read.
    """
    folder = root or Path(settings.FACTS_ROOT)
    for _ in range(_TRIES):
        before = _stamp(folder)
        try:
            found = _computed(pack, years, folder, marks or {})
        except (KeyError, OSError, DuckDBError):
            if _stamp(folder) == before:
                raise
            continue
        if _stamp(folder) == before:
            return found
    raise Refused(CHANGING)


def _stamp(folder: Path) -> Sequence[tuple[str, int, int]]:
    """What tells whether anything came into the store."""
    return sorted(
        (each.name, each.stat().st_ino, each.stat().st_mtime_ns) for each in (folder / "manifest").glob("*")
    )


def _computed(pack: str, years: Sequence[int], folder: Path, marks: Mapping[str, Sequence[Mark]]) -> Computed:
    known = mandates.packs()
    if pack not in known.packs:
        raise Refused(mandates.region_without_pack(pack))
    region = known.packs[pack].region
    book = load_book(known, pack)
    board = load_board(known, pack, book)
    every = load_scorecards(known, pack, book)
    inside = [code for code in regions_in(folder) if code.startswith(region)]
    if not inside:
        raise Refused(NO_FACTS)
    with Store(folder, regions=inside) as store:
        months = list(store.months("visits"))
        wanted = list(years) or last_years(months)
        if not months or not wanted:
            raise Refused(NO_FACTS)
        periods = periods_of(wanted, months)
        kept = KeptSums(store)
        found = assess(store, book, periods.years, region=region, kept=kept)
        further = [each for each in periods.parts if each not in found.spans]
        parts = _parts(store, book, board, further, region, kept)
        cards = [
            outcome
            for year in periods.years
            for card in every.values()
            for outcome in outcomes([card], found, year, marks.get(card.id, ()))
        ]
        joins = joins_in(region, pack, periods.years)
        noticed = [
            each
            for year in periods.years
            for each in notice(store, book, year, region=region, today=clock.today(), joins=joins)
        ]
        noticed += flows(store, board, book, periods, region=region)
        return Computed(
            pack,
            known.digest(pack),
            region,
            periods,
            found,
            [*(v for v in found.values if v.span in found.spans), *parts],
            [card for card in cards if any(line.why is None for line in card.region.scored)],
            noticed,
            _sources(store, months),
            store.synthetic,
        )


def _parts(
    store: Store, book: Book, board: Board, spans: Sequence[Span], region: str, kept: KeptSums
) -> list[Value]:
    """Quarters and months (those that a target asks for by itself are there already), each with the definitions of its time;
    a month of one institution only where the board watches it for falls."""
    made: list[Value] = []
    for definitions, mine in by_definitions(book, spans):
        made += evaluate(store, definitions, mine, region=region, levels=WITHIN_YEAR, kept=kept)
        watched = [each for each in definitions if each.id in board.watched(Level.INSTITUTION)]
        alone = [each for each in mine if each.length == 1]
        single = evaluate(store, watched, alone, region=region, levels={Level.INSTITUTION}, kept=kept)
        made += [each for each in single if each.level is Level.INSTITUTION]  # the region's is there
    return made


def _sources(store: Store, months: Sequence[int]) -> dict[str, dict[str, str]]:
    """Per table the first and last month, a digest of everything that was read, and who sent it."""
    said = {}
    for name in tables():
        present = store.months(name)
        if present:
            digests = "".join(store.partition_digest(name, month) for month in present)
            said[name] = {
                "first": str(present[0]),
                "last": str(present[-1]),
                "digest": sha256(digests.encode()).hexdigest(),
                "origin": "；".join(_senders(store, name)),
            }
    return said


def _senders(store: Store, name: str) -> dict[str, None]:
    """What the batches that are read say of themselves, each once."""
    return dict.fromkeys(said for region in store.regions for said in store.manifest(region).senders(name))


CHANGING = Refusal(
    code="evaluation.facts_changing",
    message=Text(
        "计算时数据一直在变化，没有得到一致的结果。", "The facts kept changing while they were computed."
    ),
    instead=Text("请等导入结束后再算。", "Wait until the import is done, then compute again."),
    at="facts",
)
NO_FACTS = Refusal(
    code="evaluation.no_facts",
    message=Text(
        "这个地区还没有就诊数据，算不出指标。",
        "There are no visits of this region yet: nothing can be computed.",
    ),
    instead=Text(
        "请先在“数据导入”里导入，或等平台每日汇总。",
        "Import an extract first, or wait for the platform's own.",
    ),
    at="facts",
)
