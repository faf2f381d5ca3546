"""Sessions, each with whose it is and from where. Named in the settings as the engine of sessions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection, models

from .. import sql
from ..rules import sessions as rules


class Session(AbstractBaseSession):
    """A session with whose it is, so that a person sees their own and disabling an account ends all of its."""

    account = models.ForeignKey("access.Account", on_delete=models.CASCADE, null=True, related_name="+")
    source = models.CharField(max_length=45, default="", db_default="")
    device = models.CharField(max_length=80, default="", db_default="")
    started_at = models.DateTimeField(null=True)

    class Meta:
        pass

    @classmethod
    def get_session_store_class(cls) -> type[DatabaseStore]:
        """The store that keeps its sessions here."""
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's store in the database, on our table; what was already read with the request is not read again."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this session; whose it is, from where and since when follow from what it holds."""
        row: Session = super().create_model_instance(data)
        row.account_id = data.get(SESSION_KEY)
        row.source = data.get(rules.SOURCE, "")
        row.device = data.get(rules.DEVICE, "")
        began = data.get(rules.SIGNED_IN_AT)
        row.started_at = None if began is None else datetime.fromtimestamp(began, UTC)
        return row

    def hold(self, data: dict[str, Any]) -> None:
        """Take ``data`` for what the row of this key holds, instead of reading the row."""
        self._session_cache = data

    def mark_seen(self, moment: float, *, stored: str) -> None:
        """Remember ``moment`` (Unix time) as the last use, in one statement that a read may write.

        ``stored`` is the row's data as this request read it: where another request has written since, or the
        session has ended, nothing is written over it.
        """
        self._session_cache[rules.SEEN_AT] = moment
        with connection.cursor() as cursor:
            cursor.execute(sql.SEEN, [self.encode(self._session_cache), self.session_key, stored])

    def delete(self, session_key: str | None = None) -> None:
        """End the session on the server, in one statement that a read may write: a session that ran out ends so."""
        key = session_key or self.session_key
        if key is not None:
            with connection.cursor() as cursor:
                cursor.execute(sql.END, [key])
