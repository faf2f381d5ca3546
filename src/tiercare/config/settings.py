"""Django settings. What differs between installations comes from the environment (``env.py``); what the
policy says never stands here: limits are parameters of the packs."""

from __future__ import annotations

import os
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path

from . import env

PACKAGE = Path(__file__).resolve().parents[1]
HOME = env.home()
DEBUG = env.flag("TIERCARE_DEBUG")
SECRET_KEY = env.secret_key()
ALLOWED_HOSTS = env.words("TIERCARE_HOSTS", "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("TIERCARE_ORIGINS")
HTTPS = env.flag("TIERCARE_HTTPS")
POLICY_PACKS = [Path(part) for part in os.environ.get("TIERCARE_PACKS", "").split(os.pathsep) if part]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    "tiercare.apps.ledger",
    "tiercare.apps.access",
    "tiercare.apps.terms",
    "tiercare.apps.mandates",
    "tiercare.apps.network",
    "tiercare.apps.residents",
    "tiercare.apps.messages",
    "tiercare.apps.records",
    "tiercare.apps.capacity",
    "tiercare.apps.exchange",
    "tiercare.apps.referrals",
    "tiercare.apps.evaluation",
    "tiercare.apps.planning",
    "tiercare.apps.trials",
    "tiercare.jobs",
    "tiercare.web",
]

MIDDLEWARE = [
    "tiercare.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tiercare.web.middleware.Sessions",
    "tiercare.web.middleware.ChosenLanguage",
    "tiercare.web.marks.Marked",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tiercare.web.refused.LoggedRefusals",
    "tiercare.web.middleware.ActingPerson",
    "tiercare.web.middleware.ReadsWriteNothing",
]

ROOT_URLCONF = "tiercare.config.urls"
WSGI_APPLICATION = "tiercare.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tiercare.web.shell.context",
            ],
        },
    }
]

# Two roles: the application serves and cannot change tables or rewrite the ledger; the owner migrates.
_APPLICATION_URL = os.environ.get("TIERCARE_DATABASE_URL", "postgresql:///tiercare")
# After a restart of the database the pool tries its idle connections one by one, waiting longer each time:
# so few may idle, and not for long; who gets none within ten seconds is better told than kept waiting.
_POOL = {"min_size": 1, "max_size": 10, "max_idle": 60, "timeout": 10}
DATABASES = {
    "default": env.database(_APPLICATION_URL)
    | {
        "CONN_HEALTH_CHECKS": True,
        # Plans are kept where a statement asks for it (ledger/prepared.py); Django would switch that off.
        "OPTIONS": {"pool": _POOL, "application_name": "tiercare", "prepare_threshold": 5},
    },
    "owner": env.database(os.environ.get("TIERCARE_DATABASE_ADMIN_URL", _APPLICATION_URL))
    | {"OPTIONS": {"application_name": "tiercare owner"}, "TEST": {"MIRROR": None}},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
# Of some roles a second factor is always demanded (access.rules.staff); with this of everybody who works here.
SECOND_FACTOR_OF_ALL = env.flag("TIERCARE_SECOND_FACTOR_OF_ALL")
# How many days of places `make run` plays in a demonstration before it serves; 0 plays none.
DEMO_DAYS = env.count("TIERCARE_DEMO_DAYS", 30)
# How one-time codes and words to residents reach them: a class that takes a telephone and a text; by default a file.
SHORT_MESSAGES = os.environ.get(
    "TIERCARE_SHORT_MESSAGES", "tiercare.apps.access.commands.short_messages.FileSender"
)
# Where the addresses and keys of the insurers' interfaces stand; empty: insurers.json in the home directory.
INSURERS = os.environ.get("TIERCARE_INSURERS", "")
# The fact tables: Parquet files, and what was uploaded and not yet taken. Larger files than the limit (in MB) come in by
# `tiercare facts import`, which keeps no browser waiting.
FACTS_ROOT = Path(os.environ.get("TIERCARE_FACTS") or HOME / "facts")
FACTS_UPLOAD_MB = env.count("TIERCARE_FACTS_UPLOAD_MB", 200)
SESSION_ENGINE = "tiercare.apps.access.models.sessions"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "tiercare_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "tiercare_device"
# Only what these say about where a request comes from (X-Forwarded-For) is believed.
TRUSTED_PROXIES = [ip_network(word, strict=False) for word in env.words("TIERCARE_TRUSTED_PROXIES")]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "tiercare_language"
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = "tiercare.web.formats"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    # Some thousand people a minute come too late in a rush (409): a line for each would tell nobody anything.
    "filters": {
        "no_lost_races": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", None) != HTTPStatus.CONFLICT,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Who was refused what: one line each, without anything of residents.
        "tiercare.refused": {"level": "INFO"},
        "django.request": {"filters": ["no_lost_races"]},
    },
}
