"""Deliveries: a number of their own, what they are called, reminders, and being taken back."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0005_schemes")]
    operations = [
        migrations.AlterField(
            "delivery",
            "matter",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="evaluation.matter",
            ),
        ),
        migrations.AddField(
            "delivery", "number", models.CharField(max_length=40, unique=True), preserve_default=False
        ),
        migrations.AddField(
            "delivery",
            "feed",
            models.CharField(
                db_default="",
                default="",
                help_text="which other assessment a result entered",
                max_length=60,
            ),
        ),
        migrations.AddField("delivery", "title", models.CharField(db_default="", default="", max_length=200)),
        migrations.AddField(
            "delivery", "reminded", models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField("delivery", "reminded_at", models.DateTimeField(null=True)),
        migrations.AddField("delivery", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "delivery", "withdrawn_why", models.CharField(db_default="", default="", max_length=300)
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                condition=Q(("to_institution__isnull", False)),
                fields=["to_institution"],
                name="delivery_to_house",
            ),
        ),
        migrations.AddIndex("delivery", models.Index(fields=["from_area", "-sent_at"], name="delivery_sent")),
    ]
