"""``/sessions``: where I am signed in, and ending it there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from tiercare.apps.access import queries
from tiercare.apps.access.commands import own_sessions as commands
from tiercare.apps.access.queries.sessions import own_sessions
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.middleware import before_role, residents_too
from tiercare.web.pages import told


@method_decorator((before_role, residents_too), name="dispatch")
class OwnSessions(View):
    """``/sessions``: the list; a POST ends one of them (``handle``) or all others."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, this session first."""
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End what was picked, and show what is left."""
        try:
            if "handle" in request.POST:
                commands.end_session(request.actor, handle=request.POST["handle"])
                done = _("已结束那处登录。")
            else:
                ended = commands.end_other_sessions(request.actor, session_key=request.session.session_key)
                done = _("已结束其他 {count} 处登录。").format(count=ended)
        except Refused as refused:
            return self._page(request, refused.refusals)
        messages.success(request, done)
        return HttpResponseRedirect(reverse("access:sessions"))

    def _page(self, request: HttpRequest, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
        found = own_sessions(request.actor, session_key=request.session.session_key, now=queries.wall_clock())
        context = {"sessions": found, "refusals": [told(refusal) for refusal in refusals]}
        status = refusals[0].status if refusals else 200
        return render(request, "access/sessions.html", context, status=status)
