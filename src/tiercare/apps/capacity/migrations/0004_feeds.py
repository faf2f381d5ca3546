"""Feeds of hospitals' own systems, conflicts with them, and files with places."""

import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_ID = models.UUIDField(default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)


def _now() -> models.DateTimeField:
    return models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())


def _to(target: str, name: str) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to=target)


class Migration(migrations.Migration):
    dependencies = [("capacity", "0003_cases")]

    operations = [
        # A session of which the hospital's own system has sold everything offers nothing here, and stays.
        migrations.RemoveConstraint(model_name="session", name="session_capacity"),
        migrations.CreateModel(
            name="Feed",
            fields=[
                ("id", _ID.clone()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(max_length=40)),
                ("heard_at", _now()),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(fields=("institution_id", "source"), name="feed_once"),
                ),
            },
        ),
        migrations.CreateModel(
            name="FeedMessage",
            fields=[
                ("id", _ID.clone()),
                ("sequence", models.BigIntegerField()),
                ("full", models.BooleanField()),
                ("digest", models.CharField(max_length=64)),
                ("answer", models.JSONField()),
                ("taken_at", _now()),
                ("feed", _to("capacity.feed", "messages")),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(fields=("feed", "sequence"), name="feed_sequence_once"),
                ),
            },
        ),
        migrations.CreateModel(
            name="FeedDay",
            fields=[
                ("id", _ID.clone()),
                ("day", models.DateField()),
                ("sequence", models.BigIntegerField()),
                ("feed", _to("capacity.feed", "days")),
            ],
            options={
                "constraints": (models.UniqueConstraint(fields=("feed", "day"), name="feed_day_once"),),
            },
        ),
        migrations.CreateModel(
            name="FeedSession",
            fields=[
                ("id", _ID.clone()),
                ("key", models.CharField(help_text="the system's own", max_length=64)),
                ("sequence", models.BigIntegerField()),
                ("day", models.DateField()),
                ("pool", models.CharField(max_length=40)),
                ("physician", models.CharField(db_default="", default="", max_length=80)),
                ("place", models.CharField(db_default="", default="", max_length=80)),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("on_offer", models.BooleanField()),
                ("reason", models.CharField(db_default="", default="", max_length=200)),
                ("feed", _to("capacity.feed", "sessions")),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="capacity.session",
                    ),
                ),
            ],
            options={
                "constraints": (models.UniqueConstraint(fields=("feed", "key"), name="feed_session_once"),),
                "indexes": [models.Index(fields=["feed", "day"], name="feed_session_of_day")],
            },
        ),
        migrations.CreateModel(
            name="FeedSlot",
            fields=[
                ("id", _ID.clone()),
                ("key", models.CharField(max_length=64)),
                ("sequence", models.BigIntegerField()),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("capacity", models.PositiveSmallIntegerField()),
                ("sold", models.PositiveSmallIntegerField()),
                ("told", _to("capacity.feedsession", "slots")),
            ],
            options={
                "constraints": (models.UniqueConstraint(fields=("told", "key"), name="feed_slot_once"),),
            },
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", _ID.clone()),
                ("kind", models.CharField(max_length=15)),
                ("slot_key", models.CharField(db_default="", default="", max_length=64)),
                ("slot_id", models.UUIDField(help_text="ours", null=True)),
                ("said", models.PositiveIntegerField()),
                ("kept", models.PositiveIntegerField()),
                ("words", models.JSONField(db_default={}, default=dict)),
                ("state", models.CharField(max_length=10)),
                ("found_at", _now()),
                ("answered_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("way", models.CharField(db_default="", default="", max_length=12)),
                ("told", _to("capacity.feedsession", "conflicts")),
            ],
            options={
                "constraints": (
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "OVERSOLD",
                                    "STOPPED",
                                    "STOPPED_HERE",
                                    "PHYSICIAN",
                                    "POOL",
                                    "CLASH",
                                    "UNKNOWN",
                                    "LESS_PROMISED",
                                    "PROMISE_SOLD",
                                ],
                            )
                        ),
                        name="conflict_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["OPEN", "SETTLED"])), name="conflict_state"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "OPEN")),
                        fields=("told", "kind", "slot_key"),
                        name="conflict_open_once",
                    ),
                ),
            },
        ),
        migrations.CreateModel(
            name="PlaceFile",
            fields=[
                ("id", _ID.clone()),
                ("institution_id", models.UUIDField()),
                ("file_name", models.CharField(max_length=200)),
                ("content", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("register", models.CharField(db_default="", default="", max_length=20)),
                ("state", models.CharField(max_length=10)),
                ("counts", models.JSONField(db_default={}, default=dict)),
                ("faults", models.JSONField(db_default=[], default=list)),
                ("notes", models.JSONField(db_default=[], default=list)),
                ("uploaded_by_id", models.UUIDField(null=True)),
                ("uploaded_by", models.TextField()),
                ("uploaded_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": (
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["CHECKED", "TAKEN", "DISCARDED"])),
                        name="place_file_state",
                    ),
                ),
                "indexes": [models.Index(fields=["institution_id", "uploaded_at"], name="place_file_of")],
            },
        ),
    ]
