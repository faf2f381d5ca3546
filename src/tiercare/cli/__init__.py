"""The ``tiercare`` command.

Django is set up here, once, so that every module of this package may import the apps at its top. The
private database is not started by that: ``bootstrap.ready`` does it and points the connections at it.
"""

from __future__ import annotations

import gc
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tiercare.config.settings")
gc.disable()  # what is imported stays: looking through it for rubbish costs a tenth of every command's start
try:
    django.setup()
except (ImproperlyConfigured, ValueError) as error:  # settings that the environment spoils
    sys.exit(f"环境变量有误，无法启动。 The environment holds a wrong setting.\n  {error}")
finally:
    gc.freeze()  # nor is it looked through later
    gc.enable()
