"""A one-time code belongs to the browser that asked for it. Codes live for minutes: none is carried over."""

from django.db import migrations, models

import tiercare.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("access", "0002_people")]

    operations = [
        migrations.DeleteModel("SignInCode"),
        migrations.CreateModel(
            name="SignInCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("code_hash", models.BinaryField()),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="sign_in_code_by_age")],
            },
        ),
    ]
