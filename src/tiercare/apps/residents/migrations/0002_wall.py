"""Row-level security on the index, and the few look-ups that may cross it (docs/adr/0006)."""

from django.db import migrations

_SCOPE = "ANY ((SELECT tiercare_scope())::uuid[])"
_PERSONS = "ANY ((SELECT tiercare_persons())::uuid[])"
# For the platform's own work on the whole index only: '' lies in no area but everywhere.
_EVERYWHERE = "tiercare_in_area('')"

# What a row shows itself to. Policies compare columns of their own row only: a subquery measured 12 times dearer.
_SEEN = {
    "residents_resident": f"known_at && (SELECT tiercare_scope())::uuid[] OR id = {_PERSONS} OR tiercare_in_area(division_code)",
    "residents_identifier": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS} OR {_EVERYWHERE}",
    "residents_token": f"institution_id = {_SCOPE} OR {_EVERYWHERE}",
    "residents_household": f"institution_id = {_SCOPE} OR {_EVERYWHERE}",
    "residents_householdmember": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS} OR {_EVERYWHERE}",
    "residents_guardianship": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS} OR guardian_id = {_PERSONS} OR {_EVERYWHERE}",
    "residents_keygroupmember": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS} OR {_EVERYWHERE}",
    "residents_responsibledoctor": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS} OR {_EVERYWHERE}",
    "residents_card": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS} OR {_EVERYWHERE}",
    "residents_arrival": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS}",
    "residents_recordmove": f"institution_id = {_SCOPE} OR resident_id = {_PERSONS}",
    "residents_duplicate": "tiercare_in_area(division_code)",
    "residents_merge": f"kept_id = {_PERSONS} OR merged_id = {_PERSONS} OR tiercare_in_area(division_code)",
}
# Where adding asks for something else than seeing: a desk reports a likely duplicate and writes the blocking
# keys of the nil institution without seeing either.
_ADDED = {
    "residents_token": f"institution_id = {_SCOPE} OR institution_id = '00000000-0000-0000-0000-000000000000' OR {_EVERYWHERE}",
    "residents_duplicate": "true",
}
# Nothing of a resident is ever deleted by the program, but the spellings of a corrected name.
_DELETABLE = ("residents_token",)


def _wall(table: str) -> str:
    seen, added = _SEEN[table], _ADDED.get(table, _SEEN[table])
    policies = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;",
        f"CREATE POLICY seen ON {table} FOR SELECT USING ({seen});",
        f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({added});",
        f"CREATE POLICY changed ON {table} FOR UPDATE USING ({seen}) WITH CHECK ({seen});",
    ]
    if table in _DELETABLE:
        policies.append(f"CREATE POLICY removed ON {table} FOR DELETE USING ({seen});")
    return "\n".join(policies)


WALL = "\n".join(_wall(table) for table in _SEEN)
NO_WALL = "\n".join(
    f"DROP POLICY seen ON {table}; DROP POLICY added ON {table}; DROP POLICY changed ON {table};"
    + (f" DROP POLICY removed ON {table};" if table in _DELETABLE else "")
    + f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    for table in _SEEN
)

# Run with the owner's rights, so they see past the wall: each answers one narrow question and no more. Bodies are
# bound when made. ``residents_person``: all entries of the person to whom an entry belongs, the leading one first
# (UNION, so that a circle would end). ``residents_found``: the least about whoever bears one of these numbers.
# ``residents_alike``: the least about whoever shares a blocking key or a telephone by any of their entries, for the
# duplicate check at registration.
LOOKUPS = """
CREATE FUNCTION residents_person(entry uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM residents_resident r WHERE r.master_id = entry)
            AND EXISTS (SELECT FROM residents_resident r WHERE r.id = entry AND r.master_id IS NULL) THEN
        RETURN ARRAY[entry];  -- nearly everybody: never merged
    END IF;
    RETURN (
        WITH RECURSIVE up AS (
            SELECT r.id, r.master_id FROM residents_resident r WHERE r.id = entry
            UNION
            SELECT m.id, m.master_id FROM residents_resident m JOIN up ON m.id = up.master_id
        ), down AS (
            SELECT up.id, 0 AS depth FROM up WHERE up.master_id IS NULL
            UNION ALL
            SELECT r.id, down.depth + 1 FROM residents_resident r JOIN down ON r.master_id = down.id
        )
        SELECT array_agg(down.id ORDER BY down.depth, down.id) FROM down
    );
END $$;

CREATE FUNCTION residents_found(kinds text[], blinds bytea[])
RETURNS TABLE (id uuid, matched text, name text, sex text, birth_date date, division_code text,
               institution_id uuid, identity_kind text, identity_sealed bytea, temporary boolean,
               synthetic boolean, deceased_on date)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 2 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT ON (r.id) r.id, i.kind::text, r.name::text, r.sex::text, r.birth_date, r.division_code::text,
           r.institution_id, r.identity_kind::text, r.identity_sealed, r.temporary, r.synthetic, r.deceased_on
    FROM unnest(kinds, blinds) AS asked (kind, blind)
    JOIN residents_identifier i ON i.blind = asked.blind AND i.kind = asked.kind AND i.retired_at IS NULL
    JOIN residents_resident r ON r.id = (residents_person(i.resident_id))[1]
    ORDER BY r.id
    LIMIT 20;
END $$;

CREATE FUNCTION residents_alike(keys text[], phone bytea)
RETURNS TABLE (id uuid, name text, sex text, birth_date date, division_code text, institution_id uuid,
               identity_kind text, identity_sealed bytea, temporary boolean, same_phone boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH near AS (
        SELECT t.resident_id, false AS same
        FROM unnest(keys) AS key JOIN residents_token t ON t.token = key
             AND t.institution_id = '00000000-0000-0000-0000-000000000000'
        UNION ALL
        SELECT i.resident_id, true FROM residents_identifier i
        WHERE i.blind = phone AND i.kind = 'phone' AND i.retired_at IS NULL
    ), once AS (
        SELECT near.resident_id, bool_or(near.same) AS same FROM near GROUP BY near.resident_id LIMIT 200
    ), led AS (
        SELECT CASE WHEN e.master_id IS NULL THEN e.id ELSE (residents_person(e.id))[1] END AS entry,
               bool_or(once.same) AS same
        FROM once JOIN residents_resident e ON e.id = once.resident_id
        GROUP BY 1
    )
    SELECT r.id, r.name::text, r.sex::text, r.birth_date, r.division_code::text, r.institution_id,
           r.identity_kind::text, r.identity_sealed, r.temporary, led.same
    FROM led JOIN residents_resident r ON r.id = led.entry;
END $$;

CREATE FUNCTION residents_card_shown(card uuid, plain text)
RETURNS TABLE (id uuid, resident_id uuid, ended_at timestamptz, division_code text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 BEGIN ATOMIC
    SELECT c.id, c.resident_id, c.ended_at, c.division_code
    FROM residents_card c WHERE c.id = card OR c.number = plain;
END;

CREATE FUNCTION residents_least(entries uuid[])
RETURNS TABLE (id uuid, name text, sex text, birth_date date, division_code text, institution_id uuid,
               identity_kind text, identity_sealed bytea, temporary boolean, synthetic boolean, deceased_on date)
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT r.id, r.name, r.sex, r.birth_date, r.division_code, r.institution_id, r.identity_kind,
           r.identity_sealed, r.temporary, r.synthetic, r.deceased_on
    FROM residents_resident r WHERE r.id = ANY (entries);
END;
"""
NO_LOOKUPS = """
DROP FUNCTION residents_least(uuid[]);
DROP FUNCTION residents_card_shown(uuid, text);
DROP FUNCTION residents_alike(text[], bytea);
DROP FUNCTION residents_found(text[], bytea[]);
DROP FUNCTION residents_person(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("residents", "0001_initial"), ("ledger", "0002_readings")]
    operations = [migrations.RunSQL(WALL, NO_WALL), migrations.RunSQL(LOOKUPS, NO_LOOKUPS)]
