"""The book of a pack: its indicators and targets, read once for each set of packs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules.words import EQUIPMENT_NAMES
from tiercare.engines.measures.boards import Board, load_board
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.load import Book, load_book
from tiercare.engines.measures.oversight import Oversight
from tiercare.engines.measures.oversight_load import load_oversight
from tiercare.engines.measures.panels import Panel
from tiercare.engines.measures.panels_load import load_panels
from tiercare.engines.measures.programmes import Known, Works
from tiercare.engines.measures.programmes_load import load_programmes
from tiercare.engines.policy import PackSet
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text


def book_of(pack: str) -> Book:
    """The indicators and targets of a pack and of those it extends.

    Raises:
        Refused: if there is no such pack.
        PackErrors: if its indicators cannot be read.
    """
    packs = mandates.packs()
    if pack not in packs.packs:
        raise Refused(mandates.region_without_pack(pack))
    return _read(packs, pack)


def indicator_of(pack: str, indicator: str) -> Indicator:
    """The newest version of an indicator.

    Raises:
        Refused: if there is no such pack, or no such indicator in it.
    """
    versions = book_of(pack).indicators.get(indicator)
    if not versions:
        raise Refused(NO_SUCH_INDICATOR)
    return versions[-1]


def board_of(pack: str) -> Board:
    """What the board of a pack shows.

    Raises:
        Refused: if there is no such pack.
        PackErrors: if its indicators or its board cannot be read.
    """
    return _board(mandates.packs(), pack, book_of(pack))


def panels_of(pack: str) -> Mapping[str, Panel]:
    """The indicators that stand side by side under a pack, by the panel's id.

    Raises:
        Refused: if there is no such pack.
        PackErrors: if its indicators or its panels cannot be read.
    """
    return _panels(mandates.packs(), pack, book_of(pack))


def oversight_of(pack: str) -> Oversight:
    """What supervision does under a pack.

    Raises:
        Refused: if there is no such pack.
        PackErrors: if its indicators or its oversight cannot be read.
    """
    return _oversight(mandates.packs(), pack, book_of(pack))


def works_of(pack: str, *, on: date) -> Works:
    """The work programmes and standards that are in force under a pack on a day.

    Raises:
        Refused: if there is no such pack.
        PackErrors: if its programmes cannot be read.
    """
    packs = mandates.packs()
    if pack not in packs.packs:
        raise Refused(mandates.region_without_pack(pack))
    return _works(packs, pack, on, book_of(pack))


@lru_cache(maxsize=32)
def _works(packs: PackSet, pack: str, on: date, book: Book) -> Works:
    known = Known(EQUIPMENT_NAMES.keys(), book.indicators.keys(), _panels(packs, pack, book).keys())
    return load_programmes(packs, pack, on=on, known=known)


@lru_cache(maxsize=16)
def _oversight(packs: PackSet, pack: str, book: Book) -> Oversight:
    return load_oversight(packs, pack, indicators=book.indicators)


@lru_cache(maxsize=16)
def _board(packs: PackSet, pack: str, book: Book) -> Board:
    return load_board(packs, pack, book)


@lru_cache(maxsize=16)
def _panels(packs: PackSet, pack: str, book: Book) -> Mapping[str, Panel]:
    return load_panels(packs, pack, book)


# A set of packs equals only itself: a pack that was read anew brings a book that is read anew.
@lru_cache(maxsize=16)
def _read(packs: PackSet, pack: str) -> Book:
    return load_book(packs, pack)


NO_SUCH_INDICATOR = Refusal(
    code="evaluation.no_such_indicator",
    message=Text("这个地区的指标里没有这一项。", "There is no such indicator in this region's book."),
    instead=Text("请从指标目录中打开。", "Open it from the list of indicators."),
    at="indicator",
    status=404,
)
