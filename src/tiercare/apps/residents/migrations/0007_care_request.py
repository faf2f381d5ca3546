"""What residents ask of primary care (XH-23), behind the wall."""

from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_SEEN = (
    "institution_id = ANY ((SELECT tiercare_scope())::uuid[])"
    " OR resident_id = ANY ((SELECT tiercare_persons())::uuid[])"
)
WALL = f"""
ALTER TABLE residents_carerequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON residents_carerequest FOR SELECT USING ({_SEEN});
CREATE POLICY added ON residents_carerequest FOR INSERT WITH CHECK ({_SEEN});
CREATE POLICY changed ON residents_carerequest FOR UPDATE USING ({_SEEN}) WITH CHECK ({_SEEN});
"""
NO_WALL = """
DROP POLICY seen ON residents_carerequest; DROP POLICY added ON residents_carerequest;
DROP POLICY changed ON residents_carerequest;
ALTER TABLE residents_carerequest DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("residents", "0006_cover"),
        ("ledger", "0002_readings"),
    ]

    operations = [
        migrations.CreateModel(
            name="CareRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("clinician_id", models.UUIDField(null=True)),
                ("doctor_name", models.CharField(db_default="", default="", max_length=50)),
                ("signed", models.BooleanField()),
                ("service", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=10)),
                ("asked_words", models.CharField(max_length=200)),
                ("words", models.CharField(db_default="", default="", max_length=200)),
                ("instead", models.CharField(db_default="", default="", max_length=200)),
                ("visit_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["ASKED", "AGREED"])),
                        fields=["institution_id", "due_at"],
                        name="care_of_station",
                    ),
                    models.Index(fields=["institution_id", "changed_at"], name="care_lately"),
                    models.Index(fields=["resident_id"], name="care_of_resident"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("service__in", ["home", "door_to_door", "medical_elderly", "health_management"])
                        ),
                        name="care_service",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["ASKED", "AGREED", "DECLINED", "DONE", "WITHDRAWN"])
                        ),
                        name="care_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("state__in", ["ASKED", "AGREED"])),
                            models.Q(
                                models.Q(("state__in", ["ASKED", "AGREED"]), _negated=True),
                                ("due_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="care_open_is_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "AGREED"), _negated=True),
                            ("visit_at__isnull", False),
                            _connector="OR",
                        ),
                        name="care_agreed_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "DECLINED"), _negated=True),
                            models.Q(
                                models.Q(("words", ""), _negated=True),
                                models.Q(("instead", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="care_declined_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["ASKED", "AGREED"])),
                        fields=("resident_id", "service"),
                        name="care_once_open",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
