"""What the environment may say, each read in one place, each missing one named with its remedy."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tiercare.kernel.files import write_once


def home() -> Path:
    """Where this installation keeps its files: database, keys, logs (``TIERCARE_HOME``)."""
    given = os.environ.get("TIERCARE_HOME")
    if given:
        return Path(given).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "var"
    return Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "tiercare"


def flag(name: str) -> bool:
    """True if the variable is set to anything but an empty string, ``0``, ``no`` or ``false``."""
    return os.environ.get(name, "").lower() not in {"", "0", "no", "false"}


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def count(name: str, default: int) -> int:
    """A whole number from 0 on.

    Raises:
        ValueError: for anything else.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    if not (given.isascii() and given.isdigit()):
        raise ValueError(f"{name} must be a whole number from 0 on, not {given!r}")
    return int(given)


def secret_key() -> str:
    """``TIERCARE_SECRET_KEY``, or one made once and kept in the home directory, readable by its owner only."""
    given = os.environ.get("TIERCARE_SECRET_KEY")
    if given:
        return given
    path = home() / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_once(path, secrets.token_urlsafe(50).encode())
    return path.read_text().strip()


def database(url: str) -> dict[str, object]:
    """Django's settings for ``postgresql://user:password@host:port/name?host=/socket/dir``.

    Raises:
        ValueError: for any other scheme: Tiercare runs on PostgreSQL only.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(
            f"TIERCARE_DATABASE_URL must start with postgresql://, not {parts.scheme or 'nothing'}://"
        )
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "tiercare",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": query.get("port", str(parts.port or "")),
    }
