"""What tests of the written fact tables share: a day in the middle of a month, events handed on, rows read back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation.commands import facts
from tiercare.apps.evaluation.queries.fact_sources import month_of
from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import handlers
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.network.models import Institution
from tiercare.engines.measures.store import Store
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE

REGION = "3402"
SYSTEM = Actor.system("test")


class Played:
    """A region's facts, written into a folder of the test. ``handed`` is the last event that was handed on."""

    def __init__(self, root: Path) -> None:
        self.root, self.handed = root, 0
        first = (ledger.today().replace(day=1) + timedelta(days=40)).replace(day=1)
        self.go(datetime(first.year, first.month, 15, 9, tzinfo=ZONE))

    @property
    def month(self) -> int:
        """This month, as the tables write it."""
        return month_of(ledger.today())

    def go(self, at: datetime) -> None:
        """Move the clock."""
        ledger_commands.set_clock(SYSTEM, at=at)

    def tell(self) -> None:
        """Hand on what happened since, as the dispatcher does after the commit."""
        for event in Event.objects.filter(sequence__gt=self.handed).order_by("sequence"):
            for name in handlers.names_for(event.kind):
                if name.startswith("evaluation."):
                    handlers.find(name)(event)
            self.handed = event.sequence

    def write(self, **more: Any) -> dict[tuple[str, int], facts.Refreshed]:
        """Write what is due; what became of it by table and month."""
        self.tell()
        done = facts.refresh(region=REGION, root=self.root, **more)
        return {(each.fact, each.month): each for each in done}

    def rows(self, fact: str, month: int | None = None) -> list[dict[str, Any]]:
        """The rows of a table in a month, this one by default."""
        with Store(self.root, regions=[REGION], threads=1) as store:
            found = store.table(fact)
            return list(
                store.run(found.filter(found.month == (month or self.month)).order_by(*found.columns))
            )

    def digests(self) -> dict[tuple[str, int], str]:
        """What every month of every table is made of."""
        with Store(self.root, regions=[REGION], threads=1) as store:
            manifest = store.manifest(REGION)
            return {
                (fact, month): manifest.digest(fact, month)
                for fact in facts.SOURCES
                for month in store.months(fact)
            }


def slug(institution: Any) -> str:
    """How an institution is called in the tables."""
    return Institution.objects.get(id=institution).slug


def whole() -> Any:
    """Sees everything, as the platform does."""
    return scoped(SYSTEM, area="*")
