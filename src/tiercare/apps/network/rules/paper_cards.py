"""What the policies want written in agreements, charters and plans: held against what was signed, and asked
for before anything is signed.

Each card has a predicate over the signed papers of a day, and (where a paper can be refused for it) an asker
that tells which sections a paper on the table needs. Both read the same parameters of the pack. A paper of
which no section is on record was only reported as signed; its wording is not known here and is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.engines.policy.verdicts import Outcome
from tiercare.kernel.text import Text

from .facts import Agreement, Consortium, Institution, Kind, Network, Plan, Role
from .profiles import words
from .registry import Parameters, about, found, listed, outcome, rule, worded
from .words import SECTION_NAMES

LEAD_SIDE, MEMBERS_SIDE = "lead", "members"
DUTIES = "duties"
OPERATION_RULES = "operation_rules"
_GROUPS = frozenset({Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY})
TIED = frozenset({Kind.CITY_GROUP, Kind.URBAN_RURAL})
_MEMBERS = (Role.MEMBER, Role.ENTRUSTED)

_SIDES: Mapping[str, Text] = {
    LEAD_SIDE: Text("牵头单位", "the lead"),
    MEMBERS_SIDE: Text("其他成员单位", "the other members"),
}


class Paper(StrEnum):
    """What lies on the table."""

    AGREEMENT = "AGREEMENT"
    CHARTER = "CHARTER"


@dataclass(frozen=True, slots=True)
class PaperParty:
    """Somebody who signs or is bound: ``key`` is an institution's id or ``gov:<division>``; ``role`` the part
    it has in the consortium, ``None`` for an outsider or a government."""

    key: str
    name: str
    role: Role | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class OnTheTable:
    """A paper before it is signed. ``kind`` is that of its consortium, ``None`` where it is about none;
    ``parties`` are those of an agreement, or everybody that a charter binds; ``agreed`` the sections that
    other agreements of the consortium hold already."""

    paper: Paper
    kind: Kind | None = None
    tight: bool = False
    parties: tuple[PaperParty, ...] = ()
    agreed: frozenset[str] = frozenset()


Wanted = tuple[str, str]  # word, party (a key of the paper, a side, or "")
Asker = Callable[[OnTheTable, Parameters], Iterable[Wanted]]
ASKERS: dict[str, Asker] = {}


def section_key(word: str, party: str = "") -> str:
    """The key under which a paper keeps the wording: ``capacity``, or ``capacity@<party>``."""
    return f"{word}@{party}" if party else word


def _asks(asker: Asker) -> Asker:
    """Enter an asker under its card's id (its own name, without ``ask_``)."""
    ASKERS[asker.__name__.removeprefix("ask_")] = asker
    return asker


# --- agreements ----------------------------------------------------------------------------------------


def _written(net: Network) -> list[tuple[Agreement, Consortium]]:
    """Agreements about a consortium whose sections are on record."""
    return [
        (a, net.consortia[a.consortium])
        for a in net.agreements
        if a.sections and a.consortium in net.consortia
    ]


def _without(rows: Iterable[tuple[Agreement, Consortium]], net: Network, wanted: tuple[str, ...]) -> Outcome:
    checked = list(rows)
    findings = [
        found(
            about("agreement", a.id),
            about("consortium", c.id),
            consortium=c.name,
            parties=_party_names(net, a),
            names=worded(missing, SECTION_NAMES),
        )
        for a, c in checked
        if (missing := [word for word in wanted if word not in a.sections])
    ]
    return outcome(len(checked), findings)


def _party_names(net: Network, a: Agreement) -> Text:
    """Who signed, by name; a government by its area."""
    known = {key: i.name for key, i in net.institutions.items()}
    return listed(
        net.area_name(party[4:]) if party.startswith("gov:") else known.get(party, party)
        for party in sorted(a.parties, key=lambda party: (not party.startswith("gov:"), known.get(party, "")))
    )


@rule
def agreement_states_its_terms(net: Network, p: Parameters) -> Outcome:
    """An agreement states content and conditions, responsibilities, rights and duties (XH-29)."""
    return _without(_written(net), net, words(p["sections"]))


@_asks
def ask_agreement_states_its_terms(table: OnTheTable, p: Parameters) -> Iterator[Wanted]:
    """Every agreement."""
    if table.paper is Paper.AGREEMENT:
        yield from ((word, "") for word in words(p["sections"]))


@rule
def agreement_fixes_duties(net: Network, p: Parameters) -> Outcome:
    """An agreement about a consortium fixes the duties of its parties (XH-59)."""
    return _without(_written(net), net, words(p["duties"]))


@_asks
def ask_agreement_fixes_duties(table: OnTheTable, p: Parameters) -> Iterator[Wanted]:
    """Each duty for each party."""
    if table.paper is Paper.AGREEMENT and table.kind is not None:
        yield from ((word, party.key) for word in words(p["duties"]) for party in table.parties)


@_asks
def ask_agreement_names_every_tie(table: OnTheTable, p: Parameters) -> Iterator[Wanted]:
    """The ties that no other agreement of the group holds (YN-18, CX-09; predicate in ``agreements``)."""
    if table.paper is Paper.AGREEMENT and table.kind in TIED:
        yield from ((word, "") for word in words(p["ties"]) if word not in table.agreed)


@rule
def private_members_share_areas(net: Network, p: Parameters) -> Outcome:
    """What a lead signs with a private member holds the areas to be had in common (TY-35)."""
    rows = [
        (a, c)
        for a, c in _written(net)
        if c.kind in _GROUPS
        and any(lead.id in a.parties for lead in net.leads(c.id))
        and any(m.id in a.parties for m in net.members(c.id, *_MEMBERS) if not m.public)
    ]
    return _without(rows, net, (*words(p["breakthrough"]), *words(p["common"])))


@_asks
def ask_private_members_share_areas(table: OnTheTable, p: Parameters) -> Iterator[Wanted]:
    """Where the lead and a private member are both at the table."""
    lead = any(party.role is Role.LEAD for party in table.parties)
    private = any(party.private and party.role in _MEMBERS for party in table.parties)
    if table.paper is Paper.AGREEMENT and table.kind in _GROUPS and lead and private:
        yield from ((word, "") for word in (*words(p["breakthrough"]), *words(p["common"])))


@rule
def operation_rules_confirmed(net: Network, p: Parameters) -> Outcome:
    """Rules of operation hold for a tight community once every member has confirmed them (WH-19)."""
    del p
    rows = [
        (
            c,
            {
                party
                for a in net.agreements
                if a.consortium == c.id and OPERATION_RULES in a.sections
                for party in a.parties
            },
        )
        for c in net.of_kind(Kind.COUNTY_COMMUNITY)
        if c.tight
    ]
    kept = [(c, confirmed) for c, confirmed in rows if confirmed]
    findings = [
        found(about("consortium", c.id), consortium=c.name, names=listed(i.name for i in missing))
        for c, confirmed in kept
        if (missing := [i for i in net.members(c.id, Role.LEAD, *_MEMBERS) if i.id not in confirmed])
    ]
    return outcome(len(kept), findings)


@rule
def departments_managed_by_consent(net: Network, p: Parameters) -> Outcome:
    """In an alliance the lead's departments manage the matching ones of members, by consent of both (YN-28)."""
    section, both = f"{p['unit']}_management", bool(p["voluntary"])
    alliances = net.of_kind(Kind.SPECIALTY_ALLIANCE)
    findings = [
        found(about("consortium", c.id), consortium=c.name, names=listed(i.name for i in net.leads(c.id)))
        for c in alliances
        if not any(
            a.consortium == c.id and section in a.sections and _consented(net, c, a, both=both)
            for a in net.agreements
        )
    ]
    return outcome(len(alliances), findings)


def _consented(net: Network, c: Consortium, a: Agreement, *, both: bool) -> bool:
    """True if the lead signed and, where it must be voluntary, a member too."""
    lead = any(i.id in a.parties for i in net.leads(c.id))
    return lead and (not both or any(i.id in a.parties for i in net.members(c.id, *_MEMBERS)))


# --- charters ------------------------------------------------------------------------------------------


def _chartered(net: Network) -> list[Consortium]:
    """Consortia whose charter is on record section by section."""
    return [c for c in net.of_kind(*Kind) if c.charter_sections]


@rule
def charter_states_both_sides(net: Network, p: Parameters) -> Outcome:
    """A charter lays down responsibilities, rights and duties of the lead and of the members (YN-39)."""
    rows = _chartered(net)
    wanted = _both_sides(p)
    findings = [
        found(about("consortium", c.id), consortium=c.name, names=_side_names(missing))
        for c in rows
        if (missing := [pair for pair in wanted if section_key(*pair) not in c.charter_sections])
    ]
    return outcome(len(rows), findings)


@_asks
def ask_charter_states_both_sides(table: OnTheTable, p: Parameters) -> Iterator[Wanted]:
    """Each section for either side."""
    if table.paper is Paper.CHARTER:
        yield from _both_sides(p)


def _both_sides(p: Parameters) -> list[Wanted]:
    return [(word, side) for side in (LEAD_SIDE, MEMBERS_SIDE) for word in words(p["sections"])]


def _side_names(wanted: Iterable[Wanted]) -> Text:
    names = {section_key(*pair): section_name(*pair, names={}) for pair in wanted}
    return worded(names, names)


@rule
def charter_fixes_duties(net: Network, p: Parameters) -> Outcome:
    """A tight group's charter fixes the duties of the lead and of each government-run member (TY-32)."""
    rows = [c for c in _chartered(net) if c.tight and c.kind in _GROUPS]
    findings = []
    for c in rows:
        bound = _bound(words(p["parties"]), [*_as_parties(net, c)])
        missing = [party for party in bound if section_key(DUTIES, party) not in c.charter_sections]
        names = {i.id: i.name for i in net.members(c.id)}
        if missing:
            listing = listed(names.get(key, _SIDES[LEAD_SIDE].zh) for key in missing)
            findings.append(found(about("consortium", c.id), consortium=c.name, names=listing))
    return outcome(len(rows), findings)


@_asks
def ask_charter_fixes_duties(table: OnTheTable, p: Parameters) -> Iterator[Wanted]:
    """Duties of the lead, and of each member that a government runs."""
    if table.paper is Paper.CHARTER and table.tight and table.kind in _GROUPS:
        yield from ((DUTIES, party) for party in _bound(words(p["parties"]), table.parties))


def _as_parties(net: Network, c: Consortium) -> Iterator[PaperParty]:
    for row in net.by_consortium.get(c.id, ()):
        i: Institution = net.institutions[row.institution]
        yield PaperParty(i.id, i.name, row.role, private=not i.public)


def _bound(sorts: tuple[str, ...], parties: Iterable[PaperParty]) -> list[str]:
    """Whose duties a charter must fix: the pack names the sorts (``lead``, ``government_institution``)."""
    public = [p.key for p in parties if p.role in _MEMBERS and not p.private]
    return [*([LEAD_SIDE] if "lead" in sorts else []), *(public if "government_institution" in sorts else [])]


def section_name(word: str, party: str, *, names: Mapping[str, str]) -> Text:
    """What a section is called: ``能力提升（新会区人民医院）``; ``names`` are those of the parties by key."""
    base = SECTION_NAMES.get(word, Text(word, word))
    if not party:
        return base
    told = _SIDES.get(party) or Text(names.get(party, party), names.get(party, party))
    return Text(f"{base.zh}（{told.zh}）", f"{base.en} ({told.en})")


# --- plans ---------------------------------------------------------------------------------------------


@rule
def prefecture_plan_has_schedule(net: Network, p: Parameters) -> Outcome:
    """A prefecture's plan has goals and a schedule (YN-92): its newest plan has milestones with dates."""
    del p
    newest: dict[str, Plan] = {}
    for plan in sorted(net.plans, key=lambda plan: plan.finished_on):
        if plan.kind == "consortium_plan" and len(plan.division) == 4:
            newest[plan.division] = plan
    findings = [
        found(about("area", code), area=net.area_name(code), finished=plan.finished_on)
        for code, plan in sorted(newest.items())
        if not plan.milestones
    ]
    return outcome(len(newest), findings)
