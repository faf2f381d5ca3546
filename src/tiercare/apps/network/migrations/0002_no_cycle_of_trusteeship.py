"""The fence against circles of trusteeship; see ``network/sql.py``."""

from django.db import migrations

from tiercare.apps.network import sql


class Migration(migrations.Migration):
    dependencies = [("network", "0001_initial")]

    operations = [
        migrations.RunSQL(sql.NO_CYCLE_OF_TRUSTEESHIP, sql.DROP_NO_CYCLE_OF_TRUSTEESHIP),
    ]
