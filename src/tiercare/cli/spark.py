"""Spark for the commands that can use it: measures over a province's facts, many simulated years."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tiercare.cli.bootstrap import Stop


def spark() -> Any:
    """``engines.measures.on_spark``.

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


def session(master: str) -> Any:
    """A session on this machine (``local[2]``) or on a cluster.

    Raises:
        Stop: Spark is not installed here, has no Java, or there is no such cluster.
    """
    made = spark().session
    unstarted = (
        import_module("pyspark.errors").PySparkException,
        import_module("py4j.protocol").Py4JError,
    )
    try:
        return made(master)
    except unstarted as error:
        raise Stop(
            f"Spark 没有启动，--spark-master 为“{master}”。需要 Java 17；本机写 local[2]，集群写 spark://主机:7077。\n"
            f"Spark did not start with --spark-master “{master}”: it needs Java 17; write local[2] for this machine, "
            f"spark://host:7077 for a cluster."
        ) from error
