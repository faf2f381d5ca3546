"""What is done in evaluation."""

from .matters import Issue, act, escalate_overdue, issue

__all__ = ["Issue", "act", "escalate_overdue", "issue"]
