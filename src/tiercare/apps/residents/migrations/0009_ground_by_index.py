"""Whose resident somebody is, found by index also by a connection that planned the question over empty tables."""

from django.db import migrations

# A connection keeps a function's plan. Planned while a table was counted as empty, it read that table through, and went
# on reading it through for each resident of a village entered thereafter, until somebody counted the table again.
_FUNCTION = "ALTER FUNCTION residents_ground_to_book(uuid, uuid, uuid, uuid, date)"


class Migration(migrations.Migration):
    dependencies = [("residents", "0008_chosen_provider")]
    operations = [
        migrations.RunSQL(f"{_FUNCTION} SET enable_seqscan = off", f"{_FUNCTION} RESET enable_seqscan"),
    ]
