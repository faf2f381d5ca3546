"""Bodies that say they are larger than anything taken here are refused before a byte of them is read."""

from __future__ import annotations

from django.http import HttpRequest

from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

# The largest file of all, a workbook, and the form around it. A smaller limit of one endpoint is that one's to say.
_MOST = LIMIT_BYTES + 1024 * 1024
_MEGABYTE = 1024 * 1024


def refuse_endless(request: HttpRequest) -> None:
    """What comes without a length is read as empty by WSGI, so that the header is all there is to look at.

    Raises:
        Refused: 413 for a body that is announced to be too large.
    """
    announced = request.META.get("CONTENT_LENGTH") or "0"
    size = int(announced) if announced.isascii() and announced.isdigit() else 0
    if size > _MOST:
        fields = {"size": -(-size // _MEGABYTE), "most": LIMIT_BYTES // _MEGABYTE}
        raise Refused(Refusal("api.too_large", _MESSAGE, _INSTEAD, fields, at="Content-Length", status=413))


_MESSAGE = Text(
    "这次上传有 {size} MB，超过上限 {most} MB，没有接收。",
    "This upload has {size} MB; the limit is {most} MB. Nothing of it was taken.",
)
_INSTEAD = Text(
    "请压缩或拆成几个文件；影像请填写它在影像系统中的地址。",
    "Compress or split it; of images give the address in the archive.",
)
