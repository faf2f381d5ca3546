"""Do the models say more than the migrations? Asked without a database: only the files are compared."""

from __future__ import annotations

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connections

django.setup()
# makemigrations would also compare with the applied migrations of a live database; Django skips that for its
# dummy back end, which is how projects without a database look.
connections["default"].settings_dict["ENGINE"] = "django.db.backends.dummy"
ours = [app.label for app in apps.get_app_configs() if app.name.startswith("tiercare.")]
call_command("makemigrations", *ours, check_changes=True, dry_run=True)
