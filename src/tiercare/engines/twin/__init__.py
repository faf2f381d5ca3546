"""The twin: a region under its policy, simulated, so that a policy can be tried before it is adopted.

**The model.** Synthetic residents live on the region's divisions (age, sex, key group, insurance, six named chronic diseases with onset and
course). Over a year they fall ill, come for their drugs, get worse (``needs``). Each time they choose where to go by distance, price after
reimbursement, contract, trust, habit and the waits of last month (``choosing``, a multinomial logit). Primary care treats them, asks a hospital
from a distance, or refers them up, with a place in hand if there is one; hospitals have slots and beds with reserves for referrals until these
are released (``year``, ``stays``, ``acting``). Stays end at home, in a bigger hospital, down in primary care, or in death. Every visit costs;
the fund pays by the region's own benefits (``prices``). All levers of policy act (``levers``); how much is assumption, each with its range
(``assumptions.yaml``).

**What can be trusted.** The same arguments give the same arrays. Luck belongs to persons and needs, not to the order of events (``chance``), so two
policies with the same seed differ by the policy alone. Nobody is lost and every yuan has two ends (``balance``). Differences carry intervals
over seeds and over what we do not know (``comparing``), and say which assumption they lean on most. Levels are only as good as the fit to known
totals (``calibrating``); no person in it exists, and no figure of it is a fact.

The engine is pure: it knows no database. ``simulate`` plays a year, ``outcomes`` says what it comes to, ``facts`` writes it as the fact tables of
``engines.measures``.
"""
