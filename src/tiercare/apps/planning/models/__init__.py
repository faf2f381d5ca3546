"""What planning keeps: numbered versions of a region's plan, the searches that found them, medical centres, service areas."""

from .centres import Centre, ServiceArea
from .plans import Plan, Search

__all__ = ["Centre", "Plan", "Search", "ServiceArea"]
