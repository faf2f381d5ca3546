"""A paper as .docx, written as plain WordprocessingML (ECMA-376): no library is needed for paragraphs and tables."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape

from .paper import NOT_OFFICIAL, Paper, Table

_BORN = (2000, 1, 1, 0, 0, 0)  # no clock in the file: the same paper gives the same bytes
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RED, _GREY = "C00000", "666666"
_SMALL = '<w:sz w:val="20"/>'
_CENTRED = '<w:jc w:val="center"/>'
# A4 in twentieths of a point, with the margins of GB/T 9704: 37 mm above, 28 mm left, 26 mm right, 35 mm below.
_PAGE = (
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="992" w:gutter="0"/>'
)
_WIDTH = 11906 - 1474 - 1587
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPES = (
    f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_PART}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_PART}.styles+xml"/>'
    f'<Override PartName="/word/header1.xml" ContentType="{_PART}.header+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{_PART}.footer+xml"/></Types>'
)
_ROOT = (
    f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_LINK}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_LINKS = (
    f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_LINK}/styles" Target="styles.xml"/>'
    f'<Relationship Id="r2" Type="{_LINK}/header" Target="header1.xml"/>'
    f'<Relationship Id="r3" Type="{_LINK}/footer" Target="footer1.xml"/></Relationships>'
)
_STYLES = (
    f"{_HEAD}<w:styles {_NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>"
    '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋"/><w:sz w:val="28"/>'
    '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:spacing w:before="240" w:after="240"/><w:jc w:val="center"/></w:pPr>'
    '<w:rPr><w:rFonts w:eastAsia="宋体"/><w:b/><w:sz w:val="40"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:keepNext/><w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="0"/></w:pPr>'
    '<w:rPr><w:rFonts w:eastAsia="黑体"/></w:rPr></w:style></w:styles>'
)


def written(paper: Paper) -> bytes:
    """The .docx."""
    out = io.BytesIO()
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "word/_rels/document.xml.rels": _LINKS,
        "word/styles.xml": _STYLES,
        "word/header1.xml": _header(paper),
        "word/footer1.xml": _footer(),
        "word/document.xml": _document(paper),
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name, _BORN), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _document(paper: Paper) -> str:
    body = "".join(_blocks(paper))
    section = (
        f'<w:sectPr><w:headerReference w:type="default" r:id="r2"/>'
        f'<w:footerReference w:type="default" r:id="r3"/>{_PAGE}</w:sectPr>'
    )
    return f"{_HEAD}<w:document {_NAMESPACES}><w:body>{body}{section}</w:body></w:document>"


def _blocks(paper: Paper) -> Iterator[str]:
    rule = (
        f'<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="6" w:color="{_RED}"/></w:pBdr>'
        '<w:spacing w:after="120"/><w:jc w:val="center"/>'
    )
    yield _paragraph(paper.issuer, shape=rule, look=f'<w:b/><w:color w:val="{_RED}"/><w:sz w:val="52"/>')
    yield _paragraph(
        f"{paper.number or '（未编号）'}　{NOT_OFFICIAL}",
        shape='<w:jc w:val="center"/>',
        look=f'<w:color w:val="{_GREY}"/><w:sz w:val="20"/>',
    )
    yield _paragraph(paper.title, style="Title")
    if paper.to:
        yield _paragraph(f"{paper.to}：")
    for text in paper.paragraphs:
        yield _paragraph(text, shape='<w:spacing w:line="400" w:lineRule="exact"/><w:ind w:firstLine="560"/>')
    for table in paper.tables:
        yield _paragraph(table.name, style="Heading1")
        yield _table(table)
    right = '<w:spacing w:before="360"/><w:jc w:val="right"/>'
    yield _paragraph(paper.issuer, shape=right)
    yield _paragraph(paper.day, shape='<w:jc w:val="right"/>')
    if paper.notes:
        yield _paragraph("指标口径", style="Heading1")
        for head, text in paper.notes:
            yield _paragraph(f"{head}　{text}", look=_SMALL)
    if paper.facts:
        yield _paragraph("数据说明", style="Heading1")
        for head, text in paper.facts:
            yield _paragraph(f"{head}：{text}", look=_SMALL)


def _table(table: Table) -> str:
    wide = max(len(table.header), 1)
    columns = "".join(f'<w:gridCol w:w="{_WIDTH // wide}"/>' for _ in table.header)
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    head = _row(table.header, frozenset(), "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>", "<w:b/>")
    rows = "".join(_row(row, table.numbers, "<w:trPr><w:cantSplit/></w:trPr>", "") for row in table.rows)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_WIDTH}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{head}{rows}</w:tbl>"
    )


def _row(cells: tuple[str, ...], numbers: frozenset[int], shape: str, look: str) -> str:
    def cell(at: int, text: str) -> str:
        side = '<w:jc w:val="right"/>' if at in numbers else ""
        return f"<w:tc>{_paragraph(text, shape=side, look=look + _SMALL)}</w:tc>"

    return f"<w:tr>{shape}{''.join(cell(at, text) for at, text in enumerate(cells))}</w:tr>"


def _paragraph(text: str, *, style: str = "", shape: str = "", look: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{shape}</w:pPr>{_run(text, look)}</w:p>"


def _run(text: str, look: str = "") -> str:
    plain = escape(_UNWRITABLE.sub("\ufffd", text))
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{plain}</w:t></w:r>'


def _header(paper: Paper) -> str:
    """The synthetic mark on every page."""
    said = "　".join(paper.marks)
    look = f'<w:b/><w:color w:val="{_RED}"/><w:sz w:val="20"/>'
    return f"{_HEAD}<w:hdr {_NAMESPACES}>{_paragraph(said, shape=_CENTRED, look=look)}</w:hdr>"


def _footer() -> str:
    def count(name: str) -> str:
        return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'

    line = f"{_run('第 ')}{count('PAGE')}{_run(' 页，共 ')}{count('NUMPAGES')}{_run(' 页')}"
    return f"{_HEAD}<w:ftr {_NAMESPACES}><w:p><w:pPr>{_CENTRED}</w:pPr>{line}</w:p></w:ftr>"
