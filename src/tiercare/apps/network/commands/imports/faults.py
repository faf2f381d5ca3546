"""Why a file as a whole cannot be imported: each names the place, says why, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from tiercare.engines.sheets import LIMIT_BYTES, letter, normalised
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ...rules.entries import Registers
from ...rules.registers import OWN_REGISTERS, REGISTERS, Column, Register

_TEMPLATE = Text(
    "请下载“{register}”的模板，照模板写列名后再上传。",
    "Download the template of “{register}”, use its column names, and upload again.",
)


def _fault(code: str, message: Text, instead: Text, **fields: object) -> Refusal:
    return Refusal(f"import_{code}", message, instead, fields=fields, at="file", status=422)


def joined(names: Iterable[Text]) -> Text:
    """Several names in one phrase."""
    names = list(names)
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))


def nothing_recognised(file: str, sheets: Sequence[str], registers: Registers = REGISTERS) -> Refusal:
    """No sheet is a register of ours."""
    return _fault(
        "nothing_recognised",
        Text(
            "“{file}”里没有认得的登记表（工作表：{sheets}）。",
            "“{file}” holds no register that we know (sheets: {sheets}).",
        ),
        Text(
            "工作表请以登记表命名（{registers}），第一行照模板写列名。",
            "Name the sheets after the registers ({registers}) and use the column names of the template.",
        ),
        file=file,
        sheets="、".join(sheets[:10]),
        registers=joined(register.name for register in registers.values()),
    )


def register_unclear(
    file: str, nearest: Register | None, missing: Sequence[Column], registers: Registers = REGISTERS
) -> Refusal:
    """A CSV whose name and header fit no register: the person must say which it is."""
    if nearest is None:
        return _fault(
            "register_unclear",
            Text("看不出“{file}”是哪一种登记表。", "It cannot be told which register “{file}” is."),
            Text(
                "请在“登记表”中选择一种再上传，或照模板写列名（{registers}）。",
                "Choose the register and upload again, or use the column names of its template ({registers}).",
            ),
            file=file,
            registers=joined(register.name for register in registers.values()),
        )
    return _fault(
        "register_unclear",
        Text(
            "看不出“{file}”是哪一种登记表；最像“{register}”，但缺少必填的列：{columns}。",
            "It cannot be told which register “{file}” is; it is most like “{register}”, but lacks the columns "
            "{columns}.",
        ),
        Text(
            "如果是“{register}”，请照模板补上这些列；如果不是，请在“登记表”中选择一种再上传。",
            "If it is “{register}”, add those columns; if not, choose the register and upload again.",
        ),
        file=file,
        register=nearest.name,
        columns=joined(column.name for column in missing),
    )


def unknown_register(key: str, registers: Registers = REGISTERS) -> Refusal:
    """A register was chosen that does not exist."""
    return Refusal(
        "import_unknown_register",
        Text("没有“{key}”这种登记表。", "There is no register “{key}”."),
        Text("可选：{registers}。", "Choose from: {registers}."),
        fields={
            "key": key[:40],
            "registers": "、".join(
                f"{register.key}（{register.name.zh}）" for register in registers.values()
            ),
        },
        at="register",
        status=422,
    )


def no_header(sheet: str, register: Register) -> Refusal:
    """A sheet is named after a register, but has no row of column names."""
    return _fault(
        "no_header",
        Text(
            "工作表“{sheet}”的前 10 个非空行里没有找到“{register}”的列名。",
            "The first 10 non-empty rows of the sheet “{sheet}” hold no column names of “{register}”.",
        ),
        _TEMPLATE,
        sheet=sheet,
        register=register.name,
    )


def columns_missing(sheet: str, row: int, register: Register, missing: Sequence[Column]) -> Refusal:
    """Columns that every row must fill stand nowhere."""
    return _fault(
        "columns_missing",
        Text(
            "工作表“{sheet}”（表头在第 {row} 行）缺少“{register}”必填的列：{columns}。",
            "The sheet “{sheet}” (header in row {row}) lacks required columns of “{register}”: {columns}.",
        ),
        _TEMPLATE,
        sheet=sheet,
        row=row,
        register=register.name,
        columns=joined(column.name for column in missing),
    )


def column_unknown(sheet: str, position: int, name: str, register: Register) -> Refusal:
    """A column with content is called by no name that we know: leaving it out would lose what stands in it."""
    place = letter(position)
    nearest = _nearest(name, register) if name else None
    if not name:
        message = Text(
            "工作表“{sheet}”第 {letter} 列没有列名，却有内容。",
            "Column {letter} of the sheet “{sheet}” has content but no name.",
        )
    else:
        message = Text(
            "工作表“{sheet}”第 {letter} 列“{name}”不认识。",
            "Column {letter} of the sheet “{sheet}”, “{name}”, is not known.",
        )
    if nearest:
        instead = Text(
            "是不是“{nearest}”？请改成这个列名；如果不需要，请删除这一列或清空它。",
            "Did you mean “{nearest}”? Call it so; if it is not needed, delete or empty the column.",
        )
    else:
        instead = Text(
            "“{register}”的列有：{columns}。请改成其中之一；如果不需要，请删除这一列或清空它。",
            "The columns of “{register}” are {columns}. Use one of them, or delete or empty the column.",
        )
    return _fault(
        "column_unknown",
        message,
        instead,
        sheet=sheet,
        letter=place,
        name=name[:40],
        nearest=nearest.name if nearest else "",
        register=register.name,
        columns=joined(column.name for column in register.columns if not column.told),
    )


def _nearest(name: str, register: Register) -> Column | None:
    """The column whose name is most like ``name``, if any is at all."""
    called = {
        normalised(text).lower(): column
        for column in register.columns
        for text in (column.name.zh, column.name.en, column.key, *column.also)
    }
    wanted = normalised(name).lower()
    found = get_close_matches(wanted, called, n=1, cutoff=0.5)
    if found:
        return called[found[0]]
    return next(
        (c for text, c in called.items() if len(wanted) > 1 and (wanted in text or text in wanted)), None
    )


def column_twice(sheet: str, positions: Sequence[int], column: Column) -> Refusal:
    """Two columns mean the same."""
    return _fault(
        "column_twice",
        Text(
            "工作表“{sheet}”的 {letters} 列都是“{column}”。",
            "Columns {letters} of the sheet “{sheet}” are both “{column}”.",
        ),
        Text("请只留一列。", "Keep one of them."),
        sheet=sheet,
        letters="、".join(letter(position) for position in positions),
        column=column.name,
    )


def register_twice(file: str, register: Register, sheets: Sequence[str]) -> Refusal:
    """Two sheets of one file are the same register."""
    return _fault(
        "register_twice",
        Text(
            "“{file}”里有几张工作表都是“{register}”：{sheets}。",
            "Several sheets of “{file}” are “{register}”: {sheets}.",
        ),
        Text(
            "请合并成一张，或分成几个文件上传。",
            "Put them into one sheet, or upload them as separate files.",
        ),
        file=file,
        register=register.name,
        sheets="、".join(sheets),
    )


def too_large(size: int) -> Refusal:
    """A file of so many bytes is not even read."""
    return _fault(
        "too_large",
        Text("文件有 {size} MB，超过上限 {limit} MB。", "The file has {size} MB; the limit is {limit} MB."),
        Text(
            "请按县区或机构拆成几个文件，各留一行表头，逐个上传；CSV 另存为 .xlsx 通常小很多。",
            "Split it by county or institution, each file with the header row, and upload them one by one; a CSV "
            "saved as .xlsx is often much smaller.",
        ),
        size=-(-size // (1024 * 1024)),
        limit=LIMIT_BYTES // (1024 * 1024),
    )


def cannot_open(file: str, reason: str) -> Refusal:
    """The operating system does not let us at a file; ``reason`` is its own word."""
    return _fault(
        "cannot_open",
        Text("无法打开“{file}”：{reason}。", "“{file}” cannot be opened: {reason}."),
        Text("请核对路径和权限。", "Check the path and the permissions."),
        file=file,
        reason=reason,
    )


def no_rows(file: str) -> Refusal:
    """Only headers: an untouched template."""
    return _fault(
        "no_rows",
        Text("“{file}”里没有数据行。", "“{file}” holds no rows of data."),
        Text("请在表头下面填写数据后再上传。", "Fill in rows below the header and upload again."),
        file=file,
    )


def not_your_register(register: Register) -> Refusal:
    """Whoever keeps an institution's own registers uploads one that the commission keeps."""
    return _fault(
        "not_your_register",
        Text(
            "“{register}”由卫生健康行政部门登记，您只能填报本机构的{own}。",
            "“{register}” is kept by the health commission; you may report {own} of your own institution.",
        ),
        Text(
            "请只上传这几种登记表；其余变更请用“变更申请”提出。",
            "Upload those registers only; propose other changes as an application.",
        ),
        register=register.name,
        own=joined(REGISTERS[key].name for key in REGISTERS if key in OWN_REGISTERS),
    )


def no_such_batch() -> Refusal:
    """Nothing was uploaded under this address that the acting person may see."""
    return Refusal(
        "import_not_found",
        Text(
            "当前地区没有这份上传的文件，或者您不能查看它。",
            "There is no such file in this region, or you may not see it.",
        ),
        Text("请从上传记录中选择。", "Choose one from the list."),
        status=404,
    )


def not_open(state: str) -> Refusal:
    """It was taken over or discarded."""
    done = {"APPLIED": Text("已导入", "been taken over"), "DISCARDED": Text("已放弃", "been discarded")}[
        state
    ]
    return Refusal(
        "import_not_open",
        Text("这份文件{done}，不能再改动。", "This file has {done} and cannot be changed any more."),
        Text("需要时请重新上传。", "Upload it again if needed."),
        fields={"done": done},
    )


def rows_are_bad(count: int) -> Refusal:
    """All or nothing was asked for, and some rows cannot be taken."""
    return Refusal(
        "import_rows_are_bad",
        Text(
            "有 {count} 行有误，没有导入任何数据。", "{count} rows cannot be taken; nothing was taken over."
        ),
        Text(
            "请改正这些行，或选择“只导入无误的行”。",
            "Mend those rows, or choose to take over only the rows without a fault.",
        ),
        fields={"count": count},
        status=422,
    )


def nothing_ready() -> Refusal:
    """Every row is bad."""
    return Refusal(
        "import_nothing_ready",
        Text("没有一行可以导入。", "Not one row can be taken over."),
        Text("请先改正有误的行。", "Mend the rows first."),
        status=422,
    )


def no_bad_rows() -> Refusal:
    """There is nothing to download."""
    return Refusal(
        "import_no_bad_rows",
        Text("这份文件没有有误的行。", "This file has no bad rows."),
        Text("请返回查看检查结果。", "Go back to the result of the check."),
        status=404,
    )


def no_such_row() -> Refusal:
    """The row is not in quarantine (any more)."""
    return Refusal(
        "import_no_such_row",
        Text(
            "这一行不在有误的行中，可能已经改正。",
            "This row is not among the bad ones; it may have been mended.",
        ),
        Text("请刷新页面后再看。", "Reload the page."),
        status=404,
    )
