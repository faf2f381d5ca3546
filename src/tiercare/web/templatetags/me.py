"""Links between a resident's own pages, which stay with the ward whose pages are open."""

from __future__ import annotations

from typing import Any

from django import template

from tiercare.web.me import own

register = template.Library()


@register.simple_tag(takes_context=True)
def mine(context: template.Context, name: str, **kwargs: Any) -> str:
    """The address of an own page about the same person."""
    return own.to(context["request"], name, **kwargs)
