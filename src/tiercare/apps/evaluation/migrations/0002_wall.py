"""The wall: a matter is seen by its sides, numbers of somebody by them and those above, what was published by its audience."""

from django.db import migrations

_SCOPE = "(SELECT tiercare_scope())::uuid[]"
_MATTER = f"""(tiercare_in_area(owner_area) OR tiercare_in_area(issuer_area)
    OR owner_institution = ANY ({_SCOPE}) OR issuer_institution = ANY ({_SCOPE}))"""
_OF_MATTER = "EXISTS (SELECT FROM evaluation_matter m WHERE m.id = matter_id)"
# A commission below looks up at the region's numbers, as everybody who works there does.
BELOW = """
CREATE FUNCTION evaluation_area_below(code text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(starts_with(nullif(current_setting('tiercare.area', true), ''), code), false);
"""
_STAFF = f"cardinality({_SCOPE}) > 0"
_LOCAL = f"({_STAFF} OR evaluation_area_below(region))"
_OF_RUN = "EXISTS (SELECT FROM evaluation_run r WHERE r.id = run_id AND tiercare_in_area(r.region))"
# A region's own numbers are the yardstick for everybody who works there; those of one consortium or institution are not.
_SEES_RUN = "EXISTS (SELECT FROM evaluation_run r WHERE r.id = run_id)"
_NUMBERS = f"""({_OF_RUN} OR holders && {_SCOPE}
    OR (level IN ('region', 'division') OR area <> '' AND tiercare_in_area(area)) AND {_SEES_RUN})"""
# What was noticed names cases and institutions: of the region as a whole only its commission reads it. What the board draws
# (how many came from where) is as open as the numbers.
_FINDINGS = f"""({_OF_RUN} OR holders && {_SCOPE} OR area <> '' AND tiercare_in_area(area)
    OR kind IN ('flow', 'volumes') AND level IN ('region', 'division') AND {_SEES_RUN})"""
# Whoever stands on an open delivery reads it; the rest are the sender's.
_DELIVERY = f"""(tiercare_in_area(from_area) OR (to_area <> '' AND tiercare_in_area(to_area))
    OR to_institution = ANY ({_SCOPE}))"""
_PUBLISHED = f"(tiercare_in_area(region) OR withdrawn_at IS NULL AND (audience = 'RESIDENTS' OR {_LOCAL}))"


def _open(table: str, seen: str, written: str, *, changes: bool = True) -> str:
    change = (
        f"CREATE POLICY changed ON {table} FOR UPDATE USING ({written}) WITH CHECK (true);" if changes else ""
    )
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON {table} FOR SELECT USING ({seen});
CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({written});
{change}
"""


_TABLES = {
    "evaluation_matter": (_MATTER, _MATTER, True),
    "evaluation_entry": (_OF_MATTER, _OF_MATTER, False),
    "evaluation_proof": (_OF_MATTER, _OF_MATTER, False),
    "evaluation_run": (f"(tiercare_in_area(region) OR {_LOCAL})", "tiercare_in_area(region)", False),
    "evaluation_value": (_NUMBERS, _OF_RUN, False),
    "evaluation_runstanding": (_SEES_RUN, _OF_RUN, False),
    "evaluation_score": (_NUMBERS, _OF_RUN, False),
    "evaluation_finding": (_FINDINGS, _OF_RUN, False),
    "evaluation_publication": (_PUBLISHED, "tiercare_in_area(region)", True),
    "evaluation_delivery": (_DELIVERY, _DELIVERY, True),
}
WALL = "".join(
    _open(name, seen, written, changes=changes) for name, (seen, written, changes) in _TABLES.items()
)
NO_WALL = "".join(
    f"DROP POLICY seen ON {name}; DROP POLICY added ON {name}; DROP POLICY IF EXISTS changed ON {name};"
    f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;"
    for name in _TABLES
)


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial"), ("ledger", "0002_readings")]
    operations = [
        migrations.RunSQL(BELOW, "DROP FUNCTION evaluation_area_below(text);"),
        migrations.RunSQL(WALL, NO_WALL),
    ]
