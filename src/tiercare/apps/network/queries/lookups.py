"""``field__one_of=[…]``: as ``in``, with the whole list as one parameter, which thousands of codes need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import Field, Lookup, Q

if TYPE_CHECKING:
    # Generic in its stubs only.
    class _Lookup(Lookup[Any]): ...
else:
    _Lookup = Lookup


@Field.register_lookup
class OneOf(_Lookup):
    """``column = ANY(list)``."""

    lookup_name = "one_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The condition, with the list as its last parameter."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, list(self.rhs)]


def one_of(path: str, values: Iterable[Any]) -> Q:
    """Rows whose ``path`` holds one of ``values``."""
    return Q(**{f"{path}__one_of": list(values)})
