"""Institutions as rows and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.access import rules as access
from tiercare.apps.network.queries.freshness import Freshness
from tiercare.apps.network.queries.institution import InstitutionPage, Version, Worker
from tiercare.apps.network.queries.listing import ListedInstitution
from tiercare.apps.network.rules import Category, words
from tiercare.apps.network.rules.freshness import STALE_AFTER
from tiercare.apps.network.rules.registers import INSTITUTIONS
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text
from tiercare.web import labels
from tiercare.web.explorer.maps import sign_of
from tiercare.web.outlines import Projection, rings
from tiercare.web.pages import english, said, told
from tiercare.web.verdicts import Viewer

# 本平台的默认值: how long before its end a licence is warned about. No text says it.
LICENCE_WARNING = timedelta(days=90)

COLUMNS: Mapping[str, str] = {
    "basic": gettext_noop("基本情况"),
    "licence": gettext_noop("执业许可"),
    "codes": gettext_noop("编码"),
    "registers": gettext_noop("登记册"),
}


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence's standing: ``state`` is ``unknown``, ``expired``, ``soon`` or ``valid``."""

    number: str
    until: date | None
    state: str
    days: int


def licence(number: str, until: date | None, on: date) -> Licence:
    """How a licence stands on ``on``; its last day is still a day on which it holds."""
    if until is None:
        return Licence(number, None, "unknown", 0)
    days = (until - on).days
    state = "expired" if days < 0 else "soon" if days <= LICENCE_WARNING.days else "valid"
    return Licence(number, until, state, abs(days))


def licences() -> list[tuple[str, str]]:
    """What the filter by licence offers."""
    return [
        ("expired", gettext("已到期")),
        ("soon", gettext("%(days)d 天内到期") % {"days": LICENCE_WARNING.days}),
    ]


def column_sets() -> list[tuple[str, str]]:
    """Sets of columns to choose from."""
    return [(key, gettext(name)) for key, name in COLUMNS.items()]


@dataclass(frozen=True, slots=True)
class Row:
    """An institution in the list."""

    of: ListedInstitution
    licence: Licence


def rows(found: Sequence[ListedInstitution], on: date) -> list[Row]:
    """Each with the standing of its licence."""
    return [Row(each, licence(each.licence_number, each.licence_until, on)) for each in found]


def detail(
    of: InstitutionPage, viewer: Viewer | None, actor: Actor, *, on: date, packs: PackSet
) -> dict[str, Any]:
    """The page of one institution. At most three queries besides the verdict."""
    fields = of.shown.fields
    codes = terms.divisions(
        {
            fields["division_code"][:2],
            fields["division_code"][:4],
            fields["division_code"],
            fields["township_code"],
            *_governments(of),
        }
        - {""},
        on=on,
    )
    names = {code: row.name for code, row in codes.items()}
    if of.area_name:
        names[fields["division_code"]] = of.area_name
    facts = viewer.checked.facts if viewer else None
    specialties = facts.specialty_names if facts is not None else terms.specialty_names(on=on)
    may = access.may(
        actor,
        access.Right.NETWORK_REPORT,
        division=fields["division_code"],
        institution_id=of.id,
    )
    return {
        "of": of,
        "fields": fields,
        "licence": licence(fields["licence_number"], fields["licence_until"], on),
        "area": _area(fields, names, packs),
        "affiliation": _word(words.AFFILIATION_NAMES, fields["affiliation"]),
        "place": _place(fields, on),
        "registers": [_register(each, fields["division_code"], names) for each in of.registers],
        "stale_after": STALE_AFTER.days,
        "may_confirm": may is None,
        "ask": told(may) if may else None,
        "history": _history(of),
        "partners": of.partners,
        "departments": [(name, specialties.get(code, code)) for name, code in of.departments],
        "equipment": [
            (_word(words.EQUIPMENT_NAMES, kind), model, count) for kind, model, count in of.equipment
        ],
        "facilities": [_word(words.FACILITY_NAMES, kind) for kind in of.facilities],
        "key_specialties": [
            (specialties.get(code, code), _word(words.RANK_NAMES, rank)) for code, rank in of.key_specialties
        ],
        "specialties": [(code, specialties.get(code, code)) for code in of.specialties],
        "people": [_worker(each, specialties) for each in of.people],
        "agreements": [_agreement(each, names) for each in of.agreements],
        "checked": viewer is not None,
        "findings": _findings(viewer, of.id) if viewer else [],
    }


def _word(known: Mapping[str, Text], code: str) -> str:
    return said(known[code]) if code in known else code


def _area(fields: Mapping[str, Any], names: Mapping[str, str], packs: PackSet) -> list[tuple[str, str, str]]:
    """Province, prefecture, county, township: code, name, and the pack whose page opens."""
    county = fields["division_code"]
    ways = [code for code in (county[:2], county[:4], county, fields["township_code"]) if code in names]
    found = []
    for code in ways:
        pack = packs.find(county if len(code) > 6 else code)
        found.append((code, names[code], pack.id if pack else ""))
    return found


def _place(fields: Mapping[str, Any], on: date) -> dict[str, Any] | None:
    """A small map: the outline of the county and the sign in it; one query."""
    lng, lat = fields["lng"], fields["lat"]
    if lng is None or lat is None:
        return None
    code = fields["division_code"]
    outline = terms.outlines([code], on=on).get(code)
    around = [outline.ring] if outline else []
    corners = [point for ring in rings(around) for point in ring]
    projection = Projection.around([*corners, (lng, lat)], width=320, height=200)
    if projection is None:
        return {"lng": lng, "lat": lat, "path": "", "illustrative": fields["place_is_illustrative"]}
    x, y = projection.place(lng, lat)
    return {
        "width": projection.width,
        "height": projection.height,
        "path": projection.path(around),
        "x": x - 8,
        "y": y - 8,
        "sign": sign_of(Category(fields["category"])),
        "illustrative": fields["place_is_illustrative"],
        "lng": lng,
        "lat": lat,
    }


def _register(of: Freshness, division: str, names: Mapping[str, str]) -> dict[str, Any]:
    """A register with its age in words and who keeps it."""
    area = names.get(division, "")
    keeper = gettext("本机构填报") if of.own else gettext("%(area)s卫生健康行政部门登记") % {"area": area}
    return {"of": of, "name": said(of.name), "age": age(of.age), "keeper": keeper}


def age(days: int | None) -> str:
    """An age in days as people say it."""
    if days is None:
        return gettext("从未填报")
    if days == 0:
        return gettext("当日")
    if days < 60:
        return gettext("%(count)d 天前") % {"count": days}
    if days < 730:
        return gettext("%(count)d 个月前") % {"count": days // 30}
    return gettext("%(count)d 年前") % {"count": days // 365}


@dataclass(frozen=True, slots=True)
class Event:
    """Something in an institution's history; ``link`` opens another institution or a consortium."""

    on: date
    text: str
    link: tuple[str, UUID, str] | None = None


def _history(of: InstitutionPage) -> list[Event]:
    """What changed when, the latest first: versions, names, successions, consortia."""
    events = []
    before: Version | None = None
    for version in of.versions:
        if before is None or before.period.end != version.period.start:
            events.append(Event(version.period.start, gettext("登记为“%(name)s”") % {"name": version.name}))
        else:
            events.append(Event(version.period.start, _changed(before, version)))
        before = version
        if version.period.end and not any(v.period.start == version.period.end for v in of.versions):
            events.append(Event(version.period.end, gettext("关闭")))
    for kin in of.kin:
        text = {
            (True, True): gettext("并入"),
            (True, False): gettext("并入本机构："),
            (False, True): gettext("分设出"),
            (False, False): gettext("分设自"),
        }[kin.merged, kin.onward]
        events.append(Event(kin.on, text, ("institutions:detail", kin.id, kin.name)))
    for each in (*of.belongings, *of.past):
        if each.through:
            continue
        link = ("consortia:detail", each.consortium_id, each.name)
        role = labels.name("role", each.role.value)
        events.append(Event(each.period.start, gettext("作为%(role)s加入") % {"role": role}, link))
        if each.period.end:
            events.append(Event(each.period.end, gettext("退出"), link))
    return sorted(events, key=lambda event: event.on, reverse=True)


def _changed(before: Version, after: Version) -> str:
    """What a version changed: the new name, else the columns by name with old and new value."""
    parts = []
    if before.name != after.name:
        parts.append(gettext("由“%(old)s”更名为“%(new)s”") % {"old": before.name, "new": after.name})
    parts += [
        f"{said(column)} {_shown(name, before)} → {_shown(name, after)}"
        for name, column in _COLUMNS.items()
        if before.fields[name] != after.fields[name]
    ]
    return ("; " if english() else "；").join(parts) or gettext("登记内容变更")


_GROUPED = {"category": "category", "level": "level", "grade": "grade", "owner": "owner"}


def _shown(name: str, of: Version) -> str:
    value = of.fields[name]
    if name in _GROUPED:
        return labels.name(_GROUPED[name], str(value)) or "—"
    if name == "affiliation":
        return _word(words.AFFILIATION_NAMES, str(value))
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if value not in (None, "") else "—"


def _columns() -> dict[str, Text]:
    """Fields of a version with the name of their column in the register."""
    keys = {"division_code": "division", "township_code": "township", "licence_number": "licence"}
    fields = (
        *("category", "level", "grade", "owner", "affiliation", "funding", "division_code", "township_code"),
        *("beds", "licence_number", "licence_until", "qualified", "subcentre", "managed_as_level"),
    )
    return {field: INSTITUTIONS.column(keys.get(field, field)).name for field in fields}


_COLUMNS = _columns()


def _worker(of: Worker, specialties: Mapping[str, str]) -> dict[str, Any]:
    """A clinician, and in which of three ways he or she works here."""
    here = "guest" if of.ground == "AGREEMENT" else "also" if of.elsewhere else "only"
    return {
        "of": of,
        "scope": specialties.get(of.scope_code, of.scope_code),
        "here": here,
        "elsewhere": [
            {"id": key, "name": name, "ground": _word(words.GROUND_NAMES, ground)}
            for key, name, ground in of.elsewhere
        ],
    }


def _governments(of: Any) -> set[str]:
    """Areas whose governments are parties of the agreements."""
    keys = {key for paper in of.agreements for key in paper.others}
    keys |= {key for paper in of.agreements for owed in paper.open for key in (owed.debtor, owed.creditor)}
    return {key[4:] for key in keys if key.startswith("gov:")}


def _agreement(of: Any, names: Mapping[str, str]) -> dict[str, Any]:
    def party(key: str) -> str:
        if not key.startswith("gov:"):
            return key
        area = names.get(key[4:], key[4:])
        return gettext("%(area)s人民政府（管委会）") % {"area": area}

    return {
        "of": of,
        "others": [party(key) for key in of.others],
        "open": [
            {
                "text": owed.text_en if english() and owed.text_en else owed.text_zh,
                "debtor": party(owed.debtor),
                "creditor": party(owed.creditor),
                "due": owed.due,
                "clause": owed.clause,
                "overdue": owed.standing.value == "OVERDUE",
                "word": labels.name("standing", owed.standing.value),
            }
            for owed in of.open
        ],
    }


def _findings(viewer: Viewer, institution_id: UUID) -> list[dict[str, Any]]:
    """Findings of cards that name the institution."""
    key = f"institution:{institution_id}"
    found = []
    for verdict in viewer.checked.compliance.verdicts:
        for finding in verdict.findings:
            if key in (finding.subject, *finding.links):
                found.append({"card": viewer.card(verdict), "finding": viewer.finding(verdict, finding)})
    return found
