"""Temporary entries that are nobody's yet are few among a million: an index of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("residents", "0002_wall")]
    operations = [
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                fields=["id"],
                condition=models.Q(("master_id", None), ("temporary", True)),
                name="resident_unclaimed",
            ),
        )
    ]
