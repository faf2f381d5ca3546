"""A scenario: a region's policy on a day, with some of its levers set otherwise; a small YAML file or a form.

``read_scenario`` refuses what could not be simulated before anything is: every fault at once, each with the place it stands in. ``ready`` looks at
what only the region knows (hospitals, room, who is whose lead), ``notices`` says what will act less than it seems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tiercare.engines.policy import PackSet, Problem
from tiercare.engines.policy.reader import Source, read
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .assumptions import Assumptions, given
from .checking import MOST_RESIDENTS, Checking, escaped, together
from .from_packs import Resolved, levers_of
from .levers import Levers
from .values import Value, changed, plain

INVENTED = "invented"
MOST_BYTES, _DEEPEST = 64 * 1024, 12
RESIDENTS, YEAR = 100_000, 2025
_SHOWN = "scenario.yaml"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is to be simulated.

    Attributes:
        pack, on: whose policy, as it holds on which day.
        year: the calendar year that is played.
        residents: how many people stand for the region's.
        changes: levers set otherwise than the pack does.
        changed_assumptions: numbers of behaviour set otherwise than ``assumptions.yaml``.
        invented: played in a region that exists nowhere, not in the pack's.
        resolved: what the pack sets, each with its clause.
    """

    name: Text
    pack: str
    on: date
    year: int
    residents: int
    changes: Mapping[str, Value]
    changed_assumptions: Mapping[str, float]
    invented: bool
    resolved: Resolved

    @property
    def levers(self) -> Levers:
        """The policy that is played: the pack's with the changes."""
        checked = Checking(Source("", {}, {})).changes(self.changes)
        return changed(self.resolved.levers, checked)

    @property
    def assumptions(self) -> Assumptions:
        """The numbers of behaviour, with the changes."""
        return given().with_values(self.changed_assumptions)


def read_scenario(source: Path | bytes, packs: PackSet) -> Scenario:
    """A scenario from a file or what was sent.

    Raises:
        Refused: with every fault; each refusal names the place (``at``) and, in its fields, file and line.
    """
    shown = source.name if isinstance(source, Path) else _SHOWN
    content = source.read_bytes() if isinstance(source, Path) else source
    refuse(_unfit(content, shown))
    with TemporaryDirectory() as folder:
        path = Path(folder) / _SHOWN
        path.write_bytes(content)
        file, problems = read(path, shown)
    if problems:
        raise Refused(*(_of_yaml(each) for each in problems))
    return _scenario(file, packs)


def scenario_from(content: Mapping[str, object], packs: PackSet) -> Scenario:
    """A scenario from a form: the same content as a file's, as plain values.

    Raises:
        Refused: with every fault.
    """
    return _scenario(Source("", dict(content), {}), packs)


def written(scenario: Scenario) -> str:
    """The scenario as a file that ``read_scenario`` reads as the same."""
    said: dict[str, object] = {
        "name": {"zh": scenario.name.zh, "en": scenario.name.en},
        "pack": scenario.pack,
        "on": scenario.on,
        "year": scenario.year,
        "residents": scenario.residents,
        "changes": dict(scenario.changes),
    }
    if scenario.changed_assumptions:
        said["assumptions"] = dict(scenario.changed_assumptions)
    if scenario.invented:
        said["region"] = INVENTED
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False)


def differences(a: Scenario, b: Scenario) -> dict[str, tuple[Value, Value]]:
    """The levers in which two scenarios differ, with both values."""
    pairs = (
        (each.name, getattr(a.levers, each.name), getattr(b.levers, each.name)) for each in fields(Levers)
    )
    return {name: (plain(one), plain(other)) for name, one, other in pairs if one != other}


def located(refusal: Refusal, language: str = "zh") -> str:
    """``file:line [place] message`` and the way on, in one line; without file and line where it came from a form."""
    where = f"{refusal.fields['file']}:{refusal.fields['line']} " if "line" in refusal.fields else ""
    place = f"[{refusal.at}] " if refusal.at else ""
    gap = "" if language == "zh" else " "
    return f"{where}{place}{refusal.sentence(language)}{gap}{refusal.way_on(language)}"


def _scenario(file: Source, packs: PackSet) -> Scenario:
    checking = Checking(file)
    content = checking.top()
    on_given, year = checking.day(content), checking.year(content)
    checking.years(content)
    year = year or (on_given.year if on_given else YEAR)
    on = on_given or date(year, 1, 1)
    pack = checking.pack(content, packs, on)
    residents = checking.residents(content, RESIDENTS)
    invented = checking.region(content, INVENTED)
    name = checking.name(content)
    changes = checking.changes(content.get("changes"))
    assumed = checking.assumptions(content.get("assumptions"))
    checking.done()  # what follows needs a pack and values that are right
    resolved = levers_of(packs, pack, on=on)
    checking.found += together(changed(resolved.levers, changes), checking)
    checking.done()
    kept = {key: plain(value) for key, value in changes.items()}
    return Scenario(name, pack, on, year, residents, kept, assumed, invented, resolved)


def _unfit(content: bytes, shown: str) -> Refusal | None:
    """Files that are no scenario whatever they say: too long, or so built that reading them would take for ever."""
    why: Text | None = None
    if len(content) > MOST_BYTES:
        why = Text("文件太大，不是情景文件。", "The file is too long for a scenario.")
    elif not _flat(content):
        why = Text(
            "文件用了引用（& *）或嵌套过深。", "The file uses references (& *) or is nested too deeply."
        )
    if why is None:
        return None
    instead = Text(
        "请对照说明写成普通的键和值：docs/how-to/try-a-policy.md。",
        "Write plain keys and values, as docs/how-to/try-a-policy.md shows.",
    )
    return Refusal("scenario_not_readable", why, instead, {"file": shown, "line": 1}, status=422)


def _flat(content: bytes) -> bool:
    deep = 0
    try:
        for event in yaml.parse(content.decode("utf-8"), yaml.SafeLoader):
            deep += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if deep > _DEEPEST or isinstance(event, yaml.AliasEvent):
                return False
    except (yaml.YAMLError, UnicodeDecodeError):
        return True  # the reader says what is wrong, with its line
    return True


def _of_yaml(problem: Problem) -> Refusal:
    fields_ = {"file": problem.file, "line": problem.line}
    return Refusal(
        "scenario_not_yaml",
        escaped(problem.message),
        escaped(problem.fix),
        fields_,
        at=problem.key,
        status=422,
    )


__all__ = [
    "INVENTED",
    "MOST_RESIDENTS",
    "Scenario",
    "differences",
    "located",
    "read_scenario",
    "scenario_from",
    "written",
]
