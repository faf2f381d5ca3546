"""The installation's own row (synthetic mark, version) and the rights of the serving role."""

from __future__ import annotations

from django.db import connections, transaction
from psycopg import sql

from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..models import Event, Installation

INSTALLATION_ID = stable_id("ledger", "installation")
# What nobody changes: triggers refuse it to the owner too.
APPEND_ONLY = ("ledger_event", "ledger_reading", "ledger_seal", "ledger_checkpoint")
# What the serving role may only read; all but the first two it fills through functions (migration 0003), and of
# the installation it may also set the clock.
READ_ONLY = (
    *("ledger_installation", "django_migrations"),
    *("ledger_event", "ledger_reading", "ledger_unsealed", "ledger_seal"),
)


def mark_synthetic(*, connection_alias: str = "owner") -> None:
    """Mark this database as holding synthetic residents only, for good. Done by the owner role, while empty.

    Raises:
        Refused: if the ledger already holds events and the database was not marked before.
    """
    with transaction.atomic(using=connection_alias):
        row = Installation.objects.using(connection_alias).get()
        if not row.synthetic and Event.objects.using(connection_alias).exists():
            raise Refused(_IN_USE)
        Installation.objects.using(connection_alias).update(synthetic=True)


def record_version(*, version: str, connection_alias: str = "owner") -> None:
    """Note the version of the program that has just migrated this database."""
    Installation.objects.using(connection_alias).update(schema_version=version)


def grant_serving_role(
    *, role: str, connection_alias: str = "owner", append_only: tuple[str, ...] = ()
) -> None:
    """Give ``role`` what serving needs on all tables, and nothing more. Run by the owner after each migration.

    ``append_only`` names tables of higher apps to add to our own. The role can read and write rows, use
    sequences and functions; it cannot create anything, truncate, or rewrite the ledger, and adds to the ledger
    only through ``ledger_append`` and ``ledger_seal_batch``.

    Raises:
        Refused: if ``role`` owns the tables or is a superuser, since grants do not bind such a role.
    """
    with transaction.atomic(using=connection_alias), connections[connection_alias].cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolname = current_user FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
        if found is None or found[0]:
            raise Refused(_unfit_role(role))
        for statement in _GRANTS:
            cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
        for table in (*APPEND_ONLY, *append_only):
            cursor.execute(_on("REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}", table, role))
        for table in READ_ONLY:
            cursor.execute(_on("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {role}", table, role))
        cursor.execute(_on("REVOKE INSERT, DELETE ON {table} FROM {role}", "ledger_delivery", role))
        cursor.execute(
            _on(
                "GRANT UPDATE (clock_override, clock_lent, clock_before) ON {table} TO {role}",
                "ledger_installation",
                role,
            )
        )


_GRANTS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "REVOKE CREATE ON SCHEMA public FROM {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
)


def _on(statement: str, table: str, role: str) -> sql.Composed:
    return sql.SQL(statement).format(table=sql.Identifier(table), role=sql.Identifier(role))


def _unfit_role(role: str) -> Refusal:
    return Refusal(
        code="ledger.unfit_serving_role",
        message=Text(
            "角色 {role} 不存在，或是超级用户、表的所有者，不能用于对外服务。",
            "The role {role} does not exist, or is a superuser or the owner of the tables, and cannot serve.",
        ),
        instead=Text(
            "请另建一个普通角色，用 TIERCARE_DATABASE_URL 指定；所有者写入 TIERCARE_DATABASE_ADMIN_URL。",
            "Create a plain role and name it in TIERCARE_DATABASE_URL; name the owner in TIERCARE_DATABASE_ADMIN_URL.",
        ),
        fields={"role": role},
    )


_IN_USE = Refusal(
    code="ledger.already_in_use",
    message=Text(
        "本数据库已有业务留痕，不能再标记为演示数据。",
        "This database already holds events, so it cannot be marked as synthetic any more.",
    ),
    instead=Text(
        "请新建一个空数据库再铺设演示数据。", "Lay the demonstration data down in a new, empty database."
    ),
)
