"""Sounds of single characters, and what many speakers hear as one."""

from __future__ import annotations

from functools import lru_cache

from tiercare.engines import naming

# 平翘舌 and n/l; -ng/-n (前后鼻音) is done at the end. The three confusions that dialects all over the south make.
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


@lru_cache(maxsize=65_536)
def syllable(character: str) -> str:
    """The first reading of a character, without tone; the character itself where it has none."""
    return next(iter(naming.readings(character)), character)


@lru_cache(maxsize=4_096)
def coarse(sound: str) -> str:
    """A syllable without the differences that are easily misheard: zhang, zan → zan; ning, lin → lin."""
    for written, heard in _INITIALS:
        if sound.startswith(written):
            sound = heard + sound[len(written) :]
            break
    return sound[:-1] if sound.endswith("ng") else sound
