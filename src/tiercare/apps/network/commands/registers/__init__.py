"""Rows of the registers: checked before they are taken over, written in bulk."""

from .checking import Checked, check_entries
from .problems import RowProblem
from .writing import Touched, Written, write_entries

__all__ = ["Checked", "RowProblem", "Touched", "Written", "check_entries", "write_entries"]
