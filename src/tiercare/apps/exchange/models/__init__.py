"""The tables of requests."""

from .offices import Desk, Notice, StandIn
from .requests import Request, Step

__all__ = ["Desk", "Notice", "Request", "StandIn", "Step"]
