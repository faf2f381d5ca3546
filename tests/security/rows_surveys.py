"""Surveys of residents: rounds and their results in counts, whom an institution asks, and one's own."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import Came, Row, names

# A table, one endpoint a line.
# fmt: off
_RUN, _WRITE, _SELF = Right.EVALUATION_RUN, Right.RECORDS_WRITE, Right.READS_OF_MINE
# A round is its area's: the commissions beside and elsewhere find none.
_ROUND: dict[str, Any] = {"of": "survey_round", "personal": False, "path": {"round_id": "survey_round", "key": "survey_round"}}
_OPENING = {"survey": "first_choice", "area": "340223", "first": "2001-01-01", "last": "2001-02-01", "wanted": 20}
# Whom the township registered, its people ask.
_ASKED: dict[str, Any] = {"of": "place", "path": {"invitation_id": "invitation", "key": "invitation"}}
_TOLD = {"how": "DOOR", "q-ill": "no"}
_MINE: dict[str, Any] = {"reads": "survey", "path": {"round_id": "survey_round"}}
_NEIGHBOUR = names("resident@sister")  # was drawn too
_NONE = frozenset({Came.NOT_FOUND})  # the child is too young to be drawn

SURVEYS: tuple[Row, ...] = (
    Row("GET", "surveys", _RUN, personal=False),
    # The day has passed: whoever may is told so, and nobody is drawn.
    Row("POST", "surveys", _RUN, send=_OPENING, of="survey_round", personal=False),
    Row("GET", "surveys/<uuid:round_id>", _RUN, **_ROUND),
    Row("GET", "surveys/<uuid:round_id>/table", _RUN, **_ROUND),
    Row("POST", "surveys/<uuid:round_id>/stop", _RUN, **_ROUND),
    Row("GET", "asking", _WRITE, reads="survey"),
    Row("GET", "asking/<uuid:invitation_id>", _WRITE, reads="survey", **_ASKED),
    Row("POST", "asking/<uuid:invitation_id>", _WRITE, reads="survey", send=_TOLD, **_ASKED),
    Row("POST", "asking/<uuid:invitation_id>/call", _WRITE, reads="number", **_ASKED),
    Row("POST", "asking/<uuid:invitation_id>/decline", _WRITE, reads="survey", send={"how": "TELEPHONE"}, **_ASKED),
    Row("GET", "me/asked", _SELF, reads="survey"),
    Row("GET", "me/of/<uuid:ward>/asked", _SELF, of="ward", reads="survey"),
    Row("GET", "me/asked/<uuid:round_id>", _SELF, of="place", also=_NEIGHBOUR, **_MINE),
    Row("POST", "me/asked/<uuid:round_id>", _SELF, of="place", also=_NEIGHBOUR, send={"q-ill": "no"}, **_MINE),
    Row("POST", "me/asked/<uuid:round_id>/decline", _SELF, of="place", also=_NEIGHBOUR, **_MINE),
    Row("GET", "me/of/<uuid:ward>/asked/<uuid:round_id>", _SELF, of="ward", ends=_NONE, **_MINE),
    Row("POST", "me/of/<uuid:ward>/asked/<uuid:round_id>", _SELF, of="ward", send={"q-ill": "no"}, ends=_NONE, **_MINE),
    Row("POST", "me/of/<uuid:ward>/asked/<uuid:round_id>/decline", _SELF, of="ward", ends=_NONE, **_MINE),
    Row("GET", "api/surveys", _RUN, personal=False),
    Row("POST", "api/surveys", _RUN, send=_OPENING, of="survey_round", personal=False),
    Row("GET", "api/surveys/{key}", _RUN, **_ROUND),
    Row("POST", "api/surveys/{key}/stop", _RUN, **_ROUND),
    Row("GET", "api/surveys/asking", _WRITE, reads="survey"),
    Row("POST", "api/surveys/asking/{key}/answers", _WRITE, reads="survey", send={"how": "DOOR", "answers": {"ill": False}}, **_ASKED),
    Row("POST", "api/surveys/asking/{key}/decline", _WRITE, reads="survey", send={"how": "DOOR"}, **_ASKED),
)
