"""What the matrix asks about of trials: one of the city's that waits."""

from __future__ import annotations

from datetime import date

from tiercare.apps.trials import commands

from .world import CITY, World


def trials_planted(world: World) -> dict[str, str]:
    """Its id."""
    asked = commands.Asked(
        "示例：试算", b={"reserve_share": 0.3}, on=date(2019, 7, 1), residents=2000, seeds=3
    )
    return {"trial": str(commands.ask_trial(world.actor("commission@own"), CITY, asked))}
