"""The same acts by HTTP: through sign-in, token, key and the API, by the demonstration's accounts, at a platform that serves.

Only two houses have accounts, the hospital and the clinic that the demonstration shows; a drive by HTTP plays on those. What no
endpoint does in one act (a bed, going down, residents for themselves) goes by the command as before.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings

from tiercare.apps.access import queries as access
from tiercare.apps.access.rights import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .calls import Answer, Asked
from .ground import Ground

_ACCOUNTS = "demo_accounts.json"
_ROLES = (Role.PRIMARY_DOCTOR, Role.REFERRAL_OFFICE, Role.CLINICIAN)
_SECONDS = 60.0
_ENDED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass
class Line:
    """One account's line to the server, signed in when it is first needed, and again when the session has run out."""

    address: str
    username: str
    password: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, asked: Asked, key: str) -> tuple[int, Mapping[str, str], bytes]:
        """One write; status, headers and body of the answer.

        Raises:
            OSError: if the server cannot be reached.
        """
        if not self.cookies:
            self._sign_in()
        answer = self._write(asked, key)
        if answer[0] in _ENDED:
            self._sign_in()
            answer = self._write(asked, key)
        return answer

    def _write(self, asked: Asked, key: str) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._send("POST", asked.path, json.dumps(asked.body), headers)

    def _sign_in(self) -> None:
        self.cookies = {}
        self._send("GET", "/sign-in", "", {})
        form = {
            "username": self.username,
            "password": self.password,
            "csrfmiddlewaretoken": self.cookies.get("csrftoken", ""),
        }
        status, _, _ = self._send(
            "POST", "/sign-in", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        if status != HTTPStatus.FOUND:
            raise Refused(replace(_NOT_SIGNED_IN, fields={"username": self.username, "status": status}))

    def _send(
        self, method: str, path: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        line = http.client.HTTPConnection(self.address, timeout=_SECONDS)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method != "GET":
            sent["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        try:
            line.request(method, path, body.encode(), {**sent, **headers})
            answer = line.getresponse()
            for header in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = header.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, dict(answer.headers), answer.read()
        finally:
            line.close()


class Wire:
    """The lines of all accounts that act."""

    def __init__(self, address: str, region: str, *, home: Path | None = None) -> None:
        """``address``: where the platform serves, like ``http://127.0.0.1:8000``; the passwords lie in ``home``.

        Raises:
            Refused: if it is no address, or the demonstration has no accounts.
        """
        parts = urlsplit(address)
        if parts.scheme != "http" or not parts.netloc:
            raise Refused(replace(_NO_ADDRESS, fields={"address": address}))
        file = (home or settings.HOME) / _ACCOUNTS
        passwords: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        self._lines: dict[UUID, Line] = {}
        self._actors: dict[tuple[str, UUID], Actor] = {}
        for role in _ROLES:
            username = f"{region}.{role.value}"
            actor = _actor(username, role)
            if actor is not None and username in passwords:
                assert actor.account_id is not None
                assert actor.institution_id is not None
                self._lines[actor.account_id] = Line(parts.netloc, username, passwords[username])
                self._actors[role.value, actor.institution_id] = actor
        if len(self._actors) < len(_ROLES):
            raise Refused(_NO_ACCOUNTS)

    def stand_in(self, actor: Actor) -> Actor | None:
        """The account of this role at this house, if there is one."""
        return None if actor.institution_id is None else self._actors.get((actor.role, actor.institution_id))

    def narrowed(self, ground: Ground) -> Ground:
        """The ground with those houses alone that have accounts.

        Raises:
            Refused: if none of its clinics has any.
        """
        houses = {house for _, house in self._actors}
        clinics = {
            key: replace(
                clinic,
                hospitals=tuple(each for each in clinic.hospitals if each in houses),
                refers=tuple(each for each in clinic.refers if each in houses),
            )
            for key, clinic in ground.clinics.items()
            if key in houses
        }
        if not any(clinic.hospitals for clinic in clinics.values()):
            raise Refused(_NO_ACCOUNTS)
        places = {key: found for key, found in ground.places.items() if key in houses}
        return replace(ground, clinics=clinics, places=places, also=tuple(self._lines))

    def send(self, actor: Actor, asked: Asked, key: str) -> tuple[Answer, bool]:
        """One act; what was answered, and whether it had been answered before.

        Raises:
            Refused: with the code of the problem that was answered.
            RuntimeError: if the server failed, which is a defect.
        """
        assert actor.account_id is not None
        status, headers, body = self._lines[actor.account_id].ask(asked, key)
        told: dict[str, Any] = json.loads(body) if body else {}
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RuntimeError(f"{asked.path} answered {status}")
        if status >= HTTPStatus.BAD_REQUEST:
            raise Refused(_problem(told, status))
        answer = {name: str(told[field_]) for name, field_ in asked.told.items()}
        return answer, headers.get("Idempotency-Replayed") == "true"


def _actor(username: str, role: Role) -> Actor | None:
    account = access.account_by_username(username)
    if account is None:
        return None
    held = access.grants_in_force(account.id, on=ledger.today())
    grant = next((each for each in held if each.role is role and each.institution_id), None)
    if grant is None:
        return None
    return Actor(
        account_id=account.id,
        name=account.display_name,
        role=role.value,
        institution_id=grant.institution_id,
        division_code=grant.division_code,
        channel="cli",
        request_id=uuid7(),
    )


def _problem(told: Mapping[str, Any], status: int) -> Refusal:
    said, way_on = str(told.get("title") or status), str(told.get("way_on") or "-")
    return Refusal(
        code=str(told.get("code") or f"http.{status}"),
        message=Text(said, said),
        instead=Text(way_on, way_on),
        status=status,
    )


_NO_ADDRESS = Refusal(
    code="drive.no_address",
    message=Text("“{address}”不是平台的地址。", "“{address}” is not an address of the platform."),
    instead=Text(
        "请写成 http://127.0.0.1:8000 的样子，并先启动平台。",
        "Write it like http://127.0.0.1:8000, and serve the platform first.",
    ),
    at="http",
    status=422,
)
_NO_ACCOUNTS = Refusal(
    code="drive.no_accounts",
    message=Text(
        "这里没有可以登录的演示账户，不能通过 HTTP 推演。",
        "There are no demonstration accounts that can sign in here: no drive by HTTP.",
    ),
    instead=Text("请先执行 make run，或不加 --http。", "Run make run first, or leave --http out."),
    at="http",
    status=422,
)
_NOT_SIGNED_IN = Refusal(
    code="drive.not_signed_in",
    message=Text(
        "演示账户 {username} 登录失败（{status}）。",
        "The demonstration account {username} could not sign in ({status}).",
    ),
    instead=Text(
        "请检查该地址上服务的是否为这个数据库。", "See whether this database is served at that address."
    ),
    at="http",
)
