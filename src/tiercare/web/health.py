"""``/healthz``: 200 once pages can be served, 503 with the reason until then."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """The database answers and holds every migration of this version."""
    try:
        loader = MigrationLoader(connection)
    except DatabaseError:
        return JsonResponse({"status": "waiting", "reason": "database does not answer"}, status=503)
    missing = sorted(".".join(key) for key in set(loader.graph.nodes) - set(loader.applied_migrations))
    if missing:
        return JsonResponse(
            {"status": "waiting", "reason": f"migrations missing: {len(missing)}"}, status=503
        )
    return JsonResponse({"status": "ok"})
