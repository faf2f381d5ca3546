"""Spark for the commands that can use it: measures over a province's facts, many simulated years."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tiercare.cli.bootstrap import Stop


def spark() -> Any:
    """``engines.measures.on_spark``, which brings the session.

    Raises:
        Stop: Spark is not installed here.
    """
    try:
        return import_module("tiercare.engines.measures.on_spark")
    except ImportError as error:
        raise Stop(
            f"这里没有装 Spark（{error.name}）。请安装 tiercare[spark] 和 Java 17，或不用 Spark 计算。\n"
            f"Spark is not installed here ({error.name}): install tiercare[spark] and Java 17, or compute without it."
        ) from error
