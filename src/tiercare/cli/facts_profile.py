"""A pack's region files as the profile that synthetic facts are made for; the profile itself is the trials' (``apps/trials``)."""

from __future__ import annotations

from tiercare.apps.trials.queries import profiles
from tiercare.apps.trials.rules.trials import NO_REGION
from tiercare.cli.bootstrap import Stop
from tiercare.engines.measures.synth import Profile
from tiercare.engines.policy import Pack
from tiercare.kernel.refusal import Refused


def profile_of(pack: Pack) -> Profile:
    """The profile of a pack's region.

    Raises:
        Stop: the pack lays no region down.
        ValueError: a region without people or hospitals, or whose parts do not fit together.
    """
    try:
        return profiles.profile_of(pack)
    except Refused as refused:
        first = refused.refusals[0]
        if first.code == NO_REGION.code:
            raise Stop(
                f"政策包“{pack.id}”没有机构和区划，无法生成模拟数据；请用 wuhu、taiyuan、xinhui、chuxiong 之一。\n"
                f"The pack “{pack.id}” lays no institutions down: take wuhu, taiyuan, xinhui or chuxiong."
            ) from refused
        raise ValueError(str(first.fields["why"])) from refused
