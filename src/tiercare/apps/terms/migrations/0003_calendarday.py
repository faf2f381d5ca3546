"""Days that are worked or not other than published."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("terms", "0002_nationwide_load"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("workday", models.BooleanField()),
                ("name", models.CharField(max_length=40)),
            ],
        ),
    ]
