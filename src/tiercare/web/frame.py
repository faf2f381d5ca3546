"""Which region and which day a page is about: from the address, so that a link shows the same to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.policy import Pack, PackSet
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

_FIRST, _LAST = date(1949, 10, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Frame:
    """The region's pack, the day asked about, and what else the date picker offers."""

    packs: PackSet
    pack: Pack
    on: date
    today: date
    verdict_days: Mapping[str, date]

    @property
    def query(self) -> str:
        """``region=…&on=…`` for links."""
        return urlencode({"region": self.pack.id, "on": self.on.isoformat()})

    @property
    def has_network(self) -> bool:
        """True where the region's institutions were laid down."""
        return self.pack.id in self.verdict_days


def of(request: HttpRequest) -> Frame:
    """The frame that ``?region=&on=`` asks for.

    Without them: the region of the acting person (or the first that was laid down), on its demonstration day
    (or today).

    Raises:
        Refused: for an unknown region, or a day that is none.
    """
    return _frame(request, request.GET.get("region", ""), request.GET.get("on", ""))


def fallback(request: HttpRequest) -> Frame:
    """The frame where ``of`` was refused: an error page has a menu too."""
    return _frame(request, "", "")


def _frame(request: HttpRequest, region: str, on: str) -> Frame:
    packs = mandates.packs()
    verdict_days = {row.pack: row.verdict_on for row in network.laid_down_regions()}
    today = getattr(request, "today", None) or ledger.today()
    pack = _pack(packs, region) if region else _own_pack(packs, request, verdict_days)
    day = _day(on) if on else verdict_days.get(pack.id, today)
    return Frame(packs, pack, day, today, verdict_days)


def _pack(packs: PackSet, region: str) -> Pack:
    if region not in packs.packs:
        raise Refused(mandates.region_without_pack(region))
    return packs.packs[region]


def _own_pack(packs: PackSet, request: HttpRequest, laid_down: Mapping[str, date]) -> Pack:
    code = request.actor.division_code
    own = packs.find(code) if code else None
    if own is not None and (own.id in laid_down or not laid_down):
        return own
    return packs.packs[next(iter(laid_down))] if laid_down else own or next(iter(packs))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not _FIRST <= day <= _LAST:
        raise Refused(
            Refusal(
                code="web.not_a_day",
                message=Text("“{on}”不是可用的日期。", "“{on}” is not a usable date."),
                instead=Text("请按 2019-07-01 的样子填写日期。", "Write the date like 2019-07-01."),
                fields={"on": text[:40]},
                at="on",
                status=400,
            )
        )
    return day
