"""YAML with places: every value knows the line it stands on, so that a message can name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tiercare.kernel.text import Text

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a pack, where, and how to mend it."""

    file: str
    line: int
    key: str
    message: Text
    fix: Text

    def sentence(self, language: str = "zh") -> str:
        """``file:line key: message fix`` in one line."""
        gap = "" if language == "zh" else " "
        said = f"{self.message.in_language(language)}{gap}{self.fix.in_language(language)}"
        return f"{self.file}:{self.line} [{self.key}] {said}"


@dataclass(frozen=True, slots=True)
class Source:
    """A read file: its plain content and the line of every place in it."""

    file: str
    content: object
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of ``place``, or of the nearest thing around it."""
        for length in range(len(place), -1, -1):
            found = self.lines.get(place[:length])
            if found is not None:
                return found
        return 1


# Plain YAML 1.1, but a date is the only thing that is not what it looks like (no ``yes`` = true). libyaml reads the
# packs ten times as fast, and every command reads them; wheels carry it, some builds do not.
_Loader: Any = type(
    "_Loader",
    (getattr(yaml, "CSafeLoader", yaml.SafeLoader),),
    {
        "yaml_implicit_resolvers": {
            first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }
    },
)


def read(path: Path, shown: str) -> tuple[Source, list[Problem]]:
    """Read one file; ``shown`` is how messages name it. Syntax errors and repeated keys become problems."""
    problems: list[Problem] = []
    lines: dict[Place, int] = {}
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error)
        problems.append(
            Problem(
                shown,
                mark.line + 1 if mark else 1,
                "YAML",
                Text(f"这不是正确的 YAML：{why}。", f"This is not valid YAML: {why}."),
                Text("请检查缩进、引号和冒号。", "Check indentation, quotes and colons."),
            )
        )
        return Source(shown, None, {(): 1}), problems
    content = _plain(node, (), lines, shown, problems) if node is not None else None
    return Source(shown, content, lines), problems


def _plain(
    node: yaml.Node, place: Place, lines: dict[Place, int], shown: str, problems: list[Problem]
) -> object:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                problems.append(
                    Problem(
                        shown,
                        key_node.start_mark.line + 1,
                        key,
                        Text(f"“{key}”写了两次。", f"“{key}” is written twice."),
                        Text("请只保留一处。", "Keep one of them."),
                    )
                )
            found[key] = _plain(value_node, (*place, key), lines, shown, problems)
            lines[(*place, key)] = key_node.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, i), lines, shown, problems) for i, item in enumerate(node.value)]
    try:
        return _scalar(node)
    except ValueError:
        message = Text(
            f"“{node.value}”不是日期，也不是数。", f"“{node.value}” is neither a date nor a number."
        )
        fix = Text(
            "日期请写成 2019-07-01，数请用十进制，文字请加引号。",
            "Write a date as 2019-07-01 and a number in decimals; put text in quotes.",
        )
        problems.append(Problem(shown, lines[place], ".".join(map(str, place)), message, fix))
        return None


def _scalar(node: yaml.Node) -> object:
    """A plain value.

    Raises:
        ValueError: for what looks like a date or a number and is none (2018-02-30, 1:30).
    """
    text = str(node.value)
    match node.tag:
        case "tag:yaml.org,2002:null":
            return None
        case "tag:yaml.org,2002:int":
            return int(text.replace("_", ""))
        case "tag:yaml.org,2002:float":
            return float(text)
        case "tag:yaml.org,2002:timestamp" if len(text) == 10:
            return date.fromisoformat(text)
    if text in {"true", "false"} and not getattr(node, "style", None):
        return text == "true"
    return text
