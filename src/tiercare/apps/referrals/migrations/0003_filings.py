"""Filings with the insurer, seen and changed by whoever sees the request."""

import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_SEEN = "EXISTS (SELECT FROM exchange_request r WHERE r.id = request_id)"
WALL = f"""
ALTER TABLE referrals_filing ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON referrals_filing FOR SELECT USING ({_SEEN});
CREATE POLICY added ON referrals_filing FOR INSERT WITH CHECK ({_SEEN});
CREATE POLICY changed ON referrals_filing FOR UPDATE USING ({_SEEN}) WITH CHECK ({_SEEN});
"""
NO_WALL = """
DROP POLICY seen ON referrals_filing; DROP POLICY added ON referrals_filing; DROP POLICY changed ON referrals_filing;
ALTER TABLE referrals_filing DISABLE ROW LEVEL SECURITY;
"""
_STATES = [
    *("WAITING", "SENT", "ACCEPTED", "REFUSED", "FAILED", "NO_COVER", "UNCONNECTED", "BY_HAND", "NOT_NEEDED"),
    *("TAKING_BACK", "NOT_TAKEN_BACK", "TAKEN_BACK", "DROPPED"),
]
_DUE = ["SENT", "TAKING_BACK", "WAITING"]
_OVER = ["DROPPED", "NOT_TAKEN_BACK", "TAKEN_BACK", "TAKING_BACK"]


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_wall"), ("exchange", "0002_steps")]

    operations = [
        migrations.CreateModel(
            name="Filing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("state", models.CharField(max_length=14)),
                ("scheme", models.CharField(db_default="", default="", max_length=12)),
                ("insured_area", models.CharField(db_default="", default="", max_length=12)),
                ("round", models.SmallIntegerField(db_default=1, default=1)),
                ("tries", models.SmallIntegerField(db_default=0, default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("number", models.CharField(db_default="", default="", max_length=60)),
                ("words", models.CharField(db_default="", default="", max_length=300)),
                ("answered_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filings",
                        to="exchange.request",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_try_at__isnull", False)),
                        fields=["next_try_at"],
                        name="filing_next",
                    ),
                    models.Index(fields=["request", "-made_at"], name="filing_of_request"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", _STATES)), name="filing_state"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_try_at__isnull", False), ("state__in", _DUE)),
                            models.Q(models.Q(("state__in", _DUE), _negated=True), ("next_try_at", None)),
                            _connector="OR",
                        ),
                        name="filing_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "BY_HAND"), _negated=True),
                            models.Q(("number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="filing_by_hand_has_number",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", _OVER), _negated=True),
                        fields=("request",),
                        name="filing_one_of_a_request",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
