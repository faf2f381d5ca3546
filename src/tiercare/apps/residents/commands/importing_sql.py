"""Statements of the bulk import: stage by COPY, then INSERT … SELECT (a bulk load row by row under a policy is dear)."""

from __future__ import annotations

_COLUMNS = (
    ("line", "int4"),
    ("id", "uuid"),
    ("name", "text"),
    ("sex", "text"),
    ("birth_date", "date"),
    ("nation", "text"),
    ("division_code", "text"),
    ("address", "bytea"),
    ("identity_kind", "text"),
    ("identity", "bytea"),
    ("blind", "bytea"),
    ("identity_id", "uuid"),
    ("phone", "bytea"),
    ("phone_blind", "bytea"),
    ("phone_id", "uuid"),
    ("institution_id", "uuid"),
    ("keeps_file", "bool"),
    ("temporary", "bool"),
    ("synthetic", "bool"),
    ("tokens", "text[]"),
    ("keys", "text[]"),
    ("household", "uuid"),
    ("relation", "text"),
)
STAGE_TYPES = [kind for _, kind in _COLUMNS]
CREATE_STAGE = (
    "CREATE TEMPORARY TABLE residents_stage ("
    + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS)
    + ") ON COMMIT DROP"
)
COPY_STAGE = "COPY residents_stage FROM STDIN (FORMAT BINARY)"
DROP_KNOWN = """
DELETE FROM residents_stage s USING residents_identifier i
WHERE i.kind = s.identity_kind AND i.blind = s.blind AND i.retired_at IS NULL AND i.kind <> 'phone'
RETURNING s.line
"""
WRITE = (
    """
INSERT INTO residents_resident (id, name, sex, birth_date, nation, division_code, address_sealed, identity_kind,
                                identity_sealed, phone_sealed, institution_id, keeps_file, known_at, temporary, synthetic)
SELECT id, name, sex, birth_date, nation, division_code, address, identity_kind, identity, phone, institution_id,
       keeps_file, ARRAY[institution_id], temporary, synthetic
FROM residents_stage
""",
    """
INSERT INTO residents_identifier (id, resident_id, institution_id, kind, sealed, blind)
SELECT identity_id, id, institution_id, identity_kind, identity, blind FROM residents_stage WHERE blind IS NOT NULL
UNION ALL
SELECT phone_id, id, institution_id, 'phone', phone, phone_blind FROM residents_stage WHERE phone_blind IS NOT NULL
""",
    """
INSERT INTO residents_token (institution_id, token, resident_id)
SELECT institution_id, token, id FROM residents_stage, unnest(tokens) AS token
UNION ALL
SELECT '00000000-0000-0000-0000-000000000000', key, id FROM residents_stage, unnest(keys) AS key
ORDER BY 1, 2, 3
""",
    """
INSERT INTO residents_household (id, institution_id, division_code)
SELECT DISTINCT ON (household) household, institution_id, division_code FROM residents_stage s
WHERE household IS NOT NULL
ORDER BY household
ON CONFLICT (id) DO NOTHING
""",
    """
INSERT INTO residents_householdmember (id, household_id, resident_id, institution_id, relation, period)
SELECT gen_random_uuid(), household, id, institution_id, relation, daterange((tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date, NULL)
FROM residents_stage WHERE household IS NOT NULL
""",
    "DROP TABLE residents_stage",
)
