"""Institutions and what belongs to them."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models import F, Q

from tiercare.kernel.ids import uuid7

from ..rules import Affiliation, Category, Owner
from .base import Basis, never_twice, one_of, searched


class Institution(models.Model):
    """The institution itself, which stays the same through renaming, upgrade and move.

    ``slug`` is the short stable name that packs and imports use; ``social_credit_code`` is GB 32100.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    social_credit_code = models.CharField(max_length=18, null=True, blank=True, unique=True)

    class Meta:
        indexes = [GinIndex(OpClass(F("slug"), name="gin_trgm_ops"), name="institution_slug_trgm")]

    def __str__(self) -> str:
        return self.slug


class InstitutionVersion(models.Model):
    """What an institution was in a period. ``division_code`` is its county-level area on that day's codes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="versions")
    period = DateRangeField()
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=120, blank=True, help_text="pinyin initials, for search")
    category = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField(help_text="1 to 3; 0 where none was given")
    grade = models.CharField(max_length=1, blank=True, help_text="A 甲, B 乙, C 丙")
    owner = models.CharField(max_length=10)
    affiliation = models.CharField(max_length=10)
    funding = models.CharField(max_length=80, blank=True, help_text="channel of public funding")
    division_code = models.CharField(max_length=6)
    township_code = models.CharField(max_length=9, blank=True)
    beds = models.PositiveIntegerField(default=0)
    beds_basis = models.CharField(max_length=10, choices=Basis, default=Basis.ENTERED)
    licence_number = models.CharField(max_length=40, blank=True)
    licence_until = models.DateField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    place_is_illustrative = models.BooleanField(default=False, help_text="示意位置")
    qualified = models.BooleanField(default=False, help_text="recorded as able to lead")
    subcentre = models.BooleanField(default=False, help_text="county sub-centre that passed its evaluation")
    managed_as_level = models.PositiveSmallIntegerField(default=0)
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.ENTERED)

    class Meta:
        constraints = [
            never_twice("one_version_at_a_time", "institution"),
            one_of("category", "institution_category", Category),
            one_of("owner", "institution_owner", Owner),
            one_of("affiliation", "institution_affiliation", Affiliation),
            models.CheckConstraint(name="institution_level", condition=Q(level__gte=0, level__lte=3)),
            models.CheckConstraint(name="institution_grade", condition=Q(grade__in=["", "A", "B", "C"])),
        ]
        indexes = [
            GistIndex(fields=["period"], name="institution_period"),
            # In the order of lists, and with the days: a list is cut, and a day counted, without its table.
            models.Index(
                F("division_code"),
                F("level").desc(),
                F("name"),
                F("id"),
                name="institution_division",
                include=["period"],
            ),
            *searched("institution"),
        ]

    def __str__(self) -> str:
        return self.name


class LicensedSpecialty(models.Model):
    """A registered 诊疗科目 (first or second level, ``03`` or ``03.04``)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="specialties")
    code = models.CharField(max_length=11)
    period = DateRangeField()

    class Meta:
        constraints = [never_twice("one_licence_per_specialty", "institution", "code")]

    def __str__(self) -> str:
        return self.code


class KeySpecialty(models.Model):
    """A national, provincial or prefecture key clinical specialty (重点专科)."""

    class Rank(models.TextChoices):
        """Who ranked it."""

        NATIONAL = "NATIONAL", "国家级"
        PROVINCIAL = "PROVINCIAL", "省级"
        PREFECTURE = "PREFECTURE", "市（州）级"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="key_specialties")
    code = models.CharField(max_length=11)
    rank = models.CharField(max_length=10, choices=Rank)
    period = DateRangeField()
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.ENTERED)

    class Meta:
        constraints = [
            never_twice("one_rank_per_specialty", "institution", "code"),
            models.CheckConstraint(
                name="key_specialty_rank", condition=Q(rank__in=["NATIONAL", "PROVINCIAL", "PREFECTURE"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.rank}"


class Facility(models.Model):
    """Something an institution has or runs: a telemedicine node, an imaging centre, a referral office …"""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="facilities")
    kind = models.SlugField(max_length=40)
    period = DateRangeField()

    class Meta:
        verbose_name_plural = "facilities"
        constraints = [never_twice("one_facility_of_a_kind", "institution", "kind")]

    def __str__(self) -> str:
        return self.kind


class Department(models.Model):
    """A department, with the licensed specialty it works under."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="departments")
    name = models.CharField(max_length=80)
    specialty_code = models.CharField(max_length=11)
    period = DateRangeField()

    class Meta:
        constraints = [never_twice("one_department_of_a_name", "institution", "name")]

    def __str__(self) -> str:
        return self.name


class Equipment(models.Model):
    """Large equipment, counted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="equipment")
    kind = models.SlugField(max_length=40)
    model = models.CharField(max_length=80, blank=True)
    count = models.PositiveSmallIntegerField()
    period = DateRangeField()

    class Meta:
        verbose_name_plural = "equipment"
        constraints = [never_twice("one_count_of_a_kind", "institution", "kind", "model")]

    def __str__(self) -> str:
        return f"{self.kind} × {self.count}"


class Clinician(models.Model):
    """A clinician, one row for life; where he or she practises stands in ``PracticeSite``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(max_length=40, null=True, blank=True, unique=True, help_text="医务人员编码")
    name = models.CharField(max_length=40)
    initials = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=40, blank=True)
    scope_code = models.CharField(max_length=11, blank=True, help_text="执业范围, as a licensed specialty")
    synthetic = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class PracticeSite(models.Model):
    """Where a clinician practises: registered there, or without re-registration under an agreement (YN-59)."""

    class Ground(models.TextChoices):
        """On what ground."""

        REGISTERED = "REGISTERED", "注册"
        AGREEMENT = "AGREEMENT", "帮扶或托管协议"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="sites")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="clinicians")
    ground = models.CharField(max_length=10, choices=Ground)
    agreement = models.ForeignKey("network.Agreement", on_delete=models.PROTECT, null=True, blank=True)
    period = DateRangeField()

    class Meta:
        constraints = [
            never_twice("one_practice_per_site", "clinician", apart="institution"),
            models.CheckConstraint(
                name="practice_site_has_ground",
                condition=Q(ground="REGISTERED", agreement__isnull=True)
                | Q(ground="AGREEMENT", agreement__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.ground


class Succession(models.Model):
    """From ``on`` what was ``old`` is found at ``new``: a merger has one heir, a split several."""

    class Kind(models.TextChoices):
        """What became of the old one."""

        MERGED = "MERGED", "并入"
        SPLIT = "SPLIT", "分设"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    old = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="heirs")
    new = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="forebears")
    on = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["old", "new", "on"], name="one_succession"),
            models.CheckConstraint(name="nobody_succeeds_itself", condition=~Q(old=models.F("new"))),
            models.CheckConstraint(name="succession_kind", condition=Q(kind__in=["MERGED", "SPLIT"])),
        ]

    def __str__(self) -> str:
        return self.kind


class Reported(models.Model):
    """When somebody last kept one of an institution's registers, or confirmed that nothing changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="reports")
    register = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "reported"
        constraints = [models.UniqueConstraint(fields=["institution", "register"], name="one_report")]

    def __str__(self) -> str:
        return self.register
