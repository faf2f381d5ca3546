"""Pages of bulletins and deliveries: what the commission draws up, what a county signs for, and files to take along."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands import bulletins
from tiercare.engines.sheets import read
from tiercare.kernel.actor import Actor

from ..evaluation.computed import keep_small_year
from ..evaluation.facts_made import lay

pytestmark = pytest.mark.django_db
Q = "region=wuhu&on=2019-07-01"
SHARE = "primary_visit_share"


@pytest.fixture
def facts(wuhu: str, tmp_path: Path, settings) -> Path:
    """A small year of facts."""
    settings.FACTS_ROOT = lay(tmp_path / "facts")
    return settings.FACTS_ROOT


@pytest.fixture
def computed(facts: Path) -> None:
    """The year is computed."""
    keep_small_year()


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:3000]
    return " ".join(answer.content.decode().split())


def post(client: Client, address: str, **sent) -> str:
    """Send a form; answers where it leads."""
    answer = client.post(f"{address}?{Q}", sent)
    assert answer.status_code == 302, text(answer, answer.status_code)
    return str(answer.headers["Location"])


def drafted(client: Client, **other) -> str:
    given = {"period": "2019", "title": "2019年通报", "words": "总体平稳。", "indicators": [SHARE]}
    return post(client, "/bulletins/new", **(given | other)).partition("?")[0]


def test_where_nothing_was_computed_the_page_says_so(client_of) -> None:
    city = client_of()
    assert "还没有算过指标" in text(city.get(f"/bulletins?{Q}"))
    assert "没有可通报的数" in text(city.get(f"/bulletins/new?{Q}"), 409)


def test_a_county_is_told_who_draws_it_up(client_of, computed) -> None:
    county = client_of(area="340202")
    assert "由市卫健委拟发" in text(county.get(f"/bulletins?{Q}"))
    assert county.get(f"/bulletins/new?{Q}").status_code == 403


def test_from_the_draft_to_the_receipt(client_of, computed) -> None:
    city = client_of()
    form = text(city.get(f"/bulletins/new?{Q}"))
    assert re.search(rf'value="{SHARE}" checked', form) and "2019年第一季度" in form
    assert "请至少选一项" in text(city.post(f"/bulletins/new?{Q}", {"period": "2019", "title": "题"}), 422)
    page = drafted(city)
    shown = text(city.get(f"{page}?{Q}"))
    assert "50 %" in shown and "7 / 14" in shown and "模拟数据，仅供演示" in shown and "未经用印" in shown
    post(city, f"{page}/edit", period="2019Q1", title="改过", words="", indicators=[SHARE])
    assert "2019年第一季度" in text(city.get(f"{page}?{Q}"))
    for act in ("submit", "approve", "send"):
        post(city, f"{page}/{act}")
    assert "已经发送过了" in text(city.post(f"{page}/send?{Q}"), 409)
    sent = text(city.get(f"{page}?{Q}"))
    assert "镜湖区卫生健康委员会" in sent and "未签收" in sent
    post(city, f"{page}/remind")
    assert "已催 1 次" in text(city.get(f"{page}?{Q}"))

    county = client_of(area="340202")
    listed = text(county.get(f"/deliveries?{Q}"))
    (mine,) = set(re.findall(r"/deliveries/[0-9a-f-]{36}", listed))
    before = text(county.get(f"{mine}?{Q}"))
    assert "签收并打开" in before and "7 / 14" not in before
    assert county.get(f"{mine}.docx?{Q}").status_code == 404
    post(county, f"{mine}/receive")
    assert "7 / 14" in text(county.get(f"{mine}?{Q}"))
    assert county.get(f"{page}?{Q}").status_code == 404  # the commission's own file is not theirs
    assert "1 / " in text(city.get(f"{page}?{Q}"))

    assert "请写明理由" in text(city.post(f"{page}/withdraw?{Q}", {"why": " "}), 422)
    post(city, f"{page}/withdraw", why="口径有误")
    gone = text(county.get(f"{mine}?{Q}"))
    assert "口径有误" in gone and "7 / 14" not in gone


def test_a_form_that_is_sent_twice_drafts_once(client_of, computed) -> None:
    city = client_of()
    form = text(city.get(f"/bulletins/new?{Q}"))
    once = re.search(r'name="once" value="([^"]+)"', form)
    assert once is not None
    assert drafted(city, once=once[1]) == drafted(city, once=once[1])


def test_files_say_what_the_page_says(client_of, computed) -> None:
    city = client_of()
    page = drafted(city, title="=1+1 通报")
    answer = city.get(f"{page}.docx?{Q}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        said = parts.read("word/document.xml").decode()
    assert "50 %" in said and "=1+1 通报" in said and "attachment" in answer.headers["Content-Disposition"]
    heads = {"指标", "编号", "项目"}
    book = read(
        city.get(f"{page}.xlsx?{Q}").content, "b.xlsx", is_header=lambda cells: bool(heads & set(cells))
    )
    whole, places, definitions, about = book.sheets
    assert whole.lines[0].cells[3:6] == (7, 14, 0.5)
    by_place = {line.cells[2]: line.cells[4:7] for line in places.lines}
    assert by_place["340202"] == (6, 10, 0.6)
    assert definitions.lines[0].cells[0] == SHARE and definitions.lines[0].cells[3]
    assert "模拟数据" in str({line.cells[0]: line.cells[1] for line in about.lines}["标识"])


@pytest.mark.parametrize(("form", "encoding"), [("csv", "utf-8-sig"), ("gb.csv", "gb18030")])
def test_a_table_to_take_along(client_of, computed, form: str, encoding: str) -> None:
    city = client_of()
    query = f"{Q}&span=2019&span=2018&level=division&level=region&indicator={SHARE}"
    answer = city.get(f"/bulletins/values.{form}?{query}")
    lines = answer.content.decode(encoding).splitlines()
    assert answer.status_code == 200 and lines[0].startswith("编号,指标,时期")
    row = next(line for line in lines if ",340202," in line and ",2019," in line)
    assert ",6,10,0.6,60 %," in row and "模拟数据" in row and "NHC-62" in row
    assert len(lines) == 1 + 2 + 3


def test_a_workbook_of_values_carries_definitions_and_ground(client_of, computed) -> None:
    city = client_of()
    answer = city.get(f"/bulletins/values.xlsx?{Q}&span=2019&level=consortium&indicator={SHARE}")
    book = read(answer.content, "v.xlsx", is_header=lambda cells: bool({"编号", "项目"} & set(cells)))
    values, definitions, about = book.sheets
    assert {line.cells[6:8] for line in values.lines} == {(6, 10), (1, 4)}
    assert definitions.lines[0].cells[0] == SHARE
    assert {"计算凭据", "政策包", "标识"} <= {line.cells[0] for line in about.lines}
    assert city.get(f"/bulletins/values.xlsx?{Q}&indicator=nothing").status_code == 404
    assert city.get(f"/bulletins/values.xlsx?{Q}&span=2031").status_code == 404


def test_an_office_takes_along_only_its_own(client_of, computed) -> None:
    office = client_of(Role.CONSORTIUM_OFFICE, area="340202")
    answer = office.get(f"/bulletins/values.csv?{Q}&span=2019&level=consortium&indicator={SHARE}")
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 1  # leads no consortium of this world


def test_what_is_handed_on_stands_on_one_page(client_of, computed) -> None:
    city = client_of()
    page = text(city.get(f"/deliveries/hand-over?{Q}"))
    assert "WH-52" in page and "WH-53" in page and "NHC-33" in page and "安徽省卫生健康委员会" in page
    there = post(city, "/deliveries/hand-over", what="participation", year="2019").partition("?")[0]
    shown = text(city.get(f"{there}?{Q}"))
    assert "省属医院" in shown and "接收上转（例）" in shown and "3402-" in shown
    assert "回执编号" in text(city.post(f"{there}/receipt?{Q}", {"receipt": ""}), 422)
    post(city, f"{there}/receipt", receipt="皖卫收〔2020〕7号")
    listed = text(city.get(f"/deliveries?{Q}&box=out"))
    assert "皖卫收〔2020〕7号" in listed
    nothing = city.post(f"/deliveries/hand-over?{Q}", {"what": "counts", "year": "2019"})
    assert "没有可报送的内容" in text(nothing, 409)
    assert city.post(f"/deliveries/hand-over?{Q}", {"what": "other"}).status_code == 409


def test_the_draft_of_a_new_period_waits_on_the_list(client_of, computed) -> None:
    bulletins.draft_all()
    listed = text(client_of().get(f"/bulletins?{Q}"))
    assert "芜湖市2019年第一季度分级诊疗指标通报" in listed and "草稿" in listed
    assert Actor.system("job").name in listed


def test_english_pages_are_english_around_a_chinese_paper(client_of, computed) -> None:
    city = client_of()
    page = drafted(city)
    city.cookies["tiercare_language"] = "en"
    assert 'lang="zh-CN"' in text(city.get(f"{page}?{Q}"))
