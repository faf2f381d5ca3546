"""The registers' columns as a document: what a file may hold, generated from what reads it."""

from __future__ import annotations

from .registers import REGISTERS, Column, Register, Shape

_SHAPES: dict[Shape, str] = {
    Shape.CODE: "编码 code",
    Shape.TEXT: "文字 text",
    Shape.DATE: "日期 date",
    Shape.COUNT: "非负整数 whole number",
    Shape.DEGREES: "度 degrees",
    Shape.YES_NO: "是/否 yes or no",
    Shape.WORD: "一个词 one word",
    Shape.WORDS: "几个词 words",
    Shape.DIVISION: "区划代码 division",
    Shape.TOWNSHIP: "乡镇街道代码 township",
    Shape.SPECIALTY: "诊疗科目 specialty",
    Shape.SPECIALTIES: "诊疗科目 specialties",
    Shape.RANKED: "诊疗科目=级别 specialty=rank",
    Shape.CREDIT_CODE: "信用代码 credit code",
    Shape.PARTY: "一方 party",
    Shape.PARTIES: "各方 parties",
}


def render_registers() -> str:
    """Every register with its columns, for ``docs/generated/registers.md``."""
    lines = [
        "# 登记表的列 · Columns of the registers",
        "",
        "由 `tiercare/apps/network/rules/registers` 生成，请勿手改。 Generated from the code that reads the files; do not edit.",
        "",
    ]
    for register in REGISTERS.values():
        lines += _register(register)
    return "\n".join(lines)


def _register(register: Register) -> list[str]:
    names = "、".join(register.column(key).name.zh for key in register.identity)
    return [
        f"## {register.name.zh} {register.name.en} `{register.key}`",
        "",
        f"{register.about.zh} {register.about.en}",
        f"一行由{names}认定。 A row is named by {', '.join(f'`{key}`' for key in register.identity)}.",
        "",
        "| 列名 Header | 键 Key | 必填 Required | 填什么 Holds | 说明 Meaning | 可填的词 Words | 例 Example |",
        "|---|---|---|---|---|---|---|",
        *(_column(column) for column in register.columns),
        "",
    ]


def _column(column: Column) -> str:
    words = "；".join(
        f"{name.zh} {name.en} `{code}`" for code, name in (column.words or {}).items() if name.zh
    )
    also = f"（也认 also: {'、'.join(column.also)}）" if column.also else ""
    required = "✓" if column.required else "—"
    shape = "不读 not read" if column.told else _SHAPES[column.shape]
    cells = (
        f"{column.name.zh} {column.name.en}{also}",
        f"`{column.key}`",
        required,
        shape,
        f"{column.help.zh} {column.help.en}",
        words,
        column.example,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
