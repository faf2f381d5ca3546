"""The three roles of the private cluster, their generated passwords, and the addresses made of them."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from .problems import Message, PostgresProblem

ROOT, OWNER, APPLICATION = "tiercare_root", "tiercare_owner", "tiercare_app"
DATABASE = "tiercare"
PORT = 5432  # only names the socket's file; nothing listens on the network


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses of the database for its two roles: the owner migrates, the application serves."""

    owner: str
    application: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """The generated passwords, one a role."""

    tiercare_root: str
    tiercare_owner: str
    tiercare_app: str

    def url(self, role: str, socket: Path, database: str) -> str:
        """``postgresql://role:password@/database?host=/socket/folder&port=5432``."""
        password = asdict(self)[role]
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(socket))}&port={PORT}"


def make_credentials(path: Path) -> Credentials:
    """New passwords, in a file that only we can read; it exists whole or not at all."""
    made = Credentials(*(secrets.token_urlsafe(24) for _ in range(3)))
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(made), file, indent=1)
        file.flush()
        os.fsync(handle)
    draft.rename(path)
    return made


def read_credentials(path: Path) -> Credentials:
    """The passwords of an existing cluster.

    Raises:
        PostgresProblem: ``credentials_lost``.
    """
    try:
        return Credentials(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise credentials_lost(path, str(error)) from error


def credentials_lost(path: Path, reason: str) -> PostgresProblem:
    """The refusal when the passwords are gone or are not those of the database."""
    return PostgresProblem(
        "credentials_lost",
        Message(
            f"数据库密码文件 {path} 不可用({reason})。",
            f"The password file {path} cannot be used ({reason}).",
        ),
        Message(
            f"请从备份恢复 {path}(它与数据目录一起生成);没有备份时,移走整个 {path.parent} 目录再恢复数据库备份。",
            f"Bring {path} back from a copy (it was made with the data folder); without one, move {path.parent} away"
            " and restore a database backup.",
        ),
    )


def ensure_roles(connection: psycopg.Connection, credentials: Credentials) -> None:
    """Make what is missing of roles and database; harmless at every start, so an interrupted first start heals.

    The owner may end other sessions (``pg_signal_backend``): a restore swaps databases, tests drop theirs.
    """
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for role, rights in ((OWNER, sql.SQL("CREATEDB")), (APPLICATION, sql.SQL("NOCREATEDB"))):
        if role in known:
            continue
        password = asdict(credentials)[role].encode()
        sealed = connection.pgconn.encrypt_password(password, role.encode(), b"scram-sha-256").decode()
        statement = sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(role), rights, sql.Literal(sealed)))
    connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(OWNER)))
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        made = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        connection.execute(made)
