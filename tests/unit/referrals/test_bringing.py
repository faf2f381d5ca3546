"""What to take along is said from the request."""

from __future__ import annotations

from tiercare.apps.referrals.rules.bringing import Along, to_bring
from tiercare.apps.referrals.rules.vocabulary import Kind

CT = ("头颅CT", "2026-11-02")


def said(known: Along, **more: bool) -> str:
    return "\n".join(each.zh for each in to_bring(known, **more))


def test_papers_are_named_by_title_and_day_and_medicines_counted() -> None:
    text = said(Along(Kind.UP, papers=(CT, ("血脂", "2026-11-01")), drugs=3))
    assert "头颅CT（2026-11-02）、血脂（2026-11-01）" in text and "3 种药" in text
    assert text.index("身份证") < text.index("医保卡") < text.index("转诊单") < text.index("头颅CT")
    assert "住院" not in text and "出院小结" not in text


def test_many_papers_are_a_few_names_and_a_number() -> None:
    text = said(Along(Kind.UP, papers=tuple((f"报告{n}", "2026-11-01") for n in range(9))))
    assert "报告5" in text and "报告6" not in text and "等 9 份" in text


def test_titles_that_could_tell_a_disease_stay_out() -> None:
    text = said(Along(Kind.UP, papers=(("HIV 抗体确证", "2026-11-02"),), discreet=True))
    assert "HIV" not in text and "以前的病历" in text


def test_what_the_kind_asks_for() -> None:
    assert to_bring(Along(Kind.ADVICE, papers=(CT,))) == ()
    assert "出院小结" in said(Along(Kind.DOWN)) and "换洗衣物" in said(Along(Kind.UP, admission=True))
    assert "转诊单" in said(Along(Kind.LATERAL)) and "转诊单" not in said(Along(Kind.LATERAL), sheet=False)
    assert all(
        each.zh and each.en for each in to_bring(Along(Kind.DOWN, papers=(CT,), drugs=1, admission=True))
    )
