"""Named statements about matters."""

STANDING = """
SELECT m.*, (SELECT count(*) FROM evaluation_matter c WHERE c.parent_id = m.id AND c.turn <> '') AS open_children
FROM evaluation_matter m WHERE m.id = %(matter)s
"""
LOCKED = "SELECT version FROM evaluation_matter WHERE id = %(matter)s FOR UPDATE"
# Decided by one statement: whoever comes second finds another version, and nothing happens.
TURN = """
UPDATE evaluation_matter
SET state = %(state)s, turn = %(turn)s::text, due_on = %(due)s, result = coalesce(%(result)s::jsonb, result),
    version = version + 1, changed_at = tiercare_now(), escalated = 0,
    over_at = CASE WHEN %(turn)s::text = '' THEN tiercare_now() END
WHERE id = %(matter)s AND version = %(version)s
RETURNING version
"""
LIST = """
SELECT m.*, 0 AS open_children
FROM evaluation_matter m
WHERE (%(kinds)s::text[] IS NULL OR m.kind = ANY (%(kinds)s::text[]))
  AND (%(states)s::text[] IS NULL OR m.state = ANY (%(states)s::text[]))
  AND (%(period)s = '' OR m.period = %(period)s)
  AND (%(area)s = '' OR starts_with(m.owner_area, %(area)s))
  AND (%(parent)s::uuid IS NULL OR m.parent_id = %(parent)s::uuid)
  AND (%(late)s::date IS NULL OR m.turn <> '' AND m.due_on < %(late)s::date)
  AND (%(subject)s = '' OR m.subject_key = %(subject)s)
  AND (%(due_from)s::date IS NULL OR m.first_due_on >= %(due_from)s::date)
  AND (%(due_until)s::date IS NULL OR m.first_due_on < %(due_until)s::date)
  AND (%(clause)s = '' OR %(clause)s = ANY (m.clauses))
ORDER BY m.turn = '', m.due_on, m.made_at, m.id
LIMIT %(limit)s OFFSET %(offset)s
"""
ENTRIES = """
SELECT e.id, e.at, e.act, e.state, e.by_name, e.by_side, e.words, e.figures,
       coalesce((SELECT json_agg(json_build_object('id', p.id, 'name', p.name, 'media', p.media, 'size', p.size) ORDER BY p.id)
                 FROM evaluation_proof p WHERE p.entry_id = e.id), '[]') AS proofs
FROM evaluation_entry e WHERE e.matter_id = %(matter)s ORDER BY e.at, e.id
"""
OVERDUE = """
SELECT id, kind, due_on, escalated, owner_area, owner_institution, issuer_area, issuer_institution
FROM evaluation_matter
WHERE turn <> '' AND due_on + escalated * coalesce((%(pauses)s::jsonb ->> pack)::integer, 1) < %(today)s::date
ORDER BY due_on, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
ESCALATE = "UPDATE evaluation_matter SET escalated = escalated + 1 WHERE id = %(matter)s"
