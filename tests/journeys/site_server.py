"""A whole platform for the browser: a database of its own with 芜湖 and one planted fault, and the web server.

Run as a program by ``conftest.py``; the address of the database and the home come from the environment. The
fault: from 2019-08-01 on one county community has a second tertiary partner (WH-27, 原则上). The county hospital
offers places from tomorrow on, and some residents have a family doctor (``planted_places``).
"""

from __future__ import annotations

import os
import sys
from datetime import date

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg.types.range import DateRange

FAULT_FROM = date(2019, 8, 1)
REGION = "wuhu"


def prepare() -> None:
    """Migrate, lay down, plant the fault and some places, collect the static files."""
    django.setup()
    from planted_places import plant
    from planted_requests import plant as plant_requests

    from tiercare.apps.ledger.commands import grant_serving_role
    from tiercare.apps.network import models
    from tiercare.cli import demonstration

    call_command("migrate", database="owner", verbosity=0)
    grant_serving_role(role=settings.DATABASES["default"]["USER"])
    demonstration.lay_down(REGION)
    first, second = models.Joining.objects.filter(parent__kind="URBAN_RURAL").order_by("parent__slug")[:2]
    models.Joining.objects.create(parent=second.parent, child=first.child, period=DateRange(FAULT_FROM, None))
    plant()
    plant_requests()
    connections.close_all()
    call_command("collectstatic", interactive=False, verbosity=0)


if __name__ == "__main__":
    prepare()
    os.execv(
        sys.executable,
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "tiercare.config.wsgi:application"),
            *("--host", "127.0.0.1", "--port", sys.argv[1], "--blocking-threads", "4", "--no-access-log"),
        ],
    )
