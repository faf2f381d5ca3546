"""Planning: divide a region into grids, each answered for by one consortium, and say how good the division is.

**The problem.** Given are *places* (villages, townships or streets) with people and with needs by service; *leads* (hospitals that
may answer for a grid) with beds, doctors and the place they stand in; minutes of travel from every place to every lead; and which
places lie beside each other. Wanted is for every lead that is to answer a *grid*, so that

- every place is in exactly one grid, every grid is connected and contains its lead's place, and one consortium answers for it;
- the lead is able (level, category, specialties: by region) and the capacity of each service is kept;
- nobody is farther from primary care and from the lead than the region allows, where that is possible at all;
- what some must keep is kept (places bound to a lead, pairs forbidden).

Among these the cheapest: minutes weighted by people, plus unevenness of the burden, plus what changes against today and what crosses an
administrative border, each weighed as the region says.

Choosing *which* leads answer is ``choosing`` (p sites, capacities); dividing the places among them is ``dividing`` (connected grids).
Both say what nobody can undercut, so that every answer carries its gap. ``checker`` verifies them without using any of their code.
The engine is pure: it knows no database and no policy pack.
"""
