"""What is counted of the whole region while a year is played, by month: columns of ``State.tally``."""

from __future__ import annotations

from typing import Final

FIRST_PRIMARY: Final = 0  # needs taken to primary care first
FIRST_HOSPITAL: Final = 1  # to a hospital of the region first
FIRST_OUTSIDE: Final = 2  # to a hospital outside first
THINNED: Final = 3  # routine visits that a long prescription made unnecessary
AVERTED: Final = 4  # worsenings that did not happen since the disease was controlled
DISPLACED: Final = 5  # wanted a hospital that had no place in time, and went to primary care
UNMET: Final = 6  # referred, no place in time, and gave up
NO_SHOWS: Final = 7  # did not come to a booked place
SOLVED_REMOTE: Final = 8  # stayed in primary care after a remote consultation
SOLVED_POSTED: Final = 9  # stayed in primary care thanks to a doctor posted there
DIED_BEFORE: Final = 10  # died before what was booked, or in the line for a bed
NO_BED: Final = 11  # waited too long for a bed
STILL_BOOKED: Final = 12  # in the book when the year ended
STILL_IN_LINE: Final = 13  # in a line for a bed when the year ended
STILL_IN_BED: Final = 14  # in a bed when the year ended
NEEDS: Final = 15  # needs that came up
ENTERED: Final = 16  # went into a line for a bed
GONE_OUTSIDE: Final = 17  # referred, no place in time, and went outside
IN_BED_ALREADY: Final = 18  # needs and admissions of people who lay in a bed already
EMERGENCIES: Final = 19  # emergencies
HOW_MANY: Final = 20
