"""What the API says about malformed requests, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

TITLES: Mapping[int, Text] = {
    400: Text("请求不可读", "Unreadable request"),
    401: Text("请先登录", "Sign in first"),
    403: Text("没有权限", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("方法不支持", "Method not supported"),
    406: Text("不能按所要的格式回答", "Not in that form"),
    409: Text("现在不能办理", "Not possible as things stand"),
    412: Text("内容已被他人更新", "Changed by someone else"),
    413: Text("文件太大", "Too large"),
    422: Text("内容需要更正", "Needs correcting"),
    428: Text("缺少前提条件", "A precondition is missing"),
    429: Text("请稍候", "Too many requests"),
    500: Text("服务器出错", "Server error"),
    503: Text("暂时不可用", "Not available now"),
}

UNREADABLE = Refusal(
    code="api.unreadable",
    message=Text("请求的正文无法读取。", "The body of the request cannot be read."),
    instead=Text(
        "请用 UTF-8 的 JSON，并带 Content-Type: application/json。", "Send UTF-8 JSON as application/json."
    ),
    status=400,
)

# Pydantic's error types, by their whole name or its first word. A sentence may use Pydantic's context fields.
_WRONG: Mapping[str, Text] = {
    "missing": Text("缺少“{place}”。", "“{place}” is missing."),
    "extra_forbidden": Text(
        "没有“{place}”这一项，不能提交。", "“{place}” is not a field here and cannot be sent."
    ),
    "string": Text("“{place}”须为文字。", "“{place}” must be text."),
    "string_too_short": Text(
        "“{place}”至少 {min_length} 个字符。", "“{place}” needs at least {min_length} characters."
    ),
    "string_too_long": Text(
        "“{place}”最多 {max_length} 个字符。", "“{place}” takes at most {max_length} characters."
    ),
    "string_pattern_mismatch": Text("“{place}”的格式不对。", "“{place}” has the wrong format."),
    "int": Text("“{place}”须为整数。", "“{place}” must be a whole number."),
    "float": Text("“{place}”须为数字。", "“{place}” must be a number."),
    "decimal": Text(
        "“{place}”须为数字，小数位不能过多。", "“{place}” must be a number, without too many decimals."
    ),
    "finite_number": Text("“{place}”须为有限的数字。", "“{place}” must be a finite number."),
    "bool": Text("“{place}”须为 true 或 false。", "“{place}” must be true or false."),
    "date": Text("“{place}”须为日期，如 2026-11-21。", "“{place}” must be a date such as 2026-11-21."),
    "datetime": Text(
        "“{place}”须为带时区的时间，如 2026-11-21T14:05:00+08:00。",
        "“{place}” must be a time with zone such as 2026-11-21T14:05:00+08:00.",
    ),
    "timezone": Text("“{place}”须带时区。", "“{place}” needs a time zone."),
    "uuid": Text("“{place}”须为 UUID。", "“{place}” must be a UUID."),
    "enum": Text("“{place}”只能是：{expected}。", "“{place}” must be one of: {expected}."),
    "literal_error": Text("“{place}”只能是：{expected}。", "“{place}” must be one of: {expected}."),
    "greater_than": Text("“{place}”须大于 {gt}。", "“{place}” must be more than {gt}."),
    "greater_than_equal": Text("“{place}”不能小于 {ge}。", "“{place}” must be at least {ge}."),
    "less_than": Text("“{place}”须小于 {lt}。", "“{place}” must be less than {lt}."),
    "less_than_equal": Text("“{place}”不能大于 {le}。", "“{place}” must be at most {le}."),
    "list": Text("“{place}”须为列表。", "“{place}” must be a list."),
    "tuple": Text("“{place}”须为列表。", "“{place}” must be a list."),
    "too_short": Text("“{place}”至少 {min_length} 项。", "“{place}” needs at least {min_length} items."),
    "too_long": Text("“{place}”最多 {max_length} 项。", "“{place}” takes at most {max_length} items."),
    "model": Text("“{place}”须为 JSON 对象。", "“{place}” must be a JSON object."),
    "json_unfit": Text(
        "“{place}”里有不能保存的字符、数字，或层次太深。",
        "“{place}” holds signs or numbers that cannot be kept, or is nested too deep.",
    ),
    "json_too_large": Text("“{place}”内容太多。", "“{place}” is too much."),
    "dict": Text("“{place}”须为 JSON 对象。", "“{place}” must be a JSON object."),
}

_WHERE: Mapping[str, Text] = {
    "body": Text("请在 JSON 正文中更正。", "Correct it in the JSON body."),
    "query": Text("请在地址的查询参数中更正。", "Correct it in the query parameters."),
    "path": Text("请更正地址。", "Correct the address."),
    "header": Text("请更正请求头。", "Correct the header."),
}
_ELSEWHERE = Text("请更正后重新提交。", "Correct it and send it again.")


def wrong_field(error_type: str, message: str) -> Text:
    """The sentence for a Pydantic error type; Pydantic's own ``message`` where we have none."""
    text = _WRONG.get(error_type) or _WRONG.get(error_type.split("_", 1)[0])
    if text is not None:
        return text
    literal = message.replace("{", "{{").replace("}", "}}")
    return Text("“{place}”不符合要求（" + literal + "）。", "“{place}” is not acceptable (" + literal + ").")


def way_on_for_fields(source: str) -> Text:
    """Where to correct a field: in the body, the query, the path or a header."""
    return _WHERE.get(source, _ELSEWHERE)
