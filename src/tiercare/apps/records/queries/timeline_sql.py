"""The statements of the timeline: heads of all kinds merged, a page at a time, then what belongs to each."""

from __future__ import annotations

# Heads of one kind, newest first. Keyset: rows before the last one that was shown.
_BRANCH = """
(SELECT '{kind}' AS kind, e.id, e.{at} AS at FROM {table} e
 WHERE e.resident_id = ANY (%(persons)s::uuid[]) {more}
   AND (%(at)s::timestamptz IS NULL OR (e.{at}, e.id) < (%(at)s::timestamptz, %(id)s::uuid))
 ORDER BY e.{at} DESC, e.id DESC LIMIT %(limit)s)
"""
_HEADS = " UNION ALL ".join(
    _BRANCH.format(kind=kind, table=table, at=at, more=more)
    for kind, table, at, more in (
        ("visit", "records_encounter", "started_at", ""),
        ("document", "records_document", "dated_at", ""),
        ("plan", "records_careplan", "made_at", ""),
        ("contact", "records_plannedcontact", "done_at", "AND e.done_at IS NOT NULL"),
        ("condition", "records_condition", "noted_at", "AND e.encounter_id IS NULL"),
        ("drug", "records_medication", "made_at", "AND e.encounter_id IS NULL"),
    )
)
# What a visit, a report or a contact brought with it.
_CONDITIONS = """
(SELECT json_agg(json_build_object('code', c.code, 'name', c.name, 'role', c.role, 'status', c.status, 'id', c.id,
                                   'withdrawn', c.withdrawn_reason) ORDER BY c.role, c.id)
 FROM records_condition c WHERE {on})
"""
_READINGS = """
(SELECT json_agg(json_build_object('item', o.item, 'name', o.name, 'value', o.value::text, 'words', o.words, 'unit', o.unit,
                                   'low', o.low::text, 'high', o.high::text, 'flag', o.flag, 'id', o.id,
                                   'withdrawn', o.withdrawn_reason) ORDER BY o.id)
 FROM records_observation o WHERE {on})
"""
_DRUGS = """
(SELECT json_agg(json_build_object('code', m.drug_code, 'name', m.name, 'dose', m.dose, 'since', m.since, 'until', m.until,
                                   'long_term', m.long_term, 'id', m.id, 'withdrawn', m.withdrawn_reason) ORDER BY m.id)
 FROM records_medication m WHERE {on})
"""
_COLUMNS = "SELECT h.kind, h.id, h.at, e.institution_id, e.source,"
_FROM = "FROM head h JOIN {} e ON e.id = h.id WHERE h.kind = '{}'"
_DOCUMENT = """
jsonb_build_object('kind', e.kind, 'title', e.title, 'media_type', e.media_type, 'size', e.size, 'reference', e.reference,
    'held', e.content IS NOT NULL, 'request_id', e.request_id, 'encounter_id', e.encounter_id,
    'withdrawn_at', e.withdrawn_at, 'withdrawn_reason', e.withdrawn_reason, 'withdrawn_by_name', e.withdrawn_by_name)
"""


def _whole(kind: str, table: str, body: str = "to_jsonb(e)", by: str = "''", **parts: str) -> str:
    """The rows of one kind with what belongs to them."""
    made = {"conditions": _CONDITIONS, "readings": _READINGS, "drugs": _DRUGS}
    columns = [
        f"{made[name].format(on=parts[name])} AS {name}" if name in parts else f"NULL::json AS {name}"
        for name in made
    ]
    return " ".join(
        (_COLUMNS, f"{by} AS by_name, ({body})::json AS body,", ", ".join(columns), _FROM.format(table, kind))
    )


_WHOLE = " UNION ALL ".join(
    (
        _whole(
            "visit",
            "records_encounter",
            "to_jsonb(e) - 'digest'",
            "e.clinician_name",
            conditions="c.encounter_id = e.id",
            readings="o.encounter_id = e.id",
            drugs="m.encounter_id = e.id",
        ),
        _whole(
            "document",
            "records_document",
            _DOCUMENT,
            conditions="c.encounter_id = e.encounter_id",
            readings="o.document_id = e.id",
        ),
        _whole("plan", "records_careplan", by="e.author_name"),
        _whole("contact", "records_plannedcontact", by="e.done_by_name", readings="o.contact_id = e.id"),
        _whole("condition", "records_condition", conditions="c.id = e.id"),
        _whole("drug", "records_medication", drugs="m.id = e.id"),
    )
)
PAGE = " ".join(
    (
        "WITH head AS (",
        _HEADS,
        "ORDER BY at DESC, id DESC LIMIT %(limit)s)",
        _WHOLE,
        "ORDER BY at DESC, id DESC",
    )
)
UPCOMING = """
SELECT id, kind, way, level, due_on, words, institution_id, planner_id, account_id, request_id
FROM records_plannedcontact
WHERE resident_id = ANY (%(persons)s::uuid[]) AND done_at IS NULL AND cancelled_at IS NULL
ORDER BY due_on, id LIMIT %(limit)s
"""
