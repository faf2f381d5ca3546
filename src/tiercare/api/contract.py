"""The contract with every shape under a name of its own.

Ninja keeps shapes by the name of their class; of several that are called alike (``LineOut`` of a panel, of a proof) the last one would stand
for all. Here a shape that differs from the one of that name is told as ``LineOut2``, and so are all references to it.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import chain, count
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema


class Contract(OpenAPISchema):
    """OpenAPI of an API, as ninja tells it, without two shapes under one name."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self._known: dict[str, Any] = {}
        self._renamed: dict[str, str] = {}
        super().__init__(api, path_prefix)

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Keep the shapes of a model, each under the first name that is free or its own."""
        names = {name: self._name(name, shape) for name, shape in definitions.items()}
        self._renamed = {
            REF_TEMPLATE.format(model=name): REF_TEMPLATE.format(model=new) for name, new in names.items()
        }
        self.schemas.update({names[name]: self._told(shape) for name, shape in definitions.items()})

    def _create_schema_from_model(self, *args: Any, **options: Any) -> tuple[dict[str, Any], bool]:
        self._renamed = {}
        schema, required = super()._create_schema_from_model(*args, **options)
        return self._told(schema), required

    def _name(self, name: str, shape: Any) -> str:
        """A shape may be told twice; what it names is part of it by name only."""
        for candidate in chain([name], (f"{name}{number}" for number in count(2))):
            if self._known.setdefault(candidate, deepcopy(shape)) == shape:
                return candidate
        raise AssertionError("there are numbers enough")

    def _told(self, part: Any) -> Any:
        """The same with references to the names that shapes now bear."""
        if isinstance(part, dict):
            return {
                key: self._renamed.get(value, value) if key == "$ref" else self._told(value)
                for key, value in part.items()
            }
        return [self._told(each) for each in part] if isinstance(part, list) else part
