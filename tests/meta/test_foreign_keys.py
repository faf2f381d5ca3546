"""The order of layers of .importlinter, applied to what import-linter cannot see: foreign keys between models."""

from __future__ import annotations

import configparser
from collections.abc import Iterable
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]


def layers() -> dict[str, int]:
    """Height of every app that may exist, the ledger at 0; apps of one line share a height."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".importlinter")
    lines = settings["importlinter:contract:apps"]["layers"].split("\n")
    named = [[name.strip(" ()") for name in line.split("|")] for line in lines if line.strip()]
    return {name: height for height, names in enumerate(reversed(named)) for name in names}


def upward(relations: Iterable[tuple[str, str, str]], height: dict[str, int]) -> list[str]:
    """The relations (from app, to app, field) that point to a higher app or to another one of the same height."""
    return [
        f"{field}: {source} ({height[source]}) → {target} ({height[target]})"
        for source, target, field in relations
        if source != target and height[target] >= height[source]
    ]


def relations() -> list[tuple[str, str, str]]:
    """Every foreign key, one-to-one and many-to-many between models of our apps."""
    short = {app.label: app.name.removeprefix("tiercare.apps.") for app in apps.get_app_configs()}
    ours = {label for label, name in short.items() if name in layers()}
    return [
        (
            short[model._meta.app_label],
            short[field.related_model._meta.app_label],
            f"{model.__name__}.{field.name}",
        )
        for model in apps.get_models()
        if model._meta.app_label in ours
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.is_relation and field.related_model._meta.app_label in ours
    ]


def test_no_foreign_key_points_upward() -> None:
    found = relations()
    assert found, "no relations seen: this test would show nothing"
    assert upward(found, layers()) == []


def test_every_app_with_models_has_a_layer() -> None:
    with_models = {
        app.name.removeprefix("tiercare.apps.")
        for app in apps.get_app_configs()
        if app.name.startswith("tiercare.apps.") and any(app.get_models())
    }
    assert with_models <= set(layers())


def test_planted_foreign_keys_are_found() -> None:
    height = layers()
    assert (
        height["ledger"] == 0 and height["network"] > height["mandates"] > height["terms"] > height["access"]
    )
    assert upward([("access", "network", "Grant.institution")], height) != []
    assert upward([("chronic", "publichealth", "Visit.report")], height) != []
    assert (
        upward([("network", "terms", "Institution.division"), ("access", "access", "Grant.account")], height)
        == []
    )
