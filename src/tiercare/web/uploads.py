"""What pages to which files are sent share: one that is too large is refused before anything of it is kept."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from tiercare.apps.network.commands.imports import too_large as too_large_refusal
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

_FORM_BESIDES = 1024 * 1024  # what a form may hold besides the file, in bytes
_DRAINED_AT_MOST = 8 * LIMIT_BYTES
_PIECE = 1024 * 1024


def announced(request: HttpRequest) -> int:
    """How many bytes the request says it has."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def too_large(request: HttpRequest, limit: int = LIMIT_BYTES) -> bool:
    """Whether it has more than a file and a form may."""
    return announced(request) > limit + _FORM_BESIDES


def drain(request: HttpRequest) -> None:
    """Let the browser finish sending, keeping nothing: one whose sending is cut off shows no answer at all."""
    left = min(announced(request), _DRAINED_AT_MOST)
    while left > 0 and (piece := request.read(min(left, _PIECE))):
        left -= len(piece)


def received(request: HttpRequest) -> UploadedFile[bytes]:
    """The file of the form.

    Raises:
        Refused: if there is none, or it is too large.
    """
    file = request.FILES.get("file")
    if file is None:
        raise Refused(NO_FILE)
    if (file.size or 0) > LIMIT_BYTES:
        raise Refused(too_large_refusal(file.size or 0))
    return file


NO_FILE = Refusal(
    code="import_no_file",
    message=Text("没有选择文件。", "No file was chosen."),
    instead=Text("请选择 .xlsx、.xls 或 .csv 文件再上传。", "Choose an .xlsx, .xls or .csv file."),
    at="file",
    status=422,
)
