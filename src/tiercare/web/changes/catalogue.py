"""Every kind of change that there is a form for, in the groups in which people look for it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from . import institutions, membership, reorganising
from .acts import ActForm

GROUPS: tuple[tuple[str, tuple[type[ActForm], ...]], ...] = (
    (
        gettext_noop("医联体和成员"),
        (
            membership.Join,
            membership.Leave,
            membership.Lead,
            membership.Whole,
            membership.Unwhole,
            membership.FormConsortium,
        ),
    ),
    (
        gettext_noop("机构、托管和协议"),
        (
            institutions.Level,
            institutions.Convert,
            institutions.Entrust,
            institutions.Release,
            institutions.Agree,
        ),
    ),
    (
        gettext_noop("重组"),
        (
            reorganising.MergeInstitutions,
            reorganising.SplitInstitution,
            reorganising.RenameInstitution,
            reorganising.CloseInstitution,
            reorganising.MergeConsortia,
            reorganising.SplitConsortium,
            reorganising.RenameConsortium,
            reorganising.Dissolve,
        ),
    ),
)
FORMS: Mapping[str, type[ActForm]] = {form.act: form for _, forms in GROUPS for form in forms}


def no_such_act(act: str) -> Refusal:
    """There is no form of this kind."""
    return Refusal(
        code="no_such_kind_of_change",
        message=Text("没有“{act}”这种变更。", "There is no kind of change “{act}”."),
        instead=Text("请从“试一试变更”中选择。", "Choose one under “Try a change”."),
        fields={"act": act[:40]},
        status=404,
    )
