"""Files uploaded, mended and taken over through the pages, by people signed in as in service."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.rules import Role
from tiercare.apps.network import models
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.ids import stable_id, uuid7

from .conftest import FRAME

QUERY = "region=wuhu&on=2019-07-01"
HEADER = "机构编码,科室名称,诊疗科目代码,生效日期"


@pytest.fixture
def hospital(wuhu: str) -> str:
    return models.Institution.objects.get(
        id=stable_id("network", "wuhu", "institution", "second_hospital")
    ).slug


@pytest.fixture
def commission(client_of: Callable[..., Client]) -> Client:
    return client_of(Role.COMMISSION)


def departments(hospital: str, *rows: tuple[str, str, str]) -> bytes:
    """A CSV of departments: name, specialty, first day."""
    return "\n".join([HEADER, *(f"{hospital},{','.join(row)}" for row in rows)]).encode()


def upload(client: Client, content: bytes, name: str = "科室.csv", **fields: str) -> HttpResponse:
    file = SimpleUploadedFile(name, content)
    return client.post(
        f"/imports/upload?{QUERY}", {"file": file, "register": "", "once": str(uuid7()), **fields}
    )


def uploaded(client: Client, content: bytes, name: str = "科室.csv") -> str:
    """The address of the batch."""
    answer = upload(client, content, name)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"].split("?")[0])


def text(answer: HttpResponse) -> str:
    """What stands on the page, tags left out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def post(client: Client, address: str, **fields: str) -> HttpResponse:
    return client.post(f"{address}?{QUERY}", {"once": str(uuid7()), **fields})


def test_upload_mend_take_over(commission: Client, hospital: str) -> None:
    batch = uploaded(
        commission, departments(hospital, ("老年科", "03", "2019-08-01"), ("心内科", "99", "2019-08-01"))
    )
    page = commission.get(batch, FRAME)
    said = text(page)
    assert "还有 1 行有误" in said and "科室!3" in said
    assert "诊疗科目 99 在 2019-08-01 不在名录中" in said
    row = models.ImportRow.objects.get()
    assert 'name="cell.specialty" value="99"' in page.content.decode()

    answer = post(commission, f"{batch}/rows/{row.id}", **{"cell.specialty": "03.04"})
    assert answer.status_code == 302
    assert "不会新增违反规则的事项" in text(commission.get(batch, FRAME))
    assert post(commission, f"{batch}/take-over").status_code == 302
    assert set(
        models.Department.objects.filter(name__in=["老年科", "心内科"]).values_list(
            "specialty_code", flat=True
        )
    ) == {
        "03",
        "03.04",
    }
    done = text(commission.get(batch, FRAME))
    assert "已导入的变更" in done and "老年科" in done


def test_all_or_the_good_ones_or_nothing(commission: Client, hospital: str) -> None:
    content = departments(hospital, ("老年科", "03", "2019-08-01"), ("心内科", "99", "2019-08-01"))
    batch = uploaded(commission, content)
    refused = post(commission, f"{batch}/take-over")
    assert refused.status_code == 422 and "有 1 行有误，没有导入任何数据" in text(refused)
    assert not models.Department.objects.filter(name="老年科").exists()
    assert post(commission, f"{batch}/take-over", skip="1").status_code == 302
    assert models.Department.objects.filter(name="老年科").exists()
    download = commission.get(f"{batch}/bad-rows", FRAME)
    assert download.status_code == 200 and download.content.startswith(b"PK")
    assert "attachment" in download["Content-Disposition"]

    other = uploaded(commission, departments(hospital, ("儿科门诊", "07", "2019-08-01")))
    assert post(commission, f"{other}/discard").status_code == 302
    assert not models.Department.objects.filter(name="儿科门诊").exists()
    assert post(commission, f"{other}/take-over").status_code == 409
    assert commission.get(f"{other}/bad-rows", FRAME).status_code == 404


@pytest.mark.clause("WH-27")
def test_what_a_card_forbids_is_shown_before_and_stops_it(commission: Client) -> None:
    def slug(key: str) -> str:
        return models.Consortium.objects.get(id=stable_id("network", "wuhu", "consortium", key)).slug

    rows = f"上级医联体编码,加入的医共体编码,生效日期\n{slug('urban-rural-second')},{slug('community-fanchang-hospital')},2019-08-01"
    batch = uploaded(commission, rows.encode(), "整体加入.csv")
    page = commission.get(batch, FRAME)
    assert "会新增违反，因此不能导入" in text(page)
    assert "/clauses/WH-27?" in page.content.decode()
    assert "整体加入!2" in text(page)
    refused = post(commission, f"{batch}/take-over")
    assert refused.status_code == 422
    assert (
        'href="/clauses/WH-27?' in refused.content.decode().split('id="refusals"')[1].split("</div></div>")[0]
    )
    assert models.ImportBatch.objects.get().state == "CHECKED"


def test_a_file_that_cannot_be_used_says_why_and_nothing_is_kept(commission: Client) -> None:
    for content, name, sentence in (
        (b"%PDF-1.7", "x.xlsx", "PDF"),
        ("甲,乙\n1,2".encode(), "x.csv", "看不出“x.csv”是哪一种登记表"),
        (f"{HEADER},联系电话\na,b,03,2019-08-01,1".encode(), "科室.csv", "第 E 列“联系电话”不认识"),
    ):
        answer = upload(commission, content, name)
        assert answer.status_code == 422 and sentence in text(answer), text(answer)
    assert "没有选择文件" in text(commission.post(f"/imports/upload?{QUERY}", {"register": ""}))
    assert models.ImportBatch.objects.count() == 0


def test_a_file_over_the_limit_is_refused_before_it_is_kept(commission: Client, monkeypatch) -> None:
    content = b"x" * (LIMIT_BYTES + 2 * 1024 * 1024)
    answer = upload(commission, content, "大.csv")
    assert answer.status_code == 413
    assert "超过上限 50 MB" in text(answer) and "拆成几个文件" in text(answer)
    just_over = upload(commission, b"x" * (LIMIT_BYTES + 1), "大.csv")
    assert just_over.status_code == 422 and "超过上限 50 MB" in text(just_over)
    assert models.ImportBatch.objects.count() == 0


def test_the_form_needs_its_token_and_does_its_work_once(commission: Client, hospital: str) -> None:
    content = departments(hospital, ("老年科", "03", "2019-08-01"))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = commission.cookies
    assert upload(strict, content).status_code == 403
    assert models.ImportBatch.objects.count() == 0
    batch = uploaded(commission, content)
    assert strict.post(f"{batch}/take-over?{QUERY}", {}).status_code == 403
    key = str(uuid7())
    for _ in range(2):
        assert commission.post(f"{batch}/take-over?{QUERY}", {"once": key}).status_code == 302
    assert models.Department.objects.filter(name="老年科").count() == 1


def test_who_may_not_is_refused_and_others_files_are_not_there(
    client_of: Callable[..., Client], commission: Client, hospital: str
) -> None:
    batch = uploaded(commission, departments(hospital, ("老年科", "03", "2019-08-01")))
    doctor = client_of(Role.PRIMARY_DOCTOR)
    assert doctor.get("/imports", FRAME).status_code == 403
    assert upload(doctor, b"x").status_code == 403
    office = client_of(Role.CONSORTIUM_OFFICE)
    assert office.get("/imports", FRAME).status_code == 200
    assert office.get(batch, FRAME).status_code == 404
    assert post(office, f"{batch}/take-over").status_code == 404
    assert commission.get(f"/imports/{UUID(int=1)}", FRAME).status_code == 404
    refused = upload(office, departments(hospital, ("冒名科", "03", "2019-08-01")))
    assert refused.status_code == 302, "the rows are told one by one"
    assert "不在其中" in text(office.get(refused["Location"].split("?")[0], FRAME))


def test_templates_and_exports_come_as_files(commission: Client) -> None:
    one = commission.get("/imports/template", {**FRAME, "register": "departments"})
    assert one.content.startswith(b"PK") and "%E7%A7%91%E5%AE%A4" in one["Content-Disposition"]
    assert commission.get("/imports/template", FRAME).content.startswith(b"PK")
    assert commission.get("/imports/template", {**FRAME, "register": "nothing"}).status_code == 422
    assert commission.get("/imports/export", FRAME).content.startswith(b"PK")
    csv = commission.get("/imports/export", {**FRAME, "format": "gb18030", "register": "memberships"})
    assert "牵头医院" in csv.content.decode("gb18030")
    packed = commission.get("/imports/export", {**FRAME, "format": "utf-8"})
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert "机构.csv" in names and len(names) == 10


def test_the_pages_need_few_queries(commission: Client, hospital: str) -> None:
    rows = [(f"科室{n}", "99", "2019-08-01") for n in range(60)]
    batch = uploaded(commission, departments(hospital, *rows, ("老年科", "03", "2019-08-01")))
    for address in ("/imports", batch):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = commission.get(address, FRAME)
        assert answer.status_code == 200
        assert len(queries) <= 15, [query["sql"][:90] for query in queries]
    assert "第 1 / 3 页" in text(commission.get(batch, FRAME))
    assert "科室!61" in text(commission.get(batch, {**FRAME, "page": "3"}))


def test_what_a_file_says_is_shown_as_text(commission: Client, hospital: str) -> None:
    batch = uploaded(
        commission, departments(hospital, ("<script>alert(1)</script>", "<b>99", "2019-08-01")), "<i>科室.csv"
    )
    page = commission.get(batch, FRAME).content.decode()
    assert "<script>alert(1)" not in page and "<b>99" not in page and "<i>科室" not in page
    assert "&lt;b&gt;99" in page
