"""One table of predicates; a rule card finds its own by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tiercare.engines.policy.model import Value
from tiercare.engines.policy.verdicts import Finding, Measure, Outcome
from tiercare.kernel.text import Text

from .facts import Network

Parameters = Mapping[str, Value]
Predicate = Callable[[Network, Parameters], Outcome]

PREDICATES: dict[str, Predicate] = {}


def rule(predicate: Predicate) -> Predicate:
    """Enter a predicate under its own name.

    Raises:
        ValueError: if the name is taken.
    """
    name = predicate.__name__
    if name in PREDICATES:
        raise ValueError(f"two predicates are called {name}")
    PREDICATES[name] = predicate
    return predicate


def number(value: Value) -> float:
    """A parameter that must be a number.

    Raises:
        TypeError: if it is not; the pack was loaded with another type than the rule needs.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, the pack says {value!r}")
    return value


def found(subject: str, *links: str, **fields: object) -> Finding:
    """A finding about ``subject``; further ``links`` name what else it concerns."""
    return Finding(subject, fields, (subject, *links))


def about(kind: str, key: str) -> str:
    """The stable key of a thing, e.g. ``consortium:018f…``."""
    return f"{kind}:{key}"


def outcome(checked: int, findings: Iterable[Finding]) -> Outcome:
    """What was looked at and what does not fit."""
    return Outcome(checked, tuple(findings))


def coverage(subjects: Iterable[object], findings: Iterable[Finding], target: Value = 1) -> Outcome:
    """A share to be reached: findings are those not yet covered, and count only while the share is below
    ``target`` (a ratio; 1 means every one)."""
    total = len(list(subjects))
    missing = tuple(findings)
    return Outcome(total, missing, Measure(total - len(missing), total), number(target))


def listed(names: Iterable[str]) -> Text:
    """Names in one phrase."""
    return worded(names, {})


def worded(words: Iterable[str], names: Mapping[str, Text]) -> Text:
    """Words of a pack or of the register in one phrase, each as a reader knows it."""
    texts = [names.get(word, Text(word, word)) for word in words]
    return Text("、".join(t.zh for t in texts) or "无", ", ".join(t.en for t in texts) or "none")
