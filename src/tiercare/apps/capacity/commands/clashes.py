"""What the database would not have of a schedule, in words: who or what would be in two places, when, and where else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# What stands there at that time, of this institution or another; the physician may serve at several.
_STANDING = """
SELECT p.name AS pool, v.name AS institution FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id
JOIN network_institutionversion v ON v.institution_id = s.institution_id AND v.period @> s.day
WHERE (s.clinician_id = %(key)s OR s.equipment_id = %(key)s) AND s.state <> 'STOPPED'
  AND s.during = tstzrange(%(starts)s, %(ends)s)
ORDER BY s.id LIMIT 1
"""
_PHYSICIAN = "SELECT name FROM network_clinician WHERE id = %(key)s"
_DEVICE = "SELECT trim(model) AS name FROM network_equipment WHERE id = %(key)s"
_POOL = "SELECT name FROM capacity_pool WHERE id = %(key)s"
# The database names both rows in the words of its own language: the ids and moments in them are read.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RANGE = re.compile(r'\["([^"]+)","([^"]+)"\)')


def clash(error: IntegrityError) -> Refusal:
    """The refusal for a broken constraint of the schedule; the rows of the broken statement are gone by now.

    Raises:
        IntegrityError: the error itself, for any other constraint.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = str(getattr(diagnosis, "constraint_name", ""))
    if constraint not in _CLASHES:
        raise error
    refusal, name_of = _CLASHES[constraint]
    detail = str(getattr(diagnosis, "message_detail", ""))
    key, times = UUID(_UUID.findall(detail)[-1]), _RANGE.findall(detail)[-1]
    starts, ends = (datetime.fromisoformat(each) for each in times)
    named = rows(name_of, key=key)
    standing = rows(_STANDING, key=key, starts=starts, ends=ends)
    # Both in one publication: then nothing stands yet, and the time says enough.
    where = Text("本次要放的另一场", "another one of these")
    if standing:
        both = (standing[0]["institution"], standing[0]["pool"])
        where = Text("{} {}".format(*both), "{}, {}".format(*both))
    said: dict[str, Any] = {
        "who": named[0]["name"] if named else "",
        "when": f"{starts.astimezone(ZONE):%Y-%m-%d %H:%M}–{ends.astimezone(ZONE):%H:%M}",
        "where": where,
    }
    return replace(refusal, fields=said)


_CLASHES: Mapping[str, tuple[Refusal, str]] = {
    "physician_in_one_place": (
        Refusal(
            code="capacity.physician_in_one_place",
            message=Text(
                "{who}医师 {when} 已有另一个出诊安排（{where}）。",
                "{who} has another session at {when} ({where}).",
            ),
            instead=Text("请错开时间，或换一位医师。", "Choose another time or another physician."),
            at="clinician",
        ),
        _PHYSICIAN,
    ),
    "device_for_one_session": (
        Refusal(
            code="capacity.device_for_one_session",
            message=Text(
                "设备“{who}”{when} 已有另一个场次（{where}）。",
                "The device “{who}” has another session at {when} ({where}).",
            ),
            instead=Text("请错开时间，或换一台设备。", "Choose another time or another device."),
            at="equipment",
        ),
        _DEVICE,
    ),
    "session_once": (
        Refusal(
            code="capacity.session_once",
            message=Text(
                "“{who}”{when} 的场次已经发布过。", "“{who}” has been published for {when} already."
            ),
            instead=Text("请从排班中去掉已发布的场次再发布。", "Take out what is published already."),
            at="starts",
        ),
        _POOL,
    ),
}
