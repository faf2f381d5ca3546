"""Shapes that are called alike stand apart in the contract, and every reference leads to one."""

from __future__ import annotations

import json
from typing import Any

from tiercare.api.root import api


def _reached(schema: dict[str, Any], part: Any, found: set[str]) -> set[str]:
    """Names of all shapes that a part leads to."""
    for name in {each.split('"')[0] for each in json.dumps(part).split("#/components/schemas/")[1:]} - found:
        found.add(name)
        _reached(schema, schema["components"]["schemas"][name], found)
    return found


def test_every_reference_leads_to_a_shape() -> None:
    schema = json.loads(json.dumps(api.get_openapi_schema()))
    text = json.dumps(schema)
    named = {each.split('"')[0] for each in text.split("#/components/schemas/")[1:]}
    assert named and named <= set(schema["components"]["schemas"])


def test_one_name_is_never_two_shapes() -> None:
    """A line of a proof and a line of a panel are both called ``LineOut`` here; whoever reads the contract finds each as it is."""
    schema = api.get_openapi_schema()

    def lines(path: str) -> dict[str, set[str]]:
        reached = _reached(schema, schema["paths"][path]["get"]["responses"], set())
        shapes = schema["components"]["schemas"]
        return {name: set(shapes[name]["properties"]) for name in reached if name.startswith("LineOut")}

    proof, panel = lines("/api/capacity/proof"), lines("/api/evaluation/panels/{panel}")
    assert proof and panel and not proof.keys() & panel.keys()
    assert all(one != other for one in proof.values() for other in panel.values())
