"""The wall around what went with a request: those see it who see the request, and write it with theirs."""

from django.db import migrations

_SEEN = "EXISTS (SELECT FROM exchange_request r WHERE r.id = request_id)"
WALL = f"""
ALTER TABLE referrals_package ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON referrals_package FOR SELECT USING ({_SEEN});
CREATE POLICY added ON referrals_package FOR INSERT WITH CHECK ({_SEEN});
"""
NO_WALL = """
DROP POLICY seen ON referrals_package; DROP POLICY added ON referrals_package;
ALTER TABLE referrals_package DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("exchange", "0002_steps")]
    operations = [migrations.RunSQL(WALL, NO_WALL)]
