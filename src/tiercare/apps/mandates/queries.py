"""The packs as this installation has them, and what holds where on which day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from psycopg.types.range import DateRange

from tiercare.apps.ledger.prepared import rows as prepared_rows
from tiercare.engines.payment import Benefits, load_benefits
from tiercare.engines.policy import NamedList, PackSet, RuleCard, load_packs
from tiercare.engines.policy import Waiver as GrantedWaiver
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .models import ListEdition, Mandate, Waiver

_IN_FORCE = """
SELECT pack FROM mandates_mandate WHERE division_code = ANY (%(areas)s::text[]) AND period @> %(on)s::date
ORDER BY length(division_code) DESC LIMIT 1
"""


@lru_cache(maxsize=4)
def _loaded(extra: tuple[Path, ...]) -> PackSet:
    return load_packs(extra)


def packs(extra: Iterable[Path] = ()) -> PackSet:
    """Our packs, those of ``TIERCARE_PACKS``, and ``extra``; read once.

    Raises:
        PackErrors: if a pack cannot be used.
    """
    return _loaded((*settings.POLICY_PACKS, *extra))


def reload_packs() -> None:
    """Read the packs anew at the next question (a pack on disk was changed)."""
    _loaded.cache_clear()


def pack_in_force(division_code: str, *, on: date) -> str:
    """The pack that holds in this area on this day: its own mandate, or that of the nearest area above.

    Raises:
        Refused: if no pack was put in force there.
    """
    areas = [division_code[:length] for length in (6, 4, 2) if len(division_code) >= length]
    found = prepared_rows(_IN_FORCE, areas=areas, on=on)
    if not found:
        raise Refused(region_without_pack(division_code))
    pack: str = found[0]["pack"]
    return pack


def packs_over(division_codes: Collection[str], first: date, last: date) -> Callable[[str, date], str | None]:
    """Which pack holds in each of these areas on each day from ``first`` to ``last``, in one query; the answer takes an
    area and a day, ``None`` where no pack is in force."""
    areas = {code[:length] for code in division_codes for length in (6, 4, 2) if len(code) >= length}
    found = list(
        Mandate.objects.filter(division_code__in=areas, period__overlap=DateRange(first, last, "[]"))
    )

    def on(division_code: str, day: date) -> str | None:
        fits = [row for row in found if division_code.startswith(row.division_code) and day in row.period]
        return max(fits, key=lambda row: len(row.division_code)).pack if fits else None

    return on


def benefits(pack: str, known: PackSet) -> Benefits:
    """What the pack and those that it extends write down about reimbursement, for estimates.

    Raises:
        PackErrors: if it cannot be used.
    """
    return _benefits(tuple((each.folder, each.digest) for each in known.chain(pack)))


@lru_cache(maxsize=32)
def _benefits(chain: tuple[tuple[str, str], ...]) -> Benefits:
    return load_benefits(Path(folder) for folder, _ in chain)


NO_PACK = "region_without_pack"


def region_without_pack(region: str) -> Refusal:
    """There is no pack for this region."""
    known = packs()
    return Refusal(
        code=NO_PACK,
        message=Text("“{region}”还没有政策包。", "There is no policy pack for “{region}”."),
        instead=Text(
            "现有政策包：{known}。新地区请先按说明写一个政策包，再用 --packs 载入。",
            "There are: {known}. For a new region write a pack first and load it with --packs.",
        ),
        fields={"region": region, "known": "、".join(known.packs)},
        at="region",
        status=404,
    )


def waivers(pack: str, *, on: date) -> list[GrantedWaiver]:
    """Waivers in force on a day, as the engine takes them."""
    rows = Waiver.objects.filter(pack=pack, period__contains=on, revoked_at__isnull=True)
    return [_granted(row) for row in rows.order_by("granted_at")]


def waivers_over(packs: Collection[str]) -> dict[str, list[GrantedWaiver]]:
    """Every waiver of these regions that was not revoked, by pack, in one query; each holds in its own period."""
    found: dict[str, list[GrantedWaiver]] = {}
    rows = Waiver.objects.filter(pack__in=packs, revoked_at__isnull=True)
    for row in rows.order_by("granted_at"):
        found.setdefault(row.pack, []).append(_granted(row))
    return found


def _granted(row: Waiver) -> GrantedWaiver:
    return GrantedWaiver(
        card=row.card,
        subject=row.subject,
        period=Period(row.period.lower, row.period.upper),
        granted_by=row.granted_by_name,
        reason=row.reason,
    )


def waiver_rows(pack: str) -> list[Waiver]:
    """Every waiver of a region, the newest first, revoked ones included."""
    return list(Waiver.objects.filter(pack=pack).order_by("-granted_at"))


def card(key: str) -> RuleCard:
    """The card of this key (``pack/id``).

    Raises:
        Refused: if there is none.
    """
    pack_id, _, card_id = key.partition("/")
    pack = packs().packs.get(pack_id)
    found = next((c for c in pack.cards if c.id == card_id), None) if pack else None
    if found is None:
        raise Refused(
            Refusal(
                code="no_such_card",
                message=Text("没有规则卡“{card}”。", "There is no rule card “{card}”."),
                instead=Text("请从规则目录中选择。", "Choose one from the list of rules."),
                fields={"card": key},
                at="card",
                status=404,
            )
        )
    return found


def named_list(pack: str, list_id: str, *, on: date) -> tuple[NamedList, Sequence[Text]]:
    """A named list and its items on a day: the region's own edition, or what the text says.

    Raises:
        Refused: if the pack has no such list.
    """
    known = packs()
    found = next((named for named in known.lists_for(pack) if named.id == list_id), None)
    if found is None:
        raise Refused(
            Refusal(
                code="no_such_list",
                message=Text("没有名单“{list}”。", "There is no list “{list}”."),
                instead=Text("请从名单目录中选择。", "Choose one from the lists."),
                fields={"list": list_id},
                at="list",
                status=404,
            )
        )
    edition = ListEdition.objects.filter(pack=pack, list_id=list_id, period__contains=on).first()
    if edition is None:
        return found, found.items
    return found, [Text(item["zh"], item["en"]) for item in edition.items]


def mandate_exists(pack: str) -> bool:
    """True if this pack was ever put in force somewhere."""
    return Mandate.objects.filter(pack=pack).exists()
