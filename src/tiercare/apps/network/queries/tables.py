"""A paper on the table before it is signed, and what the region's pack wants in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import models, rules
from ..rules.paper_cards import TIED, OnTheTable, Paper, PaperParty
from ..rules.papers import Demand, demands
from .reading import area_names


@dataclass(frozen=True, slots=True)
class Table:
    """A paper, its demands, and the names of everybody it concerns by their key in it; ``lead_ids`` lead the
    consortium that it is about, ``lead`` is the first one's name."""

    pack: str
    on: date
    of: OnTheTable
    demands: tuple[Demand, ...]
    names: Mapping[str, str]
    consortium: str
    division: str
    lead_ids: tuple[UUID, ...]
    lead: str


@dataclass(frozen=True, slots=True)
class _About:
    """The consortium that a paper is about; all blank where it is about none."""

    name: str = ""
    kind: rules.Kind | None = None
    tight: bool = False
    division: str = ""
    roles: Mapping[UUID, rules.Role] | None = None

    def role(self, institution: UUID) -> rules.Role | None:
        return (self.roles or {}).get(institution)

    @property
    def leads(self) -> tuple[UUID, ...]:
        return tuple(key for key, role in (self.roles or {}).items() if role is rules.Role.LEAD)


def government_name(areas: Mapping[str, str], code: str) -> str:
    """What the government of an area is called."""
    name = areas.get(code, code)
    return f"{name}{'管委会' if '开发区' in name else '人民政府'}"


def agreement_table(
    consortium_id: UUID | None,
    *,
    institution_ids: list[UUID],
    governments: list[str],
    on: date,
    except_id: UUID | None = None,
    division: str = "",
    areas: Mapping[str, str] | None = None,
) -> Table:
    """An agreement between these parties as it would be signed on ``on``; ``except_id`` is itself, ``areas``
    saves asking for the names of areas again, ``division`` is where it lies if not where its consortium does.

    Raises:
        Refused: if no pack is in force there.
    """
    consortium = _about(consortium_id, on)
    known = _institutions([*institution_ids, *consortium.leads], on)
    named = (areas if areas is not None else area_names(on=on)) if governments else {}
    parties = (
        *(PaperParty(f"gov:{code}", government_name(named, code)) for code in sorted(governments)),
        *sorted((_party(key, known, consortium) for key in institution_ids), key=_rank),
    )
    agreed = _agreed(consortium_id, on, except_id) if consortium.kind in TIED else frozenset()
    of = OnTheTable(Paper.AGREEMENT, consortium.kind, consortium.tight, parties, agreed)
    return _asked(of, consortium, division or consortium.division, known, on)


def charter_table(consortium_id: UUID, *, on: date) -> Table:
    """The charter of a consortium as it would be adopted on ``on``.

    Raises:
        Refused: if there is no such consortium that day, or no pack is in force in its area.
    """
    consortium = _about(consortium_id, on)
    if consortium.kind is None:
        raise Refused(_no_such_consortium(on))
    known = _institutions(consortium.roles or (), on)
    parties = sorted((_party(key, known, consortium) for key in consortium.roles or ()), key=_rank)
    of = OnTheTable(Paper.CHARTER, consortium.kind, consortium.tight, tuple(parties))
    return _asked(of, consortium, consortium.division, known, on)


_RANKS = (*rules.Role, None)


def _rank(party: PaperParty) -> tuple[int, str]:
    """The lead first, outsiders last, those of one part by name."""
    return _RANKS.index(party.role), party.name


def _party(key: UUID, known: Mapping[UUID, tuple[str, bool]], consortium: _About) -> PaperParty:
    name, private = known.get(key, ("—", False))
    return PaperParty(str(key), name, consortium.role(key), private)


def _asked(
    of: OnTheTable, consortium: _About, division: str, known: Mapping[UUID, tuple[str, bool]], on: date
) -> Table:
    pack = mandates.pack_in_force(division, on=on)
    return Table(
        pack=pack,
        on=on,
        of=of,
        demands=tuple(demands(mandates.packs(), pack, of, on=on)),
        names={party.key: party.name for party in of.parties},
        consortium=consortium.name,
        division=division,
        lead_ids=consortium.leads,
        lead=next((known[key][0] for key in consortium.leads if key in known), ""),
    )


def _about(consortium_id: UUID | None, on: date) -> _About:
    """The consortium and the parts in it on ``on``, in one query."""
    if consortium_id is None:
        return _About()
    version = {"consortium_id": consortium_id, "period__contains": on}
    rows = list(
        models.Membership.objects.filter(**version, consortium__versions__period__contains=on).values_list(
            "institution_id",
            "role",
            "consortium__versions__name",
            "consortium__kind",
            "consortium__versions__tight",
            "consortium__versions__division_code",
        )
    )
    if rows:
        _, _, name, kind, tight, division = rows[0]
        return _About(name, rules.Kind(kind), tight, division, {row[0]: rules.Role(row[1]) for row in rows})
    alone = models.ConsortiumVersion.objects.filter(**version).values_list(
        "name", "consortium__kind", "tight", "division_code"
    )
    return next((_About(n, rules.Kind(k), tight, code) for n, k, tight, code in alone), _About())


def _institutions(ids: Iterable[UUID], on: date) -> dict[UUID, tuple[str, bool]]:
    """Name, and whether it is private, by id."""
    rows = models.InstitutionVersion.objects.filter(institution_id__in=list(ids), period__contains=on)
    return {
        key: (name, owner == rules.Owner.PRIVATE)
        for key, name, owner in rows.values_list("institution_id", "name", "owner")
    }


def _agreed(consortium_id: UUID | None, on: date, except_id: UUID | None) -> frozenset[str]:
    """Sections that other agreements of the consortium hold."""
    if consortium_id is None:
        return frozenset()
    rows = models.Agreement.objects.filter(
        consortium_id=consortium_id, signed_on__lte=on, period__contains=on
    ).exclude(id=except_id)
    return frozenset(word for sections in rows.values_list("sections", flat=True) for word in sections)


def _no_such_consortium(on: date) -> Refusal:
    return Refusal(
        code="network.no_such_consortium",
        message=Text("{on} 没有这个医联体。", "There is no such consortium on {on}."),
        instead=Text("请从医联体列表中选择，或改选日期。", "Choose one from the list, or another day."),
        fields={"on": on},
        at="consortium",
        status=404,
    )
