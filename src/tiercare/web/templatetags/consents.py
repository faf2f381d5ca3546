"""What a snippet may ask about the acting person by itself, so that whoever includes it need not know."""

from __future__ import annotations

from django import template

from tiercare.apps.access import rules as access

register = template.Library()


@register.simple_tag(takes_context=True)
def holds(context: template.Context, right: str) -> bool:
    """True if the acting person has this right at all (``glass.break``)."""
    return access.may(context["request"].actor, access.Right(right)) is None
