"""A paper as one HTML file that needs nothing beside it."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from .paper import Paper

_STYLE = "tiercare/bulletins.css"


def written(paper: Paper) -> bytes:
    """The file; it prints on A4 as the page does."""
    found = finders.find(_STYLE)
    style = Path(found).read_text("utf-8") if found else ""
    return render_to_string("bulletins/alone.html", {"paper": paper, "style": style}).encode()
