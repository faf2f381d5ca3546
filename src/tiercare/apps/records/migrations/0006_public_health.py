"""Contacts for public health and prevention are kinds of their own: they stand with the resident's own area (WH-03)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0005_first_contact")]

    operations = [
        migrations.RemoveConstraint(model_name="plannedcontact", name="plannedcontact_kind"),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["FOLLOW_UP", "GUIDANCE", "REHAB", "NURSING", "RECALL", "PUBLIC", "PREVENTION"],
                    )
                ),
                name="plannedcontact_kind",
            ),
        ),
    ]
