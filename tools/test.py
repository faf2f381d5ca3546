"""`make test`: a private PostgreSQL for the tests, a Chromium for the journeys, Spark for the measures, then pytest; its exit code is ours.

python tools/test.py [--database embedded|system] [-- pytest's arguments]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

import chromium
import setup
import spark

from tiercare.postgres import Binaries, Cluster, PostgresProblem, find_binaries

# Four for two cores: two go through the journeys and mostly wait for their browsers, and who starts processes waits for them.
# A file at a time and the longest first (tests/scheduling.py), each worker
# with a database of its own.
WORKERS = 4
URL, ADMIN_URL = "TIERCARE_DATABASE_URL", "TIERCARE_DATABASE_ADMIN_URL"
# The server is the tests' own: what databases are copied from stays there.
OWN = {"TIERCARE_TEST_TEMPLATES_KEPT": "1"}


def system_binaries() -> Binaries:
    """Programs of the distribution's PostgreSQL, installed first where that is possible.

    Raises:
        PostgresProblem: when there are none and we may not install any.
    """
    try:
        return find_binaries("system")
    except PostgresProblem:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise
    with setup.step("安装系统的 PostgreSQL", "installing the distribution's PostgreSQL"):
        setup.run(["apt-get", "update", "-q"], "apt-get update")
        known = (
            subprocess.run(
                ["apt-cache", "show", "postgresql-15"], capture_output=True, check=False
            ).returncode
            == 0
        )
        package = "postgresql-15" if known else "postgresql"
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", package]
        setup.run(install, " ".join(install), DEBIAN_FRONTEND="noninteractive")
    return find_binaries("system")


def pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """Run the suite in a process of its own."""
    # A whole run leaves the record of the clauses it showed; a part of the suite cannot.
    whole = ["--write-ledger", "-n", str(WORKERS), "--dist", "loadfile"]
    command = [sys.executable, "-m", "pytest", *(arguments or whole)]
    # The suite starts some hundred processes of ours: compiled once, not by each, whatever this shell says.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(command, cwd=setup.ROOT, env={**kept, **environment}, check=False).returncode


def main() -> int:
    """Bring what the suite needs, run it, end the database again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=("embedded", "system"), default="embedded")
    parser.add_argument("arguments", nargs="*")
    asked = parser.parse_args()
    environment = {"CHROMIUM": chromium.ensure() or ""}
    spark.ensure()
    if os.environ.get(URL):
        print(f"使用 {URL} 指定的服务器 using the server of {URL}")
        return pytest(asked.arguments, environment)
    try:
        binaries = find_binaries("embedded") if asked.database == "embedded" else system_binaries()
        cluster = Cluster(setup.ROOT / "var" / "test" / asked.database, binaries=binaries)
        urls = cluster.start(owned=True)
    except (PostgresProblem, setup.Missing) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"PostgreSQL {binaries.version} ({asked.database})", flush=True)
    # The server ends with the last run that owns it: another one beside this may still need it.
    return pytest(asked.arguments, {**environment, **OWN, URL: urls.application, ADMIN_URL: urls.owner})


if __name__ == "__main__":
    sys.exit(main())
