"""The registers of the network as tables: which columns a row has, what a cell may hold, what names a row.

One description serves them all: the file people upload and download, the form of a single change, a draft, a
reorganisation and the API. A row says what holds from its first day on; ``VOID`` takes back a row that was
recorded by mistake, as if it had never been.
"""

from collections.abc import Mapping

from .model import OP_NAMES, Column, Op, Register, Shape
from .of_consortia import AGREEMENTS, CONSORTIA, JOININGS, MEMBERSHIPS, OBLIGATIONS, TRUSTEESHIPS
from .of_institutions import CLINICIANS, DEPARTMENTS, EQUIPMENT, INSTITUTIONS

# In the order in which rows can be taken over: what a row names stands in a table before its own.
REGISTERS: Mapping[str, Register] = {
    register.key: register
    for register in (
        INSTITUTIONS,
        CONSORTIA,
        MEMBERSHIPS,
        JOININGS,
        AGREEMENTS,
        OBLIGATIONS,
        TRUSTEESHIPS,
        DEPARTMENTS,
        EQUIPMENT,
        CLINICIANS,
    )
}
# Registers that an institution keeps about itself; the others are the commission's.
OWN_REGISTERS = frozenset({DEPARTMENTS.key, EQUIPMENT.key, CLINICIANS.key})

__all__ = [
    "AGREEMENTS",
    "CLINICIANS",
    "CONSORTIA",
    "DEPARTMENTS",
    "EQUIPMENT",
    "INSTITUTIONS",
    "JOININGS",
    "MEMBERSHIPS",
    "OBLIGATIONS",
    "OP_NAMES",
    "OWN_REGISTERS",
    "REGISTERS",
    "TRUSTEESHIPS",
    "Column",
    "Op",
    "Register",
    "Shape",
]
