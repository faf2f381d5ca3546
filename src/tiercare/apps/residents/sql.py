"""Named statements of the hot path: registering, finding, listing. All run inside ``scoped``."""

from __future__ import annotations

# One round trip for the entry with its numbers and spellings. ``%(tokens)s`` and ``%(token_places)s`` run side by
# side, as do the arrays of numbers.
REGISTER = """
WITH entry AS (
    INSERT INTO residents_resident (id, name, sex, birth_date, nation, division_code, address_sealed, identity_kind,
                                    identity_sealed, phone_sealed, institution_id, keeps_file, known_at, temporary, synthetic)
    VALUES (%(id)s, %(name)s, %(sex)s, %(birth_date)s, %(nation)s, %(division)s, %(address)s, %(identity_kind)s,
            %(identity)s, %(phone)s, %(institution)s, %(keeps_file)s, %(known_at)s, %(temporary)s, %(synthetic)s)
), numbers AS (
    INSERT INTO residents_identifier (id, resident_id, institution_id, kind, sealed, blind)
    SELECT each.id, %(id)s, %(institution)s, each.kind, each.sealed, each.blind
    FROM unnest(%(number_ids)s::uuid[], %(kinds)s::text[], %(sealed)s::bytea[], %(blinds)s::bytea[])
         AS each (id, kind, sealed, blind)
)
INSERT INTO residents_token (institution_id, token, resident_id)
SELECT each.place, each.token, %(id)s
FROM unnest(%(token_places)s::uuid[], %(tokens)s::text[]) AS each (place, token)
"""
FOUND = "SELECT * FROM residents_found(%(kinds)s::text[], %(blinds)s::bytea[])"
# Whoever bears the number, and whoever looks alike: what a registration has to know.
KNOWN = """
SELECT id, name, sex, birth_date, division_code, institution_id, identity_kind, identity_sealed, temporary,
       true AS bears, false AS same_phone
FROM residents_found(%(kinds)s::text[], %(blinds)s::bytea[])
UNION ALL
SELECT id, name, sex, birth_date, division_code, institution_id, identity_kind, identity_sealed, temporary,
       false, same_phone
FROM residents_alike(%(keys)s::text[], %(phone)s)
"""
PERSON = "SELECT residents_person(%(entry)s)"
LEAST = "SELECT * FROM residents_least(%(entries)s::uuid[])"

_ROW = """r.id, r.name, r.sex, r.birth_date, r.division_code, r.identity_kind, r.identity_sealed, r.phone_sealed,
       r.institution_id, r.keeps_file, r.temporary, r.synthetic, r.deceased_on,
       CASE WHEN r.master_id IS NULL THEN false ELSE EXISTS (
           SELECT FROM unnest(residents_person(r.id)) WITH ORDINALITY AS entry (id, place)
           JOIN residents_token o ON o.resident_id = entry.id AND o.institution_id = %(institution)s
                AND o.token = ANY (%(tokens)s)
           WHERE entry.place < array_position(residents_person(r.id), r.id)
           GROUP BY entry.id HAVING count(*) >= %(all)s
       ) END AS behind"""
# The institution's own residents: those with the empty spelling. Equality only, so that the index serves under the
# policies. A merged entry stands as its institution wrote it and opens the whole person; it is ``behind`` where the
# same list holds an entry of the person that goes before it, so that nobody is there twice.
LIST = " ".join(
    (
        "SELECT",
        _ROW,
        """FROM residents_token t JOIN residents_resident r ON r.id = t.resident_id
WHERE t.institution_id = %(institution)s AND t.token = '' AND t.resident_id > %(after)s
ORDER BY t.resident_id
LIMIT %(limit)s""",
    )
)
# Several alternatives, each a set of tokens that must all stand: the first finds, the others narrow.
SEARCH = " ".join(
    (
        "SELECT",
        _ROW,
        """FROM (
    SELECT DISTINCT t.resident_id
    FROM residents_token t
    WHERE t.institution_id = %(institution)s AND t.token = ANY (%(tokens)s) AND t.resident_id > %(after)s
    ORDER BY t.resident_id
    LIMIT %(limit)s
) hit JOIN residents_resident r ON r.id = hit.resident_id
ORDER BY r.id""",
    )
)
SEARCH_ALL = " ".join(
    (
        "SELECT",
        _ROW,
        """FROM (
    SELECT t.resident_id
    FROM residents_token t
    WHERE t.institution_id = %(institution)s AND t.token = ANY (%(tokens)s) AND t.resident_id > %(after)s
    GROUP BY t.resident_id
    HAVING count(*) = %(all)s
    ORDER BY t.resident_id
    LIMIT %(limit)s
) hit JOIN residents_resident r ON r.id = hit.resident_id
ORDER BY r.id""",
    )
)
