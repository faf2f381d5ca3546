"""What is done to referrals."""

from .sending import send, supplement
from .starting import convert, go_down, start

__all__ = ["convert", "go_down", "send", "start", "supplement"]
