"""Consortia, who belongs to them, what they signed and what they answer for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q

from tiercare.kernel.ids import uuid7

from ..rules import Kind, Role
from .base import Basis, never_twice, one_of, searched
from .institutions import Institution


class Consortium(models.Model):
    """A consortium itself; kind and specialty never change (another kind is another consortium)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=24)
    specialty_code = models.CharField(max_length=11, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    approved_by = models.CharField(max_length=120, blank=True)
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.ENTERED)

    class Meta:
        verbose_name_plural = "consortia"
        constraints = [
            one_of("kind", "consortium_kind", Kind),
            models.CheckConstraint(
                name="alliance_has_specialty", condition=~Q(kind="SPECIALTY_ALLIANCE") | ~Q(specialty_code="")
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class ConsortiumVersion(models.Model):
    """What a consortium was in a period; it exists on the days that have a version."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="versions")
    period = DateRangeField()
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=120, blank=True)
    division_code = models.CharField(max_length=6, help_text="the area it is for")
    tight = models.BooleanField(default=False, help_text="紧密型")
    effective = models.BooleanField(default=False, help_text="found effective by an evaluation")
    committee = models.BooleanField(default=False, help_text="a management committee stands over it")
    unified = ArrayField(models.SlugField(max_length=40), default=list, blank=True, help_text="统一管理事项")

    class Meta:
        constraints = [never_twice("one_consortium_version_at_a_time", "consortium")]
        indexes = [
            models.Index(fields=["division_code"], name="consortium_division", include=["period"]),
            *searched("consortium"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """An institution's part in a consortium for a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="memberships")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=14)
    period = DateRangeField()
    consented_on = models.DateField(null=True, blank=True, help_text="the institution's own consent")

    class Meta:
        constraints = [
            never_twice("no_overlapping_membership", "consortium", apart="institution"),
            never_twice("one_lead_per_consortium", "consortium", condition=Q(role="LEAD")),
            one_of("role", "membership_role", Role),
        ]

    def __str__(self) -> str:
        return self.role


class Joining(models.Model):
    """A consortium that belongs, as a whole, to another one for a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    parent = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="children")
    child = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="parents")
    period = DateRangeField()

    class Meta:
        constraints = [
            never_twice("no_overlapping_joining", "parent", apart="child"),
            models.CheckConstraint(name="nobody_joins_itself", condition=~Q(parent=F("child"))),
        ]

    def __str__(self) -> str:
        return "whole"


class CentreLink(models.Model):
    """A specialty alliance linked to a provincial centre of its specialty for a time (NHC-18)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="centres")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="linked_alliances")
    period = DateRangeField()
    linked_by = models.CharField(max_length=120, blank=True, help_text="who recorded it")

    class Meta:
        constraints = [never_twice("no_overlapping_centre_link", "consortium", apart="institution")]

    def __str__(self) -> str:
        return str(self.institution_id)


class Charter(models.Model):
    """A consortium's charter (章程), written by its lead; the newest adopted one is in force."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="charters")
    adopted_on = models.DateField()
    text = models.TextField(blank=True)
    texts = models.JSONField(default=dict, blank=True, help_text="wording by section")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consortium", "adopted_on"], name="one_charter_a_day"),
        ]

    def __str__(self) -> str:
        return self.adopted_on.isoformat()


class CouncilSeat(models.Model):
    """A seat in a consortium's council or management committee, held for an institution or an office."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="council")
    held_by = models.CharField(max_length=120)
    office = models.CharField(max_length=60)
    period = DateRangeField()

    class Meta:
        constraints = [never_twice("one_holder_per_seat", "consortium", "office", "held_by")]

    def __str__(self) -> str:
        return self.office


class Agreement(models.Model):
    """An agreement, usually about a consortium. ``signed_on`` is empty while parties have still to sign;
    ``texts`` holds its wording section by section; ``renews`` names the one it follows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    consortium = models.ForeignKey(
        Consortium, on_delete=models.PROTECT, related_name="agreements", null=True, blank=True
    )
    signed_on = models.DateField(null=True, blank=True)
    texts = models.JSONField(default=dict, blank=True)
    renews = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewals"
    )
    sections = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    period = DateRangeField()
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.ENTERED)

    def __str__(self) -> str:
        return self.title


class AgreementParty(models.Model):
    """A party: an institution, or the government of an area (its division code)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="parties")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, blank=True)
    government_of = models.CharField(max_length=6, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    signed_by = models.CharField(max_length=60, blank=True, help_text="who signed for the party")

    class Meta:
        verbose_name_plural = "agreement parties"
        constraints = [
            models.CheckConstraint(
                name="party_is_one_thing",
                condition=Q(institution__isnull=False, government_of="")
                | (Q(institution__isnull=True) & ~Q(government_of="")),
            ),
            models.UniqueConstraint(
                fields=["agreement", "institution", "government_of"],
                name="one_party_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.government_of or str(self.institution_id)


class Obligation(models.Model):
    """Who owes what to whom by when, under an agreement; ``debtor`` and ``creditor`` are party keys
    (``institution:<slug>`` or ``gov:<division>``)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="obligations")
    debtor = models.CharField(max_length=100)
    creditor = models.CharField(max_length=100)
    text_zh = models.TextField()
    text_en = models.TextField()
    due = models.DateField()
    clause = models.CharField(max_length=10, blank=True)
    met_on = models.DateField(null=True, blank=True)
    met_by = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.text_zh


class Trusteeship(models.Model):
    """One institution runs another for a time (托管); ownership stays where it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    trustee = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="entrusted_with")
    entrusted = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="run_by")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, null=True, blank=True)
    period = DateRangeField()

    class Meta:
        constraints = [
            never_twice("one_trustee_at_a_time", "entrusted"),
            models.CheckConstraint(name="nobody_runs_itself", condition=~Q(trustee=F("entrusted"))),
        ]

    def __str__(self) -> str:
        return "托管"


class Grid(models.Model):
    """A grid (网格) of one region."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    region = models.CharField(max_length=6, help_text="division code of the planning region")
    name = models.CharField(max_length=80)
    period = DateRangeField()

    def __str__(self) -> str:
        return self.name


class GridPlace(models.Model):
    """A place (county-level area or township) that lies in a grid; never in two at once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="places")
    division_code = models.CharField(max_length=9)
    period = DateRangeField()

    class Meta:
        constraints = [never_twice("every_place_in_one_grid", "division_code")]

    def __str__(self) -> str:
        return self.division_code


class Responsibility(models.Model):
    """A consortium answers for a grid for a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="responsibilities")
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="responsibilities")
    period = DateRangeField()

    class Meta:
        verbose_name_plural = "responsibilities"
        constraints = [never_twice("no_overlapping_responsibility", "grid", apart="consortium")]

    def __str__(self) -> str:
        return str(self.grid_id)
