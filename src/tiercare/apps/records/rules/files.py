"""Files: what they are is read from their first bytes, never believed from their name or the sender's word."""

from __future__ import annotations

from dataclasses import replace

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# The first bytes of what may be kept here. DICOM has its sign at byte 128; it stays in its archive and comes by reference.
_MAGIC = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
DICOM = "application/dicom"
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
# The last bytes: a file that was cut off on its way is told from a whole one.
_ENDS = {"application/pdf": b"%%EOF", "image/jpeg": b"\xff\xd9", "image/png": b"IEND"}
_TAIL = 1024


def media_type_of(content: bytes) -> str:
    """The type by the first bytes; empty where it is none that we know."""
    if content[128:132] == b"DICM":
        return DICOM
    return next((name for name, magic in _MAGIC.items() if content.startswith(magic)), "")


def file_refusal(content: bytes, *, claimed: str, most: int | None) -> Refusal | None:
    """Why a file cannot be kept: empty, too large (``most`` in bytes), of a kind that is not kept, cut off, or not what
    it claims to be."""
    if not content:
        return EMPTY
    return size_refusal(len(content), most) or _type_refusal(content, claimed)


def size_refusal(size: int, most: int | None) -> Refusal | None:
    """Why a file of this size cannot be kept, before anything of it is read into memory; both in bytes."""
    if most is None or size <= most:
        return None
    return replace(TOO_LARGE, fields={"most": most // 1_000_000})


def _type_refusal(content: bytes, claimed: str) -> Refusal | None:
    found = media_type_of(content)
    if found == DICOM:
        return BY_REFERENCE
    if not found:
        return NOT_KEPT
    if claimed and _plain(claimed) != found:
        return replace(LIES, fields={"claimed": claimed[:60], "found": found})
    return None if _ENDS[found] in content[-_TAIL:] else CUT_OFF


def _plain(claimed: str) -> str:
    name = claimed.partition(";")[0].strip().lower()
    return "image/jpeg" if name in {"image/jpg", "image/pjpeg"} else name


EMPTY = Refusal(
    code="records.file_empty",
    message=Text("文件是空的。", "The file is empty."),
    instead=Text("请重新选择文件。", "Choose the file again."),
    at="file",
    status=422,
)
TOO_LARGE = Refusal(
    code="records.file_too_large",
    message=Text("文件超过 {most} MB。", "The file is larger than {most} MB."),
    instead=Text(
        "请压缩或拆分；影像请登记在影像系统中的地址。",
        "Compress or split it; of images give the address in the archive.",
    ),
    at="file",
    status=413,
)
NOT_KEPT = Refusal(
    code="records.file_type",
    message=Text("只收 PDF、JPEG 和 PNG 文件。", "Only PDF, JPEG and PNG files are kept."),
    instead=Text("请另存为 PDF 后上传；影像请登记地址。", "Save it as PDF; of images give the address."),
    at="file",
    status=415,
)
BY_REFERENCE = Refusal(
    code="records.dicom_by_reference",
    message=Text("DICOM 影像不在这里保存。", "DICOM images are not kept here."),
    instead=Text("请填写它在影像系统中的地址。", "Give its address in the image archive."),
    at="file",
    status=415,
)
LIES = Refusal(
    code="records.file_lies",
    message=Text("文件自称 {claimed}，实际是 {found}。", "The file claims to be {claimed} and is {found}."),
    instead=Text(
        "请核对来源，用正确的类型重新上传。", "Check where it is from and send it with its true type."
    ),
    at="file",
    status=415,
)
CUT_OFF = Refusal(
    code="records.file_cut_off",
    message=Text(
        "文件不完整，可能在传输中断。", "The file is not whole; it may have been cut off on its way."
    ),
    instead=Text("请打开确认能看，再重新上传。", "Open it to see that it is whole, then send it again."),
    at="file",
    status=422,
)
NEITHER = Refusal(
    code="records.no_file",
    message=Text("没有文件，也没有地址。", "There is neither a file nor an address."),
    instead=Text(
        "请选择文件，或填写在影像系统中的地址。", "Choose a file, or give the address in the image archive."
    ),
    at="file",
    status=422,
)
BAD_REFERENCE = Refusal(
    code="records.bad_reference",
    message=Text("地址须以 https:// 或 urn: 开头。", "An address starts with https:// or urn:."),
    instead=Text("请从影像系统复制检查的地址。", "Copy the study's address from the archive."),
    at="reference",
    status=422,
)
OTHERS_REQUEST = Refusal(
    code="records.others_request",
    message=Text(
        "这条申请不是这位居民的，或与本机构无关。",
        "The request is not this resident's, or your institution has no part in it.",
    ),
    instead=Text("请从患者本人的申请中上传附件。", "Add it from the patient's own request."),
    at="request",
    status=422,
)
