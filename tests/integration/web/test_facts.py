"""The pages of facts: what is there, a file in, what was wrong with it, for whom."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.engines.measures.importing import propose
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import writing
from tiercare.engines.sheets import read
from tiercare.kernel.ids import uuid7

from ..evaluation.extracts import extract, visit, with_faults

QUERY = "region=wuhu"


@pytest.fixture(autouse=True)
def facts_root(settings, tmp_path: Path) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return settings.FACTS_ROOT


@pytest.fixture
def commission(client_of: Callable[..., Client]) -> Client:
    return client_of(Role.COMMISSION)


def text(answer: HttpResponse) -> str:
    """What a reader sees, without tags and with single blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def sent(client: Client, content: bytes, name: str = "门诊 2025-03.csv", **fields: str) -> HttpResponse:
    file = SimpleUploadedFile(name, content)
    given = {"file": file, "fact": "", "mode": "add", "once": str(uuid7()), **fields}
    return client.post(f"/facts/import/upload?{QUERY}", given)


def act(client: Client, address: str, **fields: str) -> HttpResponse:
    return client.post(f"{address}?{QUERY}", {"once": str(uuid7()), **fields})


def _any(texts: Sequence[str]) -> bool:
    return len(texts) > 1


def uploaded(client: Client, content: bytes, **fields: str) -> str:
    """The address of the upload."""
    answer = sent(client, content, **fields)
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"].split("?")[0])


def form_of(client: Client, address: str) -> dict[str, str]:
    """What the form of columns sends as it stands."""
    page = client.get(f"{address}?{QUERY}&columns=1").content.decode()
    form = page.split('id="columns-form"')[1].split("</form>")[0]
    found: dict[str, str] = {}
    for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form):
        if name not in {"csrfmiddlewaretoken", "mode"}:
            found[html.unescape(name)] = html.unescape(value)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[html.unescape(name)] = html.unescape(chosen[1]) if chosen else ""
    return {**found, "mode": "add", "once": str(uuid7())}


def test_from_the_file_to_the_batch(commission: Client) -> None:
    address = uploaded(commission, with_faults())
    page = text(commission.get(f"{address}?{QUERY}"))
    assert "必填项都有来源" in page and "就诊流水号" in page and "普通门诊" in page
    answer = commission.post(f"{address}/check?{QUERY}", form_of(commission, address))
    assert answer.status_code == 302, text(answer)
    page = text(commission.get(f"{address}?{QUERY}"))
    for wanted in (
        "可以收下 4 行，4 行有问题",
        "“就诊日期”里的日期不存在",
        "2025/2/30",
        "“机构编号”不在本区划的机构名单里。",
        "示例不存在医院",
        "与前面一行完全相同",
        "“总费用(元)”是负数。",
        "待核的行还可能改变哪些指标",
        "完整性",
    ):
        assert wanted in page, wanted
    answer = act(commission, f"{address}/take")
    assert answer.status_code == 302 and "/facts/batches/00001-" in answer["Location"], text(answer)
    batch = answer["Location"].split("?")[0]
    page = text(commission.get(f"{batch}?{QUERY}"))
    assert "有效" in page and "入库 4" in page and "门诊 2025-03.csv" in page
    # What was decided leads on to the batch.
    assert commission.get(f"{address}?{QUERY}")["Location"].startswith(batch)


def test_the_same_again_is_refused_and_next_month_is_one_click(commission: Client) -> None:
    address = uploaded(commission, with_faults())
    act(commission, f"{address}/check")
    act(commission, f"{address}/take")
    answer = sent(commission, with_faults())
    assert answer.status_code == 409 and "同样内容的文件已在" in text(answer)
    april = extract([visit(n, 就诊日期="2025-04-02") for n in range(20, 23)])
    address = uploaded(commission, april, name="门诊 2025-04.csv")
    assert "3 行全部可以收下" in text(commission.get(f"{address}?{QUERY}"))
    page = text(commission.get(f"/facts/import?{QUERY}"))
    assert "门诊 2025-04.csv" in page and "第 1 版" in page


def test_what_is_missing_is_said_beside_its_column_and_nothing_chosen_is_lost(commission: Client) -> None:
    address = uploaded(commission, with_faults())
    form = form_of(commission, address) | {"c.cost": "", "source": "市一院 HIS"}
    answer = commission.post(f"{address}/check?{QUERY}", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'aria-describedby="why-cost"' in page and 'value="市一院 HIS"' in page
    assert "必填的“总费用”还没有来源。" in text(answer)
    # The same header for two columns.
    form = form_of(commission, address) | {"c.own": form["c.fund"], "was.own": form["c.fund"]}
    assert "同时选给了" in text(commission.post(f"{address}/check?{QUERY}", form))


def test_choosing_another_header_shows_its_words(commission: Client) -> None:
    address = uploaded(commission, extract([visit(n, 来院方式="自己来的") for n in range(3)]))
    form = form_of(commission, address)
    assert form["w.arrival.自己来的"] == ""
    form |= {"c.kind": "", "c.role": "就诊类型"}
    assert commission.post(f"{address}/columns?{QUERY}", form).status_code == 302
    form = form_of(commission, address)
    assert form["w.role.普通门诊"] == ""
    assert (
        commission.get(f"{address}?{QUERY}").content.decode().count('<details class="facts-words" open>') == 2
    )


def test_another_table_is_drafted_anew(commission: Client) -> None:
    address = uploaded(commission, with_faults())
    assert act(commission, f"{address}/table", fact="funds").status_code == 302
    assert "个必填项没有来源" in text(commission.get(f"{address}?{QUERY}"))
    assert act(commission, f"{address}/table", fact="nothing").status_code == 404


def test_nothing_is_taken_and_the_file_goes(commission: Client) -> None:
    address = uploaded(commission, with_faults())
    assert act(commission, f"{address}/drop").status_code == 302
    page = text(commission.get(f"{address}?{QUERY}"))
    assert "这次上传已放弃，没有入库任何数据。" in page
    assert "这个地区还没有事实数据。" in text(commission.get(f"/facts?{QUERY}"))


def test_files_that_cannot_be_used_say_why(commission: Client, settings) -> None:
    assert sent(commission, b"").status_code == 422
    assert "没有选择文件" in text(commission.post(f"/facts/import/upload?{QUERY}", {"once": str(uuid7())}))
    assert "不是" in text(sent(commission, b"<html><body>no table</body></html>"))
    far = extract([visit(n, 机构所在区划="140105001", 居住地="140105001", 参保地="140105") for n in range(3)])
    assert "像是别的地区的数据" in text(sent(commission, far))
    settings.FACTS_UPLOAD_MB = 1
    answer = sent(commission, b"a,b\n" * 700_000)
    assert answer.status_code == 413 and "网页上传最多 1 MB" in text(answer)


@pytest.mark.parametrize("kind", ["xlsx", "utf-8", "gb18030"])
def test_rows_that_wait_are_taken_away_with_their_reasons_and_come_back(
    commission: Client, kind: str
) -> None:
    address = uploaded(commission, with_faults())
    act(commission, f"{address}/check")
    before = commission.get(f"{address}/quarantine?{QUERY}&format={kind}")
    answer = act(commission, f"{address}/take")
    batch = answer["Location"].split("?")[0]
    after = commission.get(f"{batch}/quarantine?{QUERY}&format={kind}")

    def lines(answer: HttpResponse) -> list[list[str]]:
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        (sheet,) = read(content, f"x.{'xlsx' if kind == 'xlsx' else 'csv'}", is_header=_any).sheets
        return [list(sheet.header), *([str(cell or "") for cell in line.cells] for line in sheet.lines)]

    shown = lines(after)
    assert shown == lines(before)
    assert shown[0][:4] == ["原行号", "问题", "怎么办", "就诊流水号"]
    assert {row[3]: row[1][:12] for row in shown[1:]} == {
        "V4": "与前面一行完全相同，只保",
        "V5": "“就诊日期”里的日期不存",
        "V6": "“机构编号”不在本区划的",
        "V7": "“总费用(元)”是负数。",
    }
    mended = [dict(zip(shown[0], row, strict=True)) for row in shown[1:] if row[3] == "V5"]
    content = extract(
        [{**row, "就诊日期": "2025-03-02"} for row in mended], header=shown[0], encoding="utf-8"
    )
    again = uploaded(commission, content, name="更正.csv")
    assert "1 行全部可以收下" in text(commission.get(f"{again}?{QUERY}"))


def test_readers_see_counts_but_neither_cells_nor_rows(
    commission: Client, client_of: Callable[..., Client]
) -> None:
    address = uploaded(commission, with_faults())
    act(commission, f"{address}/check")
    batch = act(commission, f"{address}/take")["Location"].split("?")[0]
    auditor = client_of(Role.AUDITOR)
    page = text(auditor.get(f"{batch}?{QUERY}"))
    assert "“就诊日期”里的日期不存在" in page and "2025/2/30 第" not in page
    assert "示例不存在医院" not in page and "单元格里的原值只给导入数据的人看。" in page
    assert auditor.get(f"{batch}/quarantine?{QUERY}").status_code == 403
    assert auditor.get(f"/facts/import?{QUERY}").status_code == 403
    assert "导入数据" not in text(auditor.get(f"/facts?{QUERY}"))
    far = client_of(Role.AUDITOR, area="1401")
    assert far.get(f"{batch}?{QUERY}").status_code == 403


def test_the_grid_names_rows_and_gaps(commission: Client) -> None:
    for content, name in (
        (with_faults(), "三月.csv"),
        (extract([visit(n, 就诊日期="2025-06-02") for n in range(40, 43)]), "六月.csv"),
    ):
        address = uploaded(commission, content, name=name)
        act(commission, f"{address}/check")
        act(commission, f"{address}/take")
    page = commission.get(f"/facts?{QUERY}").content.decode()
    assert (
        "2025-03：4 行" in page
        and "2025-04–2025-05" in page
        and page.count('class="fc fc-missing" title') == 2
    )
    batches = text(commission.get(f"/facts/tables/visits?{QUERY}&month=202506"))
    assert "2025-06 的批次" in batches and "00002-" in batches and "00001-" not in batches


def test_templates_are_known_for_what_they_are(commission: Client, tmp_path: Path) -> None:
    path = tmp_path / "template.csv"
    for name, fact in facts().items():
        answer = commission.get(f"/facts/tables/{name}/template")
        (sheet,) = read(answer.content, "x.xlsx", is_header=_any).sheets
        path.write_text(",".join(sheet.header) + "\n" + ",".join("x" for _ in sheet.header) + "\n", "utf-8")
        proposal = propose(path, "3402", name)
        assert proposal.missing == () and set(proposal.columns) == set(sheet.header), name
        assert set(sheet.header) >= set(fact.columns)
    page = text(commission.get(f"/facts/tables/visits?{QUERY}"))
    assert facts()["visits"].title.zh in page and facts()["visits"].grain.zh in page


def test_a_locked_month_is_told_with_who_locked_it(commission: Client, facts_root: Path) -> None:
    with writing(facts_root, "3402") as writer:
        writer.lock(Span(202503, 202503), at=ledger.now(), by="市卫健委")
    address = uploaded(commission, with_faults())
    act(commission, f"{address}/check")
    page = text(commission.get(f"{address}?{QUERY}"))
    assert "这批数据涉及已锁定的月份 2025-03（市卫健委于" in page and "没有一行可以收下" in page
    assert act(commission, f"{address}/take").status_code == 409
    assert act(commission, f"{address}/drop").status_code == 302


def test_an_unknown_table_or_batch_says_where_to_go(commission: Client) -> None:
    assert commission.get(f"/facts/tables/nothing?{QUERY}").status_code == 404
    assert commission.get(f"/facts/batches/nothing?{QUERY}").status_code == 404
    assert commission.get(f"/facts/import/{uuid7()}?{QUERY}").status_code == 404
