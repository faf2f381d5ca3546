"""Messages to residents."""

from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField(null=True)),
                ("about", models.CharField(max_length=40)),
                ("about_id", models.UUIDField()),
                ("text", models.CharField(max_length=500)),
                ("written_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("sent_at", models.DateTimeField(null=True)),
                ("no_number", models.BooleanField(db_default=False, default=False)),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["resident_id", "written_at"], name="message_of_resident")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="message_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("no_number", False), _connector="OR"),
                        name="message_sent_to_a_number",
                    ),
                ],
            },
        ),
    ]
