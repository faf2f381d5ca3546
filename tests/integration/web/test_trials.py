"""The pages on which a policy is tried: the form with the pack's values, the run, what came of it, files, and its mark on all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from python_calamine import CalamineWorkbook

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.trials import commands, models
from tiercare.apps.trials.commands import trying
from tiercare.apps.trials.rules.trials import MARK, Stage
from tiercare.engines.twin.levers import LEVERS
from tiercare.engines.twin.outcomes import OUTCOMES
from tiercare.kernel.ids import uuid7
from tiercare.web.trials.presenters import HEADLINES

from ..evaluation.supervised import commission_of
from ..planning.regions import altered
from .capacity_desk import text_of
from .conftest import FRAME

pytestmark = pytest.mark.django_db
Open = Callable[..., Client]
CITY = commission_of("3402")
SMALL = {
    "title": "示例：少报四成",
    "residents": "2000",
    "seeds": "3",
    "first_seed": "1",
    "b.unreferred_cut": "40",
}


def to(address: str, **query: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in {**FRAME, **query}.items())
    return f"{address}?{asked}"


def asked(client: Client, **also: str) -> str:
    """The address of a trial that was asked for."""
    answer = client.post(to("/trials/new"), {**SMALL, **also})
    assert answer.status_code == 302, text_of(answer, answer.status_code)
    return str(answer["Location"])


def there() -> list[models.Trial]:
    """All of the city's, as its commission sees them: without that nobody sees any."""
    with scoped(CITY, area="3402"):
        return list(models.Trial.objects.order_by("asked_at", "id"))


def key_of(address: str) -> UUID:
    return UUID(re.findall(r"/trials/([0-9a-f-]{36})", address)[0])


def field_of(html: str, name: str) -> str:
    """The tag of a field."""
    return re.findall(rf'<(?:input|select) [^>]*id="{re.escape(name)}"[^>]*>', html)[0]


def row_of(html: str, lever: str) -> str:
    return re.findall(rf'<tr data-lever="{lever}">.*?</tr>', html, re.DOTALL)[0]


def error_of(html: str, name: str) -> str:
    found = re.findall(rf'id="{re.escape(name)}-error">(.*?)</p>', html, re.DOTALL)
    return unescape(re.sub("<[^>]+>", "", found[0])).strip() if found else ""


def quote_of(html: str) -> list[str]:
    """The sentences that can be taken along."""
    block = re.findall(r'<div id="quote".*?</div>', html, re.DOTALL)[0]
    return [
        unescape(re.sub("<[^>]+>", "", each)) for each in re.findall(r"<p[^>]*>(.*?)</p>", block, re.DOTALL)
    ]


def marked(answer: HttpResponse) -> str:
    """The page, which says that it is simulated."""
    html = text_of(answer, answer.status_code)
    assert re.search(rf'class="trial-mark">.*?{MARK.zh}', html, re.DOTALL)
    return html


def test_the_form_shows_what_the_pack_sets_and_by_which_clause(
    client_of: Open, wuhu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of()
    html = marked(client.get(to("/trials/new")))
    for name, lever in LEVERS.items():
        assert lever.name.zh in row_of(html, name)
        assert field_of(html, f"b.{name}") and field_of(html, f"a.{name}")
    assert "/clauses/WH-63" in row_of(html, "payment_mode") and "按病种分值" in row_of(html, "payment_mode")
    assert "平台缺省" in row_of(html, "secondments"), "a value of ours says so"
    hours = row_of(html, "release_hours")
    assert "/clauses/NHC-40" in hours and "<b>72 小时</b>" not in hours
    assert 'max="90"' in row_of(html, "reserve_share"), "shares are typed in per cent"
    altered(monkeypatch, "NHC-40", release_hours=72)
    assert "<b>72 小时</b>" in row_of(text_of(client.get(to("/trials/new"))), "release_hours")


def test_nothing_typed_is_lost_and_every_fault_stands_at_its_field(client_of: Open, wuhu: str) -> None:
    client = client_of()
    typed = {
        "title": "",
        "residents": "很多",
        "seeds": "1",
        "first_seed": "x",
        "b.reserve_share": "120",
        "b.release_hours": "2.5",
        "b.secondments": "nan",
        "b.payment_mode": "gold",
        "b.signing_coverage": "45",
        "a.prescription_weeks": "400",
    }
    answer = client.post(to("/trials/new"), typed)
    assert answer.status_code == 422
    html = marked(answer)
    for name, value in typed.items():
        if value and name != "b.payment_mode":  # a list can only hold what it offers
            assert f'value="{value}"' in field_of(html, name), name
        assert (error_of(html, name) != "") is (name != "b.signing_coverage"), name
    assert "0–90" in error_of(html, "b.reserve_share") and "120%" in error_of(html, "b.reserve_share")
    assert "整数" in error_of(html, "b.release_hours")
    assert re.search(r'<details class="paper" id="a" open>', html), "the part with a fault in it is open"
    assert not there()


def test_what_the_engine_refuses_stands_at_its_field_too(client_of: Open, wuhu: str) -> None:
    client = client_of()
    few = client.post(to("/trials/new"), {**SMALL, "residents": "3"})
    assert few.status_code == 422 and error_of(text_of(few, 422), "residents")
    same = text_of(client.post(to("/trials/new"), {**SMALL, "b.unreferred_cut": ""}), 422)
    assert "两边的政策一样" in same
    apart = {**SMALL, "b.signing_coverage": "90", "b.key_signing_coverage": "10"}
    html = text_of(client.post(to("/trials/new"), apart), 422)
    assert "重点人群优先签约" in html and 'href="#b"' in html


def test_a_trial_is_built_played_and_read(client_of: Open, wuhu: str) -> None:
    client = client_of()
    address = asked(client)
    waiting = marked(client.get(address))
    assert "data-again" in waiting and "排队中" in waiting
    assert "trial-plot" not in waiting, "nothing is shown before there is something"
    twice = client.post(to("/trials/new"), SMALL)
    assert twice.status_code == 409 and f'value="{SMALL["title"]}"' in text_of(twice, 409)
    assert 'href="#trial"' in text_of(twice, 409) and 'id="trial"' in text_of(twice, 409), "and a way to it"
    assert commands.run_trial(key_of(address)) is Stage.DONE
    html = marked(client.get(address))
    assert "data-again" not in html
    rows = re.findall(r'<tr data-outcome="(\w+)">(.*?)</tr>', html, re.DOTALL)
    assert [name for name, _ in rows] == list(OUTCOMES)
    first = dict(rows)["primary_first"]
    assert re.search(r"更好|看不出差别", first) and re.search(r"\+[\d.]+ 个百分点", first)
    figure = re.findall(r"<figure.*?</figure>", html, re.DOTALL)[0]
    assert figure.count("trial-name") == len(HEADLINES)
    pictures = re.findall(r'aria-label="([^"]*)"', figure)
    assert 3 < len(pictures) == figure.count("<circle")
    assert all(re.search("平均差别 .+95 % 区间 .+…", each) for each in pictures), "a picture in words"
    assert "谁吃亏" in html and "40 个百分点" in html and "不同" in html
    quoted = quote_of(html)
    assert len(quoted) == 6 and MARK.zh in quoted[-1], "five sentences, and the mark goes along"
    assert "未经转诊再少报由 0 个百分点 改为 40 个百分点" in quoted[0]
    compared = sum(each["seeds"] > 1 for each in (there()[0].result or {})["differences"])
    assert f"{compared} 项结果一起判断" in quoted[3] and f"{compared} 项一起判断" in html
    assert "说不出结果最依赖哪条假设" in html, "three seeds are too few for that"
    assert "已完成" in marked(client.get(to("/trials")))


def test_a_result_says_how_sure_it_is_and_what_it_leans_on(client_of: Open, wuhu: str) -> None:
    client = client_of()
    address = asked(client, seeds="8")
    assert commands.run_trial(key_of(address)) is Stage.DONE
    html = text_of(client.get(address))
    assert "说不出结果最依赖哪条假设" not in html
    first = re.findall(r'<tr data-outcome="primary_first">(.*?)</tr>', html, re.DOTALL)[0]
    assert "更好" in first
    assert re.search(r"都如此|可能不同", first) and "偶然占" in first
    rows = dict(re.findall(r'<tr data-outcome="(\w+)">(.*?)</tr>', html, re.DOTALL))
    shown = {name for name, row in rows.items() if re.search(r">[+-][01]\.\d\d</span>", row)}
    surely = {
        row["outcome"]
        for row in (there()[0].result or {})["differences"]
        if any(lean["sure"] for lean in row["leans_on"])
    }
    assert shown == surely != set(), (
        "the assumption with its correlation, and none that chance may have picked"
    )
    living = re.findall(r">住在([^<]+)<", html)
    assert living and not any(any(map(str.isdigit, place)) for place in living), "places by their names"


def test_who_may_only_have_had_bad_luck_is_folded_away(client_of: Open, wuhu: str) -> None:
    """With three pairs a coin does as much: nobody is called a loser, and the rest lies in a fold that no paper shows."""
    client = client_of()
    address = asked(client)
    commands.run_trial(key_of(address))
    html = text_of(client.get(address))
    section = re.findall(r'<section class="paper" id="losers".*?</section>', html, re.DOTALL)[0]
    before, _fold, folded = section.partition('<details class="trial-fold no-print">')
    assert "没有哪一组人可以确定" in before and "<tr>" not in before
    assert "可能只是碰巧" in folded and "<tr>" in folded
    assert "没有哪一组人可以确定吃亏" in quote_of(html)[2]


def test_a_result_of_before_outcomes_were_judged_together_says_so(client_of: Open, wuhu: str) -> None:
    client = client_of()
    address = asked(client)
    commands.run_trial(key_of(address))
    with scoped(CITY, area="3402"):
        (kept,) = models.Trial.objects.all()
        assert kept.result is not None
        older = {name: value for name, value in kept.result.items() if name != "compared"}
        older["differences"] = [
            {name: value for name, value in row.items() if name not in {"p", "among", "alone"}}
            for row in older["differences"]
        ]
        models.Trial.objects.update(result=older)
    html = text_of(client.get(address))
    assert "早于多项校正" in quote_of(html)[3] and "霍尔姆" not in html
    assert client.get(to(f"/trials/{key_of(address)}.xlsx")).status_code == 200


def test_the_list_says_what_each_trial_changes(client_of: Open, wuhu: str) -> None:
    client = client_of()
    nothing = marked(client.get(to("/trials")))
    assert "还没有试算过政策" in nothing and nothing.count('href="/trials/new') == 2, "what to do, and where"
    asked(client, **{"a.reserve_share": "20"})
    row = re.findall(r"<tr data-row>.*?</tr>", marked(client.get(to("/trials"))), re.DOTALL)[0]
    assert "排队中" in row and "0 / 6" in row, "three pairs, each a second time with other dice"
    assert "20% → <b>10%</b>" in row and "<b>40 个百分点</b>" in row and "两个情景互比" in row
    assert "2,000 × 3" in row and "签约率" not in row


def test_what_came_of_it_is_taken_along_with_its_mark(client_of: Open, wuhu: str) -> None:
    client = client_of()
    address = asked(client)
    key = key_of(address)
    early = client.get(to(f"/trials/{key}.csv"))
    assert early.status_code == 409 and "没有结果可下载" in text_of(early, 409)
    commands.run_trial(key)
    lines = client.get(to(f"/trials/{key}.csv")).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(OUTCOMES)
    assert all(MARK.zh in line for line in lines[1:])
    answer = client.get(to(f"/trials/{key}.xlsx"))
    assert "simulated" in answer.headers["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    assert book.sheet_names == ["差别", "依赖的假设", "谁吃亏", "政策", "依据"]
    for name in book.sheet_names:
        assert all(row[-1] == MARK.zh for row in book.get_sheet_by_name(name).to_python()[1:]), name
    found = {row[0]: row[1] for row in book.get_sheet_by_name("依据").to_python()[1:]}
    assert found["复算凭据"] == there()[0].inputs
    assert client.get(to(f"/trials/{key}.pdf")).status_code == 404


def test_one_can_be_stopped_copied_and_run_again(client_of: Open, wuhu: str) -> None:
    client = client_of()
    address = asked(client, **{"a.reserve_share": "12.5"})
    key = key_of(address)
    assert client.post(to(f"/trials/{key}/stop")).status_code == 302
    assert "已停止" in text_of(client.get(address))
    copy = text_of(client.get(to("/trials/new", **{"from": str(key)})))
    for name, value in {**SMALL, "a.reserve_share": "12.5"}.items():
        assert f'value="{value}"' in field_of(copy, name)
    wrong = client.post(to(f"/trials/{key}/again"), {"seeds": "many"})
    assert wrong.status_code == 422 and 'value="many"' in field_of(text_of(wrong, 422), "seeds")
    more = client.post(to(f"/trials/{key}/again"), {"seeds": "4"})
    again = there()[-1]
    assert again.id == key_of(more["Location"])
    assert (again.seeds, again.origin_id, again.a) == (4, key, {"reserve_share": 0.125})


def test_one_that_broke_off_says_so(client_of: Open, wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of()
    address = asked(client)

    def broken_off(region: str, **_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(trying, "ready", broken_off)
        commands.run_trial(key_of(address))
    html = text_of(client.get(address))
    assert "没有算完" in html and "请再算一次" in html and "data-again" not in html
    assert "按现在的政策包再算" in html


def test_an_older_result_says_that_the_pack_has_changed(client_of: Open, wuhu: str) -> None:
    client = client_of()
    address = asked(client)
    commands.run_trial(key_of(address))
    assert "在这次试算之后变了" not in text_of(client.get(address))
    with scoped(CITY, area="3402"):
        assert models.Trial.objects.update(pack_digest="older") == 1
    assert "在这次试算之后变了" in text_of(client.get(address))


def test_a_form_sent_twice_is_one_trial(client_of: Open, wuhu: str) -> None:
    client, once = client_of(), str(uuid7())
    addresses = {asked(client, once=once) for _ in range(2)}
    assert len(addresses) == 1 and len(there()) == 1


def test_others_read_but_do_not_try_and_strangers_see_nothing(client_of: Open, wuhu: str) -> None:
    address = asked(client_of())
    auditor = client_of(Role.AUDITOR)
    assert SMALL["title"] in marked(auditor.get(to("/trials")))
    page = text_of(auditor.get(address))
    assert "停止" not in page and "复制并修改" not in page
    assert auditor.get(to("/trials/new")).status_code == 403
    assert auditor.post(to(f"/trials/{key_of(address)}/stop")).status_code == 403
    stranger = client_of(Role.COMMISSION, "4407")
    assert SMALL["title"] not in text_of(stranger.get(to("/trials")))
    assert stranger.get(address).status_code == 404
    assert stranger.get(to("/trials/new", **{"from": str(key_of(address))})).status_code == 403
    copied = stranger.get(f"/trials/new?region=xinhui&on=2018-12-31&from={key_of(address)}")
    assert copied.status_code == 404, "nor is it copied into their own region"
    assert Client().get(to("/trials")).status_code == 302


def test_a_region_without_institutions_says_what_to_do(client_of: Open, wuhu: str) -> None:
    nation = client_of(Role.COMMISSION, "00")
    for ask in (nation.get, nation.post):
        html = text_of(ask("/trials/new?region=cn&on=2019-07-01"), 422)
        assert "没有机构和区划" in html and "请换一个" in html


def test_a_day_before_the_policy_or_far_ahead_is_refused(client_of: Open, wuhu: str) -> None:
    client = client_of()
    early = client.post("/trials/new?region=wuhu&on=2009-07-01", SMALL)
    assert "尚未生效" in text_of(early, 422) and SMALL["title"] in text_of(early, 422)
    late = client.post("/trials/new?region=wuhu&on=2150-07-01", SMALL)
    assert "模拟的年份" in text_of(late, 422)
    assert not there()


def test_the_region_of_others_is_not_tried(client_of: Open, wuhu: str) -> None:
    client = client_of()
    for ask in (client.get, client.post):
        assert ask("/trials/new?region=taiyuan&on=2024-12-31").status_code == 403


def test_the_pages_speak_english(client_of: Open, wuhu: str) -> None:
    client = client_of()
    address = asked(client)
    commands.run_trial(key_of(address))
    client.cookies["tiercare_language"] = "en"
    for path in (to("/trials"), to("/trials/new"), address):
        html = text_of(client.get(path))
        assert MARK.en in html
    assert all(each.name.en.partition(" (")[0] in unescape(html) for each in OUTCOMES.values())
