"""The app of shared terms: divisions with their code history, and licensed specialties."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TermsConfig(AppConfig):
    """Divisions, outlines, neighbours, specialties."""

    name = "tiercare.apps.terms"
    label = "terms"
    verbose_name = _("行政区划与诊疗科目")
