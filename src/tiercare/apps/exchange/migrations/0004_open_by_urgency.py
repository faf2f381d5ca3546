"""The open lists in the order in which they are read: however many are open, a page costs a page."""

from typing import ClassVar

from django.db import migrations, models

_OPEN = models.Q(
    state__in=[
        "ACCEPTED",
        "ARRIVED",
        "DRAFT",
        "IN_CARE",
        "NO_SHOW",
        "REPORTED",
        "RETURNED",
        "SCHEDULED",
        "SUBMITTED",
    ]
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("exchange", "0003_counted")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="request", name="request_open_to"),
        migrations.RemoveIndex(model_name="request", name="request_open_from"),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                fields=["to_institution", "urgency", "due_at", "id"], condition=_OPEN, name="request_open_to"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                fields=["from_institution", "urgency", "due_at", "id"],
                condition=_OPEN,
                name="request_open_from",
            ),
        ),
    ]
