"""What every row of the record has: whose it is, who made it, and by which key the sending system knows it."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import HERE


class Entry(models.Model):
    """``resident_id`` is an entry of the index; readers resolve the person. ``institution_id`` made the row.

    ``source`` is the code of the sending system (``here`` for our own pages), ``source_key`` its key of the row: the
    same key from the same institution is the same row, so a feed may be sent twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    source = models.CharField(max_length=30, default=HERE, db_default=HERE)
    source_key = models.CharField(max_length=120, default="", db_default="")
    made_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        abstract = True


class Withdrawable(Entry):
    """A row that its institution may withdraw, as entered in error (a wrong patient). It stays, and the wall hides it from
    every reading but one (migration 0003, ``queries.withdrawn``). ``replaced_by`` is the row that came in its place.
    """

    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=200, default="", db_default="")
    withdrawn_by_name = models.CharField(max_length=50, default="", db_default="")
    replaced_by = models.UUIDField(null=True)

    class Meta:
        abstract = True


def once(name: str) -> models.UniqueConstraint:
    """One row a key of the sending system."""
    return models.UniqueConstraint(
        fields=["institution_id", "source", "source_key"], condition=~Q(source_key=""), name=name
    )


def once_standing(name: str) -> models.UniqueConstraint:
    """As ``once``, of the rows that stand: a key whose row was withdrawn may come again."""
    return models.UniqueConstraint(
        fields=["institution_id", "source", "source_key"],
        condition=~Q(source_key="") & Q(withdrawn_at=None),
        name=name,
    )


def withdrawn_with_reason(name: str) -> models.CheckConstraint:
    """Who withdraws says why."""
    stands = Q(withdrawn_at=None, withdrawn_reason="", withdrawn_by_name="", replaced_by=None)
    return models.CheckConstraint(
        condition=stands | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""), name=name
    )


def among(field: str, values: type[StrEnum], name: str) -> models.CheckConstraint:
    """``field`` holds one of the codes of a vocabulary."""
    codes = [each.value for each in values]
    return models.CheckConstraint(condition=Q(**{f"{field}__in": codes}), name=name)
