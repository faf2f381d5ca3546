"""Who reacts to which event. Filled in ``AppConfig.ready()`` of the apps above; read by ``commands``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Event

Handler = Callable[["Event"], None]


class Registry:
    """Names of handlers by kind of event, and the functions behind the names."""

    def __init__(self) -> None:
        self.names: defaultdict[str, list[str]] = defaultdict(list)
        self.functions: dict[str, Handler] = {}


_registry = Registry()


def subscribe(kind: str, name: str, function: Handler) -> None:
    """Have ``function(event)`` called once for every event of ``kind`` that is appended from now on.

    It runs after the commit of the event, in a transaction of its own that also marks the delivery done, so
    what it does in this database happens exactly once; what it does elsewhere must bear repetition. One name
    may take several kinds, always with the same function; its events of one subject come in their order.

    Raises:
        ValueError: if the name belongs to another function, or already takes this kind.
    """
    if _registry.functions.get(name, function) is not function:
        raise ValueError(f"the handler name {name!r} belongs to another function")
    if name in _registry.names[kind]:
        raise ValueError(f"the handler {name!r} already takes {kind!r}")
    _registry.functions[name] = function
    _registry.names[kind].append(name)


def names_for(kind: str) -> list[str]:
    """The handlers that take events of ``kind``."""
    return list(_registry.names.get(kind, ()))


def find(name: str) -> Handler:
    """The function behind a name.

    Raises:
        LookupError: if no app subscribed under this name (it was renamed, or its app is not installed).
    """
    try:
        return _registry.functions[name]
    except KeyError:
        raise LookupError(f"no handler is subscribed under the name {name!r}") from None
