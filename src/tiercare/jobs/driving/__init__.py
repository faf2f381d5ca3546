"""The driver: synthetic people played through the platform's own commands, with faults by seed and invariants every day.

``script`` what people set out to do · ``lives`` what becomes of it · ``playing`` and ``requests`` by which commands ·
``calls`` one command a call · ``faults`` what goes wrong · ``invariants`` what holds all the same · ``running`` all of it.
"""
