"""The wall: a message shows itself to whom it was written, and to the institution that wrote it."""

from django.db import migrations

_SEEN = (
    "institution_id = ANY ((SELECT tiercare_scope())::uuid[])"
    " OR resident_id = ANY ((SELECT tiercare_persons())::uuid[]) OR tiercare_in_area('')"
)
WALL = f"""
ALTER TABLE words_message ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON words_message FOR SELECT USING ({_SEEN});
CREATE POLICY added ON words_message FOR INSERT WITH CHECK ({_SEEN});
CREATE POLICY changed ON words_message FOR UPDATE USING ({_SEEN}) WITH CHECK ({_SEEN});
"""
NO_WALL = """
DROP POLICY seen ON words_message; DROP POLICY added ON words_message; DROP POLICY changed ON words_message;
ALTER TABLE words_message DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("words", "0001_initial"), ("ledger", "0002_readings")]
    operations = [migrations.RunSQL(WALL, NO_WALL)]
