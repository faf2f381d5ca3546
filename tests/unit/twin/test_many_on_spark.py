"""Spark plays the years that one machine plays, in the order asked. Where Spark or Java is missing this is skipped, and says so.

In a process of its own: a Spark session has sockets and a Java that live as long as their process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .test_many import TASKS, answered, seen

pytest.importorskip(
    "pyspark", reason="没有 Spark：运行 make test 会装上。Spark is not installed: make test brings it"
)
if shutil.which("java") is None:
    pytest.skip("没有 Spark 要用的 Java 17。There is no Java 17 for Spark.", allow_module_level=True)
ROOT = Path(__file__).parents[3]
ASKED = """
from tests.unit.twin.test_many import TASKS, seen
from tiercare.engines.measures.on_spark import session
from tiercare.engines.twin.many import on_spark
lean = {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
spark = session("local[2]", memory="1g", partitions=1, more=lean)
told = "\\n".join(seen(each) for each in on_spark(spark)(TASKS))
print(told)
spark.stop()
"""


def test_spark_plays_the_same_years_in_the_order_asked() -> None:
    there = dict(os.environ, PYTHONPATH=f"{ROOT}{os.pathsep}{ROOT / 'src'}")
    ran = subprocess.run(
        [sys.executable, "-c", ASKED], capture_output=True, text=True, check=False, env=there, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout.splitlines()[-len(TASKS) :] == [seen(answered(task)) for task in TASKS]
