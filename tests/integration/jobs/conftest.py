"""Fixtures of the background work's tests: real child processes, and a database that is wiped after each test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from .driving import Laid, laid_down

_CHILD = Path(__file__).with_name("child.py")


@pytest.fixture(scope="module")
def laid(
    _wuhu: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laid]:
    """芜湖 laid down for drives, once for a file."""
    with django_db_blocker.unblock(), laid_down(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture
def committed(emptied_afterwards: None) -> None:
    """What the test writes is committed, for other processes to see, and wiped after it."""


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    """Where keys and checkpoints of this test lie."""
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def start_child(committed, home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``child.py`` with its arguments on this test's database; it is dead before the database is wiped."""
    parts = {name: quote(str(value), safe="") for name, value in connections["default"].settings_dict.items()}
    environment = os.environ | {
        "TIERCARE_DATABASE_URL": (
            "postgresql://{USER}:{PASSWORD}@/{NAME}?host=".format_map(parts)
            + "{HOST}&port={PORT}".format_map(connections["default"].settings_dict)
        ),
        "TIERCARE_HOME": str(home),
    }
    children: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, str(_CHILD), *arguments], env=environment, stdout=subprocess.PIPE, text=True
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        child.stdout.close()
