"""The directory's lists as SQL: what a row tells, where it comes from, what it can be narrowed by.

Every source has the columns and joins of one kind of thing. In its texts ``{day}`` is the day that a row is told
for: the asked one, or in a history the first day of the row itself. Filters that a source does not know leave it
out altogether.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CODE_SYSTEM = "urn:tiercare:code"
CREDIT_SYSTEM = "urn:tiercare:uscc"  # 统一社会信用代码, GB 32100
LICENCE_SYSTEM = "urn:tiercare:licence"  # 医疗机构执业许可证登记号
PERSON_SYSTEM = "urn:tiercare:clinician"  # 医务人员编码


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing. ``code`` and ``id`` order and name it; ``same`` holds for all rows of the history of the
    thing ``%(id)s``; ``division`` and ``township`` are columns of where it lies, of each side of it."""

    row: str
    tables: str
    code: str
    id: str
    period: str
    same: str
    division: tuple[str, ...]
    township: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)


def _filled(text: str, **parts: str) -> str:
    """``text`` with our own pieces of SQL in the place of ``<name>``; what people send is always a parameter."""
    for name, part in {**_SYSTEMS, **parts}.items():
        text = text.replace(f"<{name}>", part)
    return text


_SYSTEMS = {"code": CODE_SYSTEM, "credit": CREDIT_SYSTEM, "licence": LICENCE_SYSTEM, "person": PERSON_SYSTEM}


def _period(column: str) -> str:
    return _filled("json_build_object('start', lower(<of>), 'end', upper(<of>))", of=column)


def _institution(key: str) -> str:
    return _filled(
        "json_build_object('id', <key>, 'code', i.slug, 'name', coalesce(v.name, i.slug))", key=key
    )


def _named(thing: str, alias: str, key: str) -> str:
    """The version of the day, or none."""
    return _filled(
        "LEFT JOIN network_<thing>version <as> ON <as>.<thing>_id = <key> AND <as>.period @> {day}",
        **{"thing": thing, "as": alias, "key": key},
    )


_OF_INSTITUTION: Mapping[str, str] = {
    "category": "v.category = %(category)s",
    "level": "v.level = %(level)s",
    "owner": "v.owner = %(owner)s",
}
_SEARCH = (
    "(v.name LIKE %(text)s OR v.initials LIKE %(low_text)s OR i.slug LIKE %(low_text)s "
    "OR i.social_credit_code LIKE %(high_text)s)"
)

INSTITUTIONS = Source(
    row=_filled(
        """json_build_object(
        'id', v.institution_id, 'type', 'institution', 'active', v.period @> %(on)s::date,
        'code', i.slug, 'name', v.name,
        'identifiers', (SELECT json_agg(json_build_object('system', s, 'value', x)) FROM (VALUES
            ('<code>', i.slug), ('<credit>', i.social_credit_code),
            ('<licence>', nullif(v.licence_number, ''))) AS t(s, x) WHERE x IS NOT NULL),
        'category', v.category, 'kind', '', 'level', v.level, 'grade', v.grade, 'owner', v.owner,
        'affiliation', v.affiliation, 'specialty', '', 'tight', false, 'beds', v.beds,
        'division', v.division_code, 'township', v.township_code, 'period', <period>,
        'since', (SELECT min(lower(f.period)) FROM network_institutionversion f
                  WHERE f.institution_id = v.institution_id),
        'part_of', (SELECT json_build_object('id', c.id, 'code', c.slug, 'name', cv.name)
            FROM network_membership m JOIN network_consortium c ON c.id = m.consortium_id
            JOIN network_consortiumversion cv ON cv.consortium_id = c.id AND cv.period @> {day} AND cv.tight
            WHERE m.institution_id = v.institution_id AND m.period @> {day} ORDER BY c.slug LIMIT 1),
        'basis', v.basis)""",
        period=_period("v.period"),
    ),
    tables="network_institutionversion v JOIN network_institution i ON i.id = v.institution_id",
    code="i.slug",
    id="v.institution_id",
    period="v.period",
    same="v.institution_id = %(id)s",
    division=("v.division_code",),
    township=("v.township_code",),
    filters={**_OF_INSTITUTION, "type": "%(type)s = 'institution'", "q": _SEARCH},
)
CONSORTIA = Source(
    row=_filled(
        """json_build_object(
        'id', v.consortium_id, 'type', 'consortium', 'active', v.period @> %(on)s::date,
        'code', i.slug, 'name', v.name,
        'identifiers', json_build_array(json_build_object('system', '<code>', 'value', i.slug)),
        'category', '', 'kind', i.kind, 'level', null, 'grade', '', 'owner', '', 'affiliation', '',
        'specialty', i.specialty_code, 'tight', v.tight, 'beds', null,
        'division', v.division_code, 'township', '', 'period', <period>,
        'since', (SELECT min(lower(f.period)) FROM network_consortiumversion f
                  WHERE f.consortium_id = v.consortium_id),
        'part_of', (SELECT json_build_object('id', c.id, 'code', c.slug, 'name', cv.name)
            FROM network_joining j JOIN network_consortium c ON c.id = j.parent_id
            JOIN network_consortiumversion cv ON cv.consortium_id = c.id AND cv.period @> {day}
            WHERE j.child_id = v.consortium_id AND j.period @> {day} ORDER BY c.slug LIMIT 1),
        'basis', i.basis)""",
        period=_period("v.period"),
    ),
    tables="network_consortiumversion v JOIN network_consortium i ON i.id = v.consortium_id",
    code="i.slug",
    id="v.consortium_id",
    period="v.period",
    same="v.consortium_id = %(id)s",
    division=("v.division_code",),
    filters={
        "kind": "i.kind = %(kind)s",
        "type": "%(type)s = 'consortium'",
        "q": "(v.name LIKE %(text)s OR v.initials LIKE %(low_text)s OR i.slug LIKE %(low_text)s)",
    },
)
LOCATIONS = Source(
    row=_filled(
        """json_build_object(
        'id', v.institution_id, 'active', v.period @> %(on)s::date, 'name', v.name,
        'organization', <institution>,
        'province', left(v.division_code, 2), 'prefecture', left(v.division_code, 4),
        'division', v.division_code, 'township', v.township_code,
        'position', CASE WHEN v.lng IS NOT NULL AND v.lat IS NOT NULL THEN
            json_build_object('lng', v.lng, 'lat', v.lat, 'illustrative', v.place_is_illustrative) END,
        'period', <period>)""",
        period=_period("v.period"),
        institution=_institution("v.institution_id"),
    ),
    tables="network_institutionversion v JOIN network_institution i ON i.id = v.institution_id",
    code="i.slug",
    id="v.institution_id",
    period="v.period",
    same="v.institution_id = %(id)s",
    division=("v.division_code",),
    township=("v.township_code",),
    filters={
        **_OF_INSTITUTION,
        "q": _SEARCH,
        "mapped": "(v.lng IS NOT NULL AND v.lat IS NOT NULL) = %(mapped)s",
    },
)
_OWN_VERSION = _named("institution", "v", "i.id")
SERVICES = Source(
    row=_filled(
        """json_build_object(
        'id', d.id, 'active', d.period @> %(on)s::date, 'name', d.name, 'specialty', d.specialty_code,
        'organization', <institution>, 'location', i.id, 'period', <period>)""",
        period=_period("d.period"),
        institution=_institution("i.id"),
    ),
    tables="network_department d JOIN network_institution i ON i.id = d.institution_id " + _OWN_VERSION,
    code="i.slug",
    id="d.id",
    period="d.period",
    same="(d.institution_id, d.name) = "
    "(SELECT o.institution_id, o.name FROM network_department o WHERE o.id = %(id)s)",
    division=("v.division_code",),
    township=("v.township_code",),
    filters={
        **_OF_INSTITUTION,
        "organization": "d.institution_id = %(organization)s",
        "specialty": "d.specialty_code LIKE %(specialty)s || '%%'",
        "q": "(d.name LIKE %(text)s OR v.name LIKE %(text)s OR v.initials LIKE %(low_text)s)",
    },
)
# Whoever works somewhere that day: the condition of the list of practitioners.
WORKS_THERE = """EXISTS (SELECT 1 FROM network_practicesite s
    JOIN network_institutionversion v ON v.institution_id = s.institution_id AND v.period @> %(on)s::date
    WHERE s.clinician_id = c.id AND s.period @> %(on)s::date AND {wanted})"""
PRACTITIONERS = Source(
    row=_filled(
        """json_build_object(
        'id', c.id, 'active', EXISTS (SELECT 1 FROM network_practicesite s
            WHERE s.clinician_id = c.id AND s.period @> %(on)s::date),
        'identifiers', CASE WHEN c.code IS NULL THEN json_build_array() ELSE json_build_array(
            json_build_object('system', '<person>', 'value', c.code)) END,
        'name', c.name, 'title', c.title, 'scope', c.scope_code, 'synthetic', c.synthetic)""",
    ),
    tables="network_clinician c",
    code="''::text",
    id="c.id",
    period="",
    same="c.id = %(id)s",
    division=(),
    filters={
        "scope": "c.scope_code LIKE %(scope)s || '%%'",
        "q": "(c.name LIKE %(text)s OR c.initials LIKE %(low_text)s OR c.code LIKE %(low_text)s)",
        "organization": "s.institution_id = %(organization)s",
    },
)
ROLES = Source(
    row=_filled(
        """json_build_object(
        'id', s.id, 'active', s.period @> %(on)s::date,
        'practitioner', json_build_object('id', c.id, 'code', coalesce(c.code, ''), 'name', c.name),
        'organization', <institution>, 'location', i.id, 'ground', s.ground,
        'agreement', s.agreement_id, 'title', c.title, 'scope', c.scope_code, 'period', <period>)""",
        period=_period("s.period"),
        institution=_institution("i.id"),
    ),
    tables="network_practicesite s JOIN network_clinician c ON c.id = s.clinician_id "
    "JOIN network_institution i ON i.id = s.institution_id " + _OWN_VERSION,
    code="i.slug",
    id="s.id",
    period="s.period",
    same="(s.clinician_id, s.institution_id) = "
    "(SELECT o.clinician_id, o.institution_id FROM network_practicesite o WHERE o.id = %(id)s)",
    division=("v.division_code",),
    township=("v.township_code",),
    filters={
        **_OF_INSTITUTION,
        "organization": "s.institution_id = %(organization)s",
        "practitioner": "s.clinician_id = %(practitioner)s",
        "ground": "s.ground = %(ground)s",
        "q": "(c.name LIKE %(text)s OR c.initials LIKE %(low_text)s OR v.name LIKE %(text)s)",
    },
)


def _affiliation(
    kind: str, table: str, sides: tuple[str, str], of: tuple[str, str], role: str, besides: str
) -> Source:
    """A row between two organisations: ``sides`` are its columns, ``of`` what each of them is."""
    tables, ends = [f"network_{table} r"], []
    for alias, side, thing in zip(("p", "q"), sides, of, strict=True):
        parts = {"as": alias, "key": f"r.{side}_id", "thing": thing}
        tables.append(_filled("JOIN network_<thing> <as> ON <as>.id = <key>", **parts))
        tables.append(_named(thing, f"{alias}v", parts["key"]))
        ends.append(_filled(_SIDE, **parts))
    names = {"kind": kind, "role": role, "besides": besides, "one": sides[0], "other": sides[1]}
    return Source(
        row=_filled(_ROW, organization=ends[0], participant=ends[1], period=_period("r.period"), **names),
        tables=" ".join(tables),
        code="p.slug",
        id="r.id",
        period="r.period",
        same=_filled(_SAME_TWO, table=table, **names),
        division=("pv.division_code", "qv.division_code"),
        township=tuple(
            f"{alias}v.township_code" for alias, thing in zip("pq", of, strict=True) if thing == "institution"
        ),
        filters={
            "kind": f"%(kind)s = '{kind}'",
            "role": f"{role} = %(role)s",
            "organization": _filled(
                "(r.<one>_id = %(organization)s OR r.<other>_id = %(organization)s)", **names
            ),
            "q": "(pv.name LIKE %(text)s OR qv.name LIKE %(text)s OR pv.initials LIKE %(low_text)s "
            "OR qv.initials LIKE %(low_text)s)",
        },
    )


_SIDE = """json_build_object('id', <key>, 'code', <as>.slug, 'type', '<thing>',
    'name', coalesce(<as>v.name, <as>.slug))"""
_ROW = """json_build_object(
    'id', r.id, 'active', r.period @> %(on)s::date, 'kind', '<kind>', 'role', <role>,
    'organization', <organization>, 'participant', <participant>, <besides>, 'period', <period>)"""
_SAME_TWO = """(r.<one>_id, r.<other>_id) =
    (SELECT o.<one>_id, o.<other>_id FROM network_<table> o WHERE o.id = %(id)s)"""

MEMBERSHIPS = _affiliation(
    "MEMBERSHIP",
    "membership",
    ("consortium", "institution"),
    ("consortium", "institution"),
    "r.role::text",
    "'consented_on', r.consented_on, 'agreement', null",
)
JOININGS = _affiliation(
    "JOINING",
    "joining",
    ("parent", "child"),
    ("consortium", "consortium"),
    "'WHOLE'",
    "'consented_on', null, 'agreement', null",
)
TRUSTEESHIPS = _affiliation(
    "TRUSTEESHIP",
    "trusteeship",
    ("trustee", "entrusted"),
    ("institution", "institution"),
    "'TRUSTEE'",
    "'consented_on', null, 'agreement', r.agreement_id",
)
