"""Indexes for lists, searches and look-ups of a whole country; see ``models.base.never_twice`` and ``searched``."""

import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0003_registers_drafts_and_standing"),
        ("terms", "0001_initial"),  # pg_trgm
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="joining",
            name="no_overlapping_joining",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="no_overlapping_membership",
        ),
        migrations.RemoveConstraint(
            model_name="practicesite",
            name="one_practice_per_site",
        ),
        migrations.RemoveConstraint(
            model_name="responsibility",
            name="no_overlapping_responsibility",
        ),
        migrations.RemoveIndex(
            model_name="consortiumversion",
            name="consortium_division",
        ),
        migrations.RemoveIndex(
            model_name="institutionversion",
            name="institution_division",
        ),
        migrations.AddIndex(
            model_name="consortiumversion",
            index=models.Index(fields=["division_code"], include=("period",), name="consortium_division"),
        ),
        migrations.AddIndex(
            model_name="consortiumversion",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("name"), name="gin_trgm_ops"),
                name="consortium_name_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="consortiumversion",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("initials"), name="gin_trgm_ops"),
                name="consortium_initials_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="institutionversion",
            index=models.Index(
                models.F("division_code"),
                models.OrderBy(models.F("level"), descending=True),
                models.F("name"),
                models.F("id"),
                include=("period",),
                name="institution_division",
            ),
        ),
        migrations.AddIndex(
            model_name="institutionversion",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("name"), name="gin_trgm_ops"),
                name="institution_name_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="institutionversion",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("initials"), name="gin_trgm_ops"),
                name="institution_initials_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="institution",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("slug"), name="gin_trgm_ops"),
                name="institution_slug_trgm",
            ),
        ),
        migrations.AddConstraint(
            model_name="joining",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                expressions=[
                    ("parent", "="),
                    (django.db.models.functions.comparison.Cast("child", models.TextField()), "="),
                    ("period", "&&"),
                ],
                name="no_overlapping_joining",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                expressions=[
                    ("consortium", "="),
                    (django.db.models.functions.comparison.Cast("institution", models.TextField()), "="),
                    ("period", "&&"),
                ],
                name="no_overlapping_membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="practicesite",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                expressions=[
                    ("clinician", "="),
                    (django.db.models.functions.comparison.Cast("institution", models.TextField()), "="),
                    ("period", "&&"),
                ],
                name="one_practice_per_site",
            ),
        ),
        migrations.AddConstraint(
            model_name="responsibility",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                expressions=[
                    ("grid", "="),
                    (django.db.models.functions.comparison.Cast("consortium", models.TextField()), "="),
                    ("period", "&&"),
                ],
                name="no_overlapping_responsibility",
            ),
        ),
    ]
