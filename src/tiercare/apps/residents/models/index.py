"""The index itself: residents, their numbers, and the tokens by which names are found.

All three stand under row-level security (migration 0002). Numbers, phones and the detail of the address are
sealed (``kernel.secrecy``); names, sex, birth date and the area are plain, behind the wall.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import UNIQUE_KINDS, IdentityKind, Sex


class Resident(models.Model):
    """One entry of the index. ``master_id`` is set where it was found to be the same person as another entry.

    A merge writes only this column: whatever hangs on the entry elsewhere stays, and readers resolve the person.
    ``institution_id`` registered the resident; with ``keeps_file`` it is the primary-care institution that keeps
    the file and may read it without a visit. ``known_at`` holds all institutions whose lists show the resident.
    ``identity_sealed`` and ``phone_sealed`` repeat the foremost document and phone, so that a list needs no join.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    master_id = models.UUIDField(null=True)
    name = models.CharField(max_length=50)
    sex = models.CharField(max_length=1)
    birth_date = models.DateField(null=True)
    nation = models.CharField(max_length=2, default="", db_default="")
    division_code = models.CharField(max_length=12)
    address_sealed = models.BinaryField(null=True)
    identity_kind = models.CharField(max_length=20)
    identity_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    institution_id = models.UUIDField()
    keeps_file = models.BooleanField(default=False, db_default=False)
    known_at = ArrayField(models.UUIDField())
    temporary = models.BooleanField(default=False, db_default=False)
    synthetic = models.BooleanField(default=False, db_default=False)
    deceased_on = models.DateField(null=True)
    moved_out_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1, db_default=1)
    registered_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(sex__in=[each.value for each in Sex]), name="resident_sex"),
            models.CheckConstraint(
                condition=Q(identity_kind__in=[each.value for each in IdentityKind]),
                name="resident_identity_kind",
            ),
            models.CheckConstraint(
                condition=Q(master_id=None) | ~Q(master_id=F("id")), name="resident_not_own_master"
            ),
            models.CheckConstraint(
                condition=Q(deceased_on=None) | Q(birth_date=None) | Q(deceased_on__gte=F("birth_date")),
                name="resident_died_after_birth",
            ),
        )
        indexes = (
            models.Index(fields=["master_id"], condition=Q(master_id__isnull=False), name="resident_merged"),
            models.Index(fields=["division_code", "id"], name="resident_in_area"),
            models.Index(
                fields=["id"], condition=Q(temporary=True, master_id=None), name="resident_unclaimed"
            ),
        )


class Identifier(models.Model):
    """A number of a resident, sealed, with the blind index under which it is found. Corrected numbers retire."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    institution_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    sealed = models.BinaryField()
    blind = models.BinaryField()
    note = models.CharField(max_length=40, default="", db_default="")
    recorded_at = models.DateTimeField(db_default=TiercareNow())
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=[each.value for each in IdentityKind]), name="identifier_kind"
            ),
            models.UniqueConstraint(
                fields=["kind", "blind"],
                condition=Q(retired_at=None, kind__in=[kind.value for kind in UNIQUE_KINDS]),
                name="identifier_of_one_person",
            ),
        )
        indexes = (models.Index(fields=["blind"], condition=Q(retired_at=None), name="identifier_blind"),)


class Token(models.Model):
    """A spelling under which an institution finds a resident; the empty one is its list of residents.

    Rows of the nil institution are blocking keys for the duplicate check at registration; no policy shows them.
    """

    pk = models.CompositePrimaryKey("institution_id", "token", "resident_id")
    institution_id = models.UUIDField()
    token = models.CharField(max_length=120, db_collation="C")
    resident_id = models.UUIDField()
