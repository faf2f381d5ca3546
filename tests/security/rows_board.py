"""The board of indicators, the screen on the wall, and the values by API: numbers without residents, for whoever may see them."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Came, Row, names

_READ = Right.EVALUATION_READ
# Where nothing has been computed, whoever may is told that there is no run.
_NO_RUN = frozenset({Came.PASSED, Came.NOT_FOUND})
_CLAIMS, _YUNNAN = Right.CLAIMS_SUPERVISE, "?region=yunnan"
_INSURED, _RULE = {"key": "human_resources_social_security"}, {"rule": "sums_differ", "span": "2024"}
_NO_DEPARTMENT = names("consortium_office", "referral_office", "auditor")
_OFFICER = {"username": "nobody", "since": "2030-01-01"}
_PANEL = {"panel": "hospital_outpatient"}

BOARD: tuple[Row, ...] = (
    Row("GET", "board", _READ, query="?region=wuhu", personal=False),
    # Departments: open to commissions and to those who work there. Others who read indicators have no workspace, and whoever has no
    # right to supervise insured services sees no paid visit. They are Yunnan's: no other text divides duties so.
    Row("GET", "board/departments", _READ, query=_YUNNAN, personal=False),
    Row(
        "GET",
        "board/departments/<slug:key>",
        _READ,
        path=_INSURED,
        never=_NO_DEPARTMENT,
        query=_YUNNAN,
        personal=False,
    ),
    Row(
        "POST",
        "board/departments/<slug:key>/posts",
        Right.EVALUATION_RUN,
        path=_INSURED,
        send=_OFFICER,
        query=_YUNNAN,
        personal=False,
    ),
    Row(
        "POST",
        "board/departments/posts/<uuid:post_id>/end",
        Right.EVALUATION_RUN,
        of="post",
        query=_YUNNAN,
        personal=False,
    ),
    Row("GET", "board/departments/<slug:key>/claims", _CLAIMS, path=_INSURED, query=_YUNNAN, personal=False),
    Row(
        "POST",
        "board/departments/<slug:key>/claims/listed",
        _CLAIMS,
        path=_INSURED,
        send=_RULE,
        query=_YUNNAN,
        personal=False,
    ),
    Row(
        "POST",
        "board/departments/<slug:key>/claims/file",
        _CLAIMS,
        path=_INSURED,
        send=_RULE,
        query=_YUNNAN,
        personal=False,
    ),
    Row(
        "POST",
        "board/departments/<slug:key>/claims/raise",
        _CLAIMS,
        path=_INSURED,
        send=_RULE | {"mark": "0"},
        query=_YUNNAN,
        ends=_NO_RUN,
        personal=False,
    ),
    Row("GET", "board/wall", _READ, query="?region=wuhu", personal=False),
    Row("POST", "board/run", Right.EVALUATION_RUN, query="?region=wuhu", personal=False),
    Row("GET", "board/panels", _READ, query="?region=wuhu", personal=False),
    Row("GET", "board/panels/<slug:panel>", _READ, path=_PANEL, query="?region=wuhu", personal=False),
    Row(
        "GET",
        "board/panels/<slug:panel>.xlsx",
        _READ,
        path=_PANEL,
        query="?region=wuhu",
        ends=_NO_RUN,
        personal=False,
    ),
    Row("GET", "api/evaluation/panels", _READ, query="?pack=wuhu", personal=False),
    Row(
        "GET",
        "api/evaluation/panels/{panel}",
        _READ,
        path=_PANEL,
        query="?pack=wuhu",
        ends=_NO_RUN,
        personal=False,
    ),
    Row("GET", "api/indicators/runs", _READ, query="?pack=wuhu", personal=False),
    Row("GET", "api/indicators/values", _READ, query="?pack=wuhu", personal=False),
    Row("GET", "api/indicators/standings", _READ, query="?pack=wuhu", personal=False),
)
