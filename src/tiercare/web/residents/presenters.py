"""Residents as pages show them: lists masked, codes in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import BASIS_NAMES, Basis
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries, rules
from tiercare.apps.residents.queries.family import Group, Household
from tiercare.apps.residents.queries.record import ReadBy
from tiercare.apps.residents.rules.cover import SCHEME_NAMES, SOURCE_NAMES
from tiercare.apps.residents.rules.groups import age_on
from tiercare.apps.residents.rules.nations import NATION_NAMES
from tiercare.apps.terms import queries as terms
from tiercare.kernel.text import Text
from tiercare.web.pages import said
from tiercare.web.territory import presenters as territory

# What a reading was of, in the words of the page.
WHAT_NAMES: Mapping[str, Text] = {
    "file": Text("档案", "record"),
    "number": Text("证件号码和电话", "numbers in the clear"),
    "print": Text("打印", "print"),
    "identity": Text("身份核对", "identity check"),
    "list": Text("名单", "list"),
    "household": Text("家庭成员", "household"),
    "correction": Text("更正", "correction"),
    "guardian": Text("监护人", "guardian"),
    "groups": Text("重点人群", "key groups"),
    "doctor": Text("责任医生", "responsible doctor"),
    "cover": Text("医保参保", "insurance cover"),
    "care": Text("基层服务申请", "requests for primary-care services"),
    "filings": Text("医保备案清单", "filings to see to"),
    "filing": Text("医保备案", "filing with the insurer"),
    "double": Text("报告重复", "report of a double"),
    "card": Text("健康卡", "health card"),
    "arrivals": Text("到院名单", "arrivals"),
    "booking": Text("预约", "booking"),
    "bookings": Text("预约名单", "bookings"),
    "beds": Text("床位图", "bed board"),
    "case": Text("入院或手术办理", "admission or operation"),
    "cases": Text("入院和手术名单", "admissions and operations"),
    "consents": Text("授权记录", "consents"),
    "readings": Text("查看记录", "read record"),
    "review": Text("审核", "review"),
    "request": Text("转诊申请", "referral"),
    "requests": Text("转诊名单", "referrals"),
    "criteria": Text("转诊标准核对", "criteria of referral"),
    "package": Text("转诊资料", "record that goes with a referral"),
    "record": Text("诊疗记录", "clinical record"),
    "document": Text("病历文件", "document"),
    "contacts": Text("随访清单", "follow-ups"),
    "survey": Text("居民调查名单", "list of a survey"),
    "going_down": Text("可下转名单", "ready to go down"),
    "control": Text("慢病控制名单", "control of chronic diseases"),
    "unsigned": Text("未签约贫困人口名单", "registered poor not signed"),
    "move": Text("迁出档案", "hand-over to another region"),
    "pair": Text("疑似重复核对", "review of duplicates"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A resident in a list: of one's own list with the full name, of a look-up the least."""

    id: UUID
    name: str
    sex: str
    born: str
    kind: str
    number: str
    phone: str
    place: str
    keeper: str
    own: bool
    temporary: bool
    synthetic: bool
    deceased: bool


def sex_name(code: str) -> str:
    """男, 女, …"""
    return said(rules.SEX_NAMES[rules.Sex(code)])


def kind_name(code: str) -> str:
    """The kind of a document."""
    return said(rules.IDENTITY_NAMES[rules.IdentityKind(code)])


def group_name(group: str) -> str:
    """A key group."""
    return said(rules.group_name(group))


def own_lines(found: Sequence[queries.Listed], *, on: date) -> list[Line]:
    """Lines of the institution's own list; two look-ups for the names of areas."""
    named = _areas((each.division_code for each in found), on)
    return [
        Line(
            id=each.id,
            name=each.name,
            sex=sex_name(each.sex),
            born=_born(each.birth_date, on),
            kind=kind_name(each.identity_kind),
            number=each.number,
            phone=each.phone,
            place=named.get(each.division_code, ""),
            keeper="",
            own=True,
            temporary=each.temporary,
            synthetic=each.synthetic,
            deceased=each.deceased_on is not None,
        )
        for each in found
    ]


def least_lines(found: Sequence[queries.Least], own: Iterable[UUID], *, on: date) -> list[Line]:
    """What a look-up by number answers, with who keeps the file."""
    named = _areas((each.division_code for each in found), on)
    keepers = network.names_of_institutions({each.institution_id for each in found}, on=on)
    mine = frozenset(own)
    return [
        Line(
            id=each.id,
            name=each.name,
            sex=sex_name(each.sex),
            born=str(each.birth_year or "—"),
            kind=kind_name(each.identity_kind),
            number=each.number,
            phone="",
            place=named.get(each.division_code, ""),
            keeper=keepers.get(each.institution_id, ""),
            own=each.id in mine,
            temporary=each.temporary,
            synthetic=False,
            deceased=each.deceased,
        )
        for each in found
    ]


def record(sheet: queries.Sheet) -> dict[str, Any]:
    """The page of one resident, in words."""
    who = sheet.who
    names = sheet.divisions
    identity = next((each for each in sheet.numbers if each.kind == who.identity_kind), None)
    phone = next((each for each in sheet.numbers if each.kind == rules.IdentityKind.PHONE.value), None)
    return {
        "sheet": sheet,
        "who": who,
        "sex": sex_name(who.sex),
        "kind": kind_name(who.identity_kind),
        "identity": identity.value if identity else "",
        "phone": phone.value if phone else "",
        "nation": said(NATION_NAMES[who.nation]) if who.nation in NATION_NAMES else "",
        "area": "".join(names.values()),
        "place": next((names[code] for code in reversed(names) if len(code) == 6), ""),
        "basis": said(BASIS_NAMES[sheet.basis]),
        "numbers": [(kind_name(each.kind), each.value, each.recorded_at) for each in sheet.numbers],
        "keeper": sheet.institutions.get(who.institution_id, ""),
        "answers": sheet.institutions.get(sheet.answers, "") if sheet.answers else "",
        "providers": territory.lines(sheet.provided, sheet.institutions, staff=True),
        "doctor_place": sheet.institutions.get(sheet.doctor.institution_id, "") if sheet.doctor else "",
        "groups": [_group(each) for each in sheet.groups],
        "covers": [_cover(each, sheet.on) for each in sheet.covers],
        "household": _household(sheet.household, sheet.on),
        "guardian_asked": said(sheet.guardian_asked) if sheet.guardian_asked else "",
        "readings": None if sheet.readings is None else [_reading(each, sheet) for each in sheet.readings],
        "marks": {
            "temporary": who.temporary,
            "deceased": who.deceased_on is not None,
            "synthetic": who.synthetic,
        },
        "several_entries": len(who.entries) > 1,
    }


def schemes() -> list[tuple[str, str]]:
    """What somebody may be insured by, with the names."""
    return [(each.value, said(name)) for each, name in SCHEME_NAMES.items()]


def _cover(each: queries.Covered, on: date) -> dict[str, Any]:
    return {
        "id": each.id,
        "scheme": said(SCHEME_NAMES[each.scheme]),
        "area": each.area_name or each.area,
        "source": said(SOURCE_NAMES[each.source]),
        "institution": each.institution,
        "since": each.since,
        "until": each.until,
        "now": each.since <= on and (each.until is None or on < each.until),
        "open": each.until is None,
    }


def relations() -> list[tuple[str, str]]:
    """Relations to the head, with their names."""
    return [(each.value, said(name)) for each, name in rules.RELATION_NAMES.items()]


def _born(birth_date: date | None, on: date) -> str:
    return "—" if birth_date is None else f"{birth_date.isoformat()}（{age_on(birth_date, on)}）"


def _areas(codes: Iterable[str], on: date) -> dict[str, str]:
    """County and, where known, township of each code."""
    asked = set(codes)
    known = terms.divisions({code[:length] for code in asked for length in (6, 9)}, on=on)
    return {
        code: "".join(known[part].name for part in dict.fromkeys((code[:6], code[:9])) if part in known)
        for code in asked
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group_name(group.group),
        "evidence": group.evidence,
        "since": group.since,
        "closely": rules.delicacy(group.group) is rules.Delicacy.SPECIAL,
    }


def _household(household: Household | None, on: date) -> dict[str, Any] | None:
    if household is None:
        return None
    return {
        "members": [
            {
                "of": each,
                "relation": said(rules.RELATION_NAMES[rules.Relation(each.relation)]),
                "head": each.relation == rules.Relation.HEAD.value,
                "sex": sex_name(each.sex),
                "age": age_on(each.birth_date, on) if each.birth_date and not each.deceased else None,
            }
            for each in household.members
        ],
        "hidden": household.hidden,
    }


def _reading(each: ReadBy, sheet: queries.Sheet) -> dict[str, Any]:
    return {
        "at": each.at,
        "name": each.name,
        "place": sheet.institutions.get(each.institution_id, "") if each.institution_id else "",
        "what": said(WHAT_NAMES[each.what]) if each.what in WHAT_NAMES else each.what,
        "basis": said(BASIS_NAMES[Basis(each.basis)]) if each.basis in set(Basis) else "",
        "shown": each.shown,
    }
