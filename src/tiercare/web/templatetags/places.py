"""The signs of a map: hundreds of alike elements, written at once rather than node by node."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tiercare.kernel.ids import uuid7
from tiercare.web.explorer.maps import Sign

register = template.Library()
_ANY = uuid7()


@register.simple_tag(takes_context=True)
def signs(context: template.Context, shown: Sequence[Sign]) -> SafeString:
    """A link with its sign and name for each institution, for the same region and day."""
    frame = context["shell"]["frame"]
    before, _, after = reverse("institutions:detail", args=[_ANY]).partition(str(_ANY))
    return format_html_join(
        "",
        '<a href="{}{}{}?{}" tabindex="-1"><use class="sign sign-{}{}" href="#sign-{}" x="{}" y="{}" '
        'width="12" height="12"/><title>{}</title></a>',
        (
            (
                *(before, each.id, after, frame.query, each.sign, " sign-drawn" if each.illustrative else ""),
                *(each.sign, f"{each.x:.1f}", f"{each.y:.1f}", each.name),
            )
            for each in shown
        ),
    )
