"""The links under a list that is shown a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the pages before and after this one are; everything else of the address is kept."""

    request: HttpRequest
    page: int
    pages: int
    name: str = "page"

    def _at(self, page: int) -> str:
        query = self.request.GET.copy()
        query[self.name] = str(page)
        return f"{self.request.path}?{query.urlencode()}"

    @property
    def several(self) -> bool:
        """True where there is more than one page, or one was asked for that does not exist."""
        return self.pages > 1 or self.page > self.pages

    @property
    def before(self) -> str:
        """The page before, or nothing."""
        return self._at(min(self.page - 1, self.pages)) if self.page > 1 else ""

    @property
    def after(self) -> str:
        """The page after, or nothing."""
        return self._at(self.page + 1) if self.page < self.pages else ""
