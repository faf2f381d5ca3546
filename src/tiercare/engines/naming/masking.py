"""Names as lists show them: enough to recognise somebody one knows, too little to learn a name."""

from __future__ import annotations

import unicodedata

from .spelling import DOT, HAN_RUN, fold, without_parting

_REST = "***"  # the same for every length, where the length of a part would say too much


def mask(name: str) -> str:
    """王*, 王*明, 欧**明, 阿*** (names in parts), J*** (other scripts); '*' for a single character.

    Keeps the spelling it is given, because people know their own.
    """
    written = without_parting(unicodedata.normalize("NFC", name))
    if len(written) < 2:
        return "*"
    if HAN_RUN.fullmatch(written) is None or DOT in fold(name):
        return written[0] + _REST
    if len(written) == 2:
        return written[0] + "*"
    return written[0] + "*" * (len(written) - 2) + written[-1]
