"""Services for which every qualified provider of the city stands open alike (WH-04 充分竞争): no area, no order by consortium.

A clause is known by what it sets, ``open_competition``; its words are the services below. What the register shows of a provider
stands here, as ``network.rules.services`` does it; which registered specialties count as serious illness or as a special technique
no text says, so the packs carry them as ours (``<service>_specialties``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from tiercare.apps.network.rules import Category, Institution
from tiercare.apps.network.rules.services import OFFERS, Offer
from tiercare.engines.policy import PackSet, Value
from tiercare.kernel.text import Text

OPEN_COMPETITION = "open_competition"
_SPECIALTIES = "_specialties"  # after the word of a service: which registered specialties are it


@dataclass(frozen=True, slots=True)
class Open:
    """A service that is open to all who are qualified.

    Attributes:
        offer: how the register shows who is qualified; functions: what is asked for below when this is asked for.
        referred: whether patients are referred for it by name; sterile supply is for institutions and stands in the directory only.
        clause: who says that it is open.
    """

    word: str
    offer: Offer
    functions: frozenset[str] = frozenset()
    referred: bool = True
    clause: str = ""


_KNOWN = (
    Open("serious_illness", Offer(Text("重大疾患就医", "serious illness"), facilities=frozenset({"tumour"}))),
    Open("rehab_nursing", OFFERS["rehab_nursing"], frozenset({"rehabilitation", "nursing"})),
    Open(
        "exam_lab",
        Offer(
            Text("检查检验", "examinations and tests"),
            specialties=("30", "31", "32"),
            facilities=frozenset({"lab", "imaging", "ecg", "pathology"}),
        ),
    ),
    Open(
        "sterile_supply",
        Offer(Text("消毒供应", "sterile supply"), facilities=frozenset({"sterile_supply"})),
        referred=False,
    ),
    Open(
        "special_technique",
        Offer(
            Text("特殊临床专科技术", "special clinical techniques"),
            facilities=frozenset({"special_technique"}),
        ),
    ),
)
OPEN_NAMES: Mapping[str, Text] = {each.word: each.offer.name for each in _KNOWN}


@dataclass(frozen=True, slots=True)
class Competition:
    """The services that are open where a pack holds, in the order of its text; none where no text says so."""

    services: tuple[Open, ...] = ()
    _by_word: Mapping[str, Open] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_word", {each.word: each for each in self.services})

    def service(self, word: str) -> Open | None:
        """The service of this word, if it is open."""
        return self._by_word.get(word)

    def asked(self, *, specialty: str, functions: Collection[str] = ()) -> Open | None:
        """The open service that somebody looks for who asks for this specialty, or for these functions below. Functions beyond the
        service's own are no open service: they stay with the region's other texts."""
        for each in self.services:
            wanted = frozenset(functions)
            by_function = bool(wanted) and wanted <= each.functions
            by_specialty = bool(specialty) and any(
                specialty == code or specialty.startswith(f"{code}.") for code in each.offer.specialties
            )
            if each.referred and (by_function or by_specialty):
                return each
        return None


def qualified(
    service: Open, category: Category, specialties: Collection[str], facilities: Collection[str]
) -> bool:
    """Whether the registers of an institution show that it can do this."""
    known = Institution(
        "", category=category, specialties=frozenset(specialties), facilities=frozenset(facilities)
    )
    return service.offer.by(known)


@lru_cache(maxsize=256)
def competition_of(packs: PackSet, pack: str, *, on: date) -> Competition:
    """What is open under this pack on that day; worked out once."""
    found: dict[str, Open] = {}
    for clause, said in _said(packs, pack, on):
        for each in _KNOWN:
            if each.word in _words(said[OPEN_COMPETITION]):
                codes = sorted(_words(said.get(f"{each.word}{_SPECIALTIES}")))
                offer = replace(each.offer, specialties=(*each.offer.specialties, *codes))
                found[each.word] = replace(each, offer=offer, clause=clause)
    return Competition(tuple(found.values()))


def _said(packs: PackSet, pack: str, on: date) -> Iterator[tuple[str, Mapping[str, Value]]]:
    for clause in packs.clauses_for(pack):
        said = {each.key: each.value for each in clause.parameters if on in each.period}
        if OPEN_COMPETITION in said:
            yield clause.id, said


def _words(value: Value) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, tuple | list) else frozenset()
