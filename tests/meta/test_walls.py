"""The wall around residents' data has few doors, and each is named here: who may open all of it, or look across."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tiercare"

# The modules that open the whole index. `scoped` refuses it to everybody but the platform itself.
EVERYWHERE: Mapping[str, str] = {
    "apps/access/queries/scoping.py": "defines it, and refuses it to people",
    "apps/access/queries/__init__.py": "hands it on",
    "apps/access/queries/leaving.py": "a leaving that falls due is carried out by the platform, wherever the person worked",
    "apps/access/commands/leaving.py": "as above",
    "apps/residents/commands/importing.py": "a file of a region's residents, from the command line",
    "apps/residents/commands/importing_cover.py": "a file of covers, from the command line",
    "apps/residents/commands/demonstration.py": "what insures made-up residents, in a demonstration only",
    "apps/residents/commands/hunting.py": "the batch that looks for duplicates",
    "apps/residents/queries/signing.py": "registered poor by village: counts, and whom an institution reads behind its own wall",
    "apps/residents/commands/keys.py": "turning keys seals every number anew",
    "apps/capacity/queries/proof.py": "counts of places by day and pool; no row of a resident leaves it",
    "apps/exchange/commands/turning.py": "a request follows its place or a death, done by the platform itself",
    "apps/exchange/commands/following.py": "as above",
    "apps/exchange/commands/escalating.py": "what is overdue goes up the line, wherever it lies",
    "apps/exchange/commands/alarming.py": "what nobody has seen is told to both sides, wherever it lies",
    "apps/referrals/commands/filing.py": "a filing that waited for a cover goes on, wherever it lies",
    "apps/referrals/commands/filing_sent.py": "what is due goes to the insurers, wherever it lies",
    "apps/referrals/subscribers.py": "requests that carry what was withdrawn are told of it, wherever they lie",
    "apps/exchange/queries/public.py": "where a request is, by its number and the last four; no name, no problem",
    "apps/referrals/queries/bringing.py": "what to take along, by a sheet's number and the last four: titles, no result",
    "apps/evaluation/commands/facts.py": "fact tables hold a region's visits and referrals, under pseudonyms",
    "apps/evaluation/subscribers.py": "which month of which region an event counts in; no row leaves it",
    "apps/evaluation/commands/alerts.py": "signals of every region's runs become alerts: numbers, no row of a resident",
    "apps/planning/commands/searching.py": "the worker's search for a plan: divisions and people counted, no row of a resident",
    "apps/trials/commands/trying.py": "the worker plays a trial with invented people: no row of a resident",
    "apps/evaluation/queries/matters.py": "the platform's own work on matters and runs: numbers, no row of a resident",
    "jobs/driving/ground.py": "made-up people of a demonstration: who is played, on synthetic databases only",
    "jobs/driving/looking.py": "which made-up requests come due in a drive; no row leaves the process",
    "jobs/driving/invariants.py": "a drive recounts every place and request at the end of a day; it shows numbers and keys",
    "apps/capacity/queries/drift.py": "the reconciler counts every booking, from the command line; it shows none",
}
# The modules in which the settings stand that the policies ask for. All others go through `scoped`.
SETTINGS: Mapping[str, str] = {
    "apps/access/queries/scoping.py": "the one place that raises the wall",
    "apps/ledger/sql.py": "verifying the chain counts all rows of reading, from the command line; it shows none",
    "apps/records/queries/withdrawn.py": "shows withdrawn entries, within what the wall shows of the record at all",
}
# The functions that run with the rights of the tables' owner, and the modules that ask them.
DEFINERS: Mapping[str, tuple[str, ...]] = {
    "residents_person": (
        "apps/residents/sql.py",
        "apps/residents/queries/merging.py",
        "apps/capacity/sql.py",
        "apps/capacity/commands/offering.py",
    ),
    "residents_found": ("apps/residents/sql.py",),
    "residents_alike": ("apps/residents/sql.py",),
    "residents_least": ("apps/residents/sql.py", "apps/residents/queries/merging.py"),
    "residents_card_shown": ("apps/residents/commands/cards.py", "apps/residents/commands/signing_in.py"),
    # Whose a resident is to book for, and no more: not who they are.
    "residents_ground_to_book": (
        "apps/capacity/sql.py",
        "apps/capacity/queries/cases.py",
        "apps/capacity/queries/queue.py",
        "apps/capacity/queries/waits.py",
        "apps/residents/queries/booking.py",
        "apps/referrals/queries/destinations_sql.py",
    ),
    # By what somebody is insured on a day, for an estimate and for the insurer; not who they are.
    "residents_cover_at": ("apps/residents/queries/cover.py", "apps/referrals/queries/destinations_sql.py"),
    # Holds whose time ran out give back their places for whoever comes, who does not see whose they were.
    "capacity_sweep": ("apps/capacity/commands/offering.py", "apps/capacity/events.py"),
    "capacity_missed": ("apps/capacity/sql.py",),
    "capacity_lapsed_sessions": ("apps/capacity/commands/offering.py",),
    # Whether a person has a place in a session under another entry; numbers of a line; where somebody can be asked.
    "capacity_booked_as": ("apps/capacity/sql.py", "apps/capacity/commands/offering.py"),
    "capacity_ahead": ("apps/capacity/queries/waiting.py",),
    "capacity_waited_for": ("apps/capacity/commands/offering.py",),
    "capacity_waiting_over": ("apps/capacity/commands/offering.py",),
    "capacity_some_lapsed": (),
    # How many places holds would give back that nobody has swept yet; not whose.
    "capacity_lapsed": (
        "apps/capacity/queries/places.py",
        "apps/capacity/queries/session.py",
        "apps/capacity/queries/board_sql.py",
    ),
    "capacity_settle": (),
    "capacity_lock": ("apps/capacity/sql.py",),
    # What was done and when in admissions and operations, by hospital and department; not whose.
    "capacity_steps_done": ("apps/capacity/queries/case_figures.py",),
    "capacity_quotas_are_whole": (),
    # What became of requests and of patients ready to go down, and when; not whose.
    "exchange_counted": (
        "apps/referrals/queries/statistics_sql.py",
        "apps/referrals/queries/register.py",
        # How many between two institutions, and how many sessions went where: counts and numbers of requests, no resident.
        "apps/planning/queries/proposals.py",
        "apps/planning/queries/flows.py",
    ),
    "exchange_active": ("apps/referrals/queries/channels_sql.py",),
    "exchange_went_down": ("apps/referrals/queries/statistics_sql.py",),
    # How many people of an area have which part of a record; not whose.
    "records_counted": ("apps/records/queries/completeness.py",),
    # Which entries of a package were withdrawn since, when and why; not what stood in them.
    "records_withdrawn": ("apps/records/queries/withdrawn.py",),
    # Which visit opened each episode of a person, and what is counted of it: when and where, not whose.
    "records_settle_episodes": ("apps/records/commands/episodes.py",),
    "records_first_contacts": ("apps/referrals/queries/first_contact_sql.py",),
    "records_specialist_visits": ("apps/referrals/queries/first_contact_sql.py",),
    # From house to house and when; not whose.
    "exchange_hops": ("apps/referrals/queries/hops.py",),
    # The place of one request, to whoever sees the request.
    "exchange_place": ("apps/exchange/sql.py",),
    # Who answers for a resident; whose residents left a hospital without a plan, to the institution that answers for them.
    "records_answers_for": ("apps/records/commands/asking.py",),
    "records_left_without": ("apps/records/queries/going_down.py",),
    # How many proposals to refer down were taken up, and what was answered in a survey; not whose.
    "records_prompted": ("apps/records/queries/prompts.py",),
    "records_surveyed": ("apps/records/queries/surveys.py",),
    # How many of those drawn for a survey answered, by township; not who.
    "evaluation_invited": ("apps/evaluation/queries/survey_results.py",),
    # Who booked where, and what became of the place; not whose.
    "capacity_booked_between": ("apps/referrals/queries/register.py",),
    "ledger_append": ("apps/ledger/sql.py", "apps/ledger/guard.py", "apps/ledger/commands/installation.py"),
    "ledger_seal_batch": (
        "apps/ledger/sql.py",
        "apps/ledger/guard.py",
        "apps/ledger/commands/installation.py",
    ),
}
# Who asks the look-ups of residents by the names of `residents/sql.py`.
LOOK_UPS: Mapping[str, frozenset[str]] = {
    "FOUND": frozenset({"queries/finding.py", "commands/correcting.py"}),
    "KNOWN": frozenset({"commands/registering.py"}),
    "PERSON": frozenset({"queries/opening.py"}),
    "LEAST": frozenset(
        {"queries/finding.py", "commands/scanning.py", "commands/family.py", "commands/correcting.py"}
    ),
}


def modules() -> dict[str, str]:
    """The text of every module but migrations, by its path in the package."""
    return {
        str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8")
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
    }


def using(pattern: str) -> set[str]:
    """The modules in which ``pattern`` stands outside comments."""
    wanted = re.compile(pattern)
    return {
        name
        for name, text in modules().items()
        if any(wanted.search(line.split("#", 1)[0]) for line in text.splitlines())
    }


@pytest.mark.security("S3")
def test_the_whole_index_is_opened_in_named_modules_only() -> None:
    found = using(r"\bEVERYWHERE\b|area=[\"']\*[\"']")
    assert found == set(EVERYWHERE), (
        "name the module in EVERYWHERE with its reason, or scope it to what it needs"
    )


@pytest.mark.security("S3")
def test_the_settings_of_the_wall_are_set_in_one_place() -> None:
    assert using(r"tiercare\.(scope|persons|area|withdrawn)\b") == set(SETTINGS)
    assert using(r"\bSET_AREA\b") == {"apps/ledger/sql.py", "apps/ledger/queries/verification.py"}


@pytest.mark.security("S3")
def test_functions_with_the_owners_rights_are_few_and_asked_by_named_modules() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("migrations/*.py"))
    bodies = re.split(r"(?=CREATE (?:OR REPLACE )?FUNCTION )", written)
    heads = [re.split(r"\bAS \$|BEGIN ATOMIC|RETURN\b(?!S)", body)[0] for body in bodies[1:]]
    definers = {
        re.split(r"\W", head.split("FUNCTION ")[1])[0] for head in heads if "SECURITY DEFINER" in head
    }
    assert definers == set(DEFINERS), (
        "a function that sees past the wall answers one narrow question; name it here"
    )
    for function, asked_by in DEFINERS.items():
        assert using(rf"(?i)\b{function}\b") <= set(asked_by), function


@pytest.mark.security("S3")
def test_look_ups_across_the_wall_are_asked_by_named_modules() -> None:
    for name, asked_by in LOOK_UPS.items():
        found = {
            module.removeprefix("apps/residents/")
            for module in using(rf"\bsql\.{name}\b")
            if module.startswith("apps/residents/")
        }
        assert found == asked_by, (
            f"sql.{name}: callers mask and record what it answers, so they are named here"
        )


@pytest.mark.security("S3")
def test_nothing_that_serves_connects_as_the_owner() -> None:
    """The owner of the tables sees past every policy: it migrates, from the command line."""
    found = using(r"""(connections\[|using\(|database=)["']owner["']""")
    assert {name for name in found if not name.startswith("cli/")} == set()
