"""That an institution sent a request which is still open is a care relation of its own kind."""

from django.db import migrations, models

_BEFORE = ["registration", "contract", "encounter", "request"]


class Migration(migrations.Migration):
    dependencies = [("access", "0003_codes_of_one_browser")]

    operations = [
        migrations.RemoveConstraint(model_name="carerelation", name="care_relation_kind"),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [*_BEFORE, "sent"])), name="care_relation_kind"
            ),
        ),
    ]
