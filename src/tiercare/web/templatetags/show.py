"""Small tags: icons, links that keep region and day, status tags, our own bilingual sentences."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from tiercare.engines.policy import Force, State
from tiercare.kernel.ids import uuid7
from tiercare.kernel.text import Text
from tiercare.web import labels
from tiercare.web.pages import FORM_KEY, said

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without ``label`` it is decoration, and screen readers skip it."""
    href = f"{static('tiercare/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.simple_tag(name="once")
def once_key() -> SafeString:
    """A form's own key, new at every showing, by which a form sent twice is done once."""
    return format_html('<input type="hidden" name="{}" value="{}">', FORM_KEY, uuid7())


@register.simple_tag(takes_context=True)
def to(context: template.Context, view: str, *args: Any, **query: Any) -> str:
    """The address of a page for the same region and day; ``query`` adds filters."""
    shell = context.get("shell", {})
    frame = shell.get("frame")
    given = {name: value for name, value in query.items() if value not in (None, "")}
    kept = {"region": frame.pack.id, "on": frame.on.isoformat()} if frame else {}
    together = urlencode(kept | given)
    address = reverse(view, args=args)
    return f"{address}?{together}" if together else address


@register.filter
def say(text: Text) -> str:
    """A bilingual sentence in the reader's language."""
    return said(text) if isinstance(text, Text) else str(text)


@register.filter
def half(told: str) -> str:
    """A list (、 or ；) of lines that stand in both languages, Chinese / English, in the reader's; lines in one language as they are."""
    both = (each.partition(" / ") for each in re.split("[、；]", told))
    return said(Text("；", "; ")).join(said(Text(zh, en)) if en else zh for zh, _, en in both)


@register.simple_tag
def state_tag(state: State) -> SafeString:
    """A card's or clause's state as icon and word, never as colour alone."""
    return format_html(
        '<span class="tag tag-{}">{}{}</span>',
        state.value.lower(),
        icon(labels.STATE_ICONS[state]),
        said(state.label),
    )


@register.simple_tag
def force_tag(force: Force) -> SafeString:
    """The wording of a clause, with what it does as its title."""
    return format_html(
        '<span class="force force-{}" title="{}">{}</span>',
        force.strength.value.lower(),
        labels.strength(force.strength),
        said(force.label),
    )


@register.filter
def day(value: date | None) -> str:
    """A day as 2019-07-01, or a dash."""
    return value.isoformat() if value else "—"


@register.simple_tag
def span(start: date, end: date | None) -> str:
    """A half-open period as people read it: the last day belongs to it."""
    return labels.period(start, end)


@register.filter
def label(value: Any, group: str) -> str:
    """The name of a code in one of the groups of ``labels``."""
    return labels.name(group, str(value))


@register.simple_tag
def yes_no(value: bool) -> str:
    """是 or 否."""
    return gettext("是") if value else gettext("否")
