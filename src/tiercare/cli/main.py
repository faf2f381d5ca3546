"""The command line: ``tiercare serve | stop | doctor | db | policy | network | plan | capacity | audit | facts | evaluate | evaluation | twin``."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from tiercare.cli import (
    accounts,
    audit,
    capacity,
    db,
    doctor,
    evaluate,
    evaluation,
    facts,
    facts_import,
    facts_refresh,
    network,
    plan,
    plan_saved,
    policy,
    residents,
    serve,
    twin,
    twin_drive,
    twin_many,
)
from tiercare.cli.bootstrap import Stop
from tiercare.kernel.refusal import Refused
from tiercare.postgres import PostgresProblem


class Commands(TyperGroup):
    """Turns what a command could not do into a sentence and exit code 1; a traceback is for defects only."""

    def invoke(self, ctx: Any) -> object:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except (Stop, PostgresProblem, Refused) as problem:
            typer.echo("\n".join(sentences(problem)), err=True)
            raise typer.Exit(1) from problem


def sentences(problem: Stop | PostgresProblem | Refused) -> list[str]:
    """What went wrong and the way on, Chinese then English."""
    if isinstance(problem, Refused):
        return [
            line
            for refusal in problem.refusals
            for language in ("zh", "en")
            for line in (refusal.sentence(language), refusal.way_on(language))
        ]
    if isinstance(problem, PostgresProblem):
        return [problem.in_language("zh"), problem.in_language("en")]
    return [str(problem)]


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="分级诊疗协同平台 Tiercare: runs a region's tiered care.",
)
app.command("serve")(serve.serve)
app.command("stop")(serve.stop)
app.command("doctor")(doctor.doctor)
app.add_typer(db.app, name="db")
app.add_typer(evaluation.app, name="evaluation")
app.add_typer(policy.app, name="policy")
app.add_typer(network.app, name="network")
plan.app.add_typer(plan_saved.app)
app.add_typer(plan.app, name="plan")
app.add_typer(capacity.app, name="capacity")
app.add_typer(audit.app, name="audit")
app.add_typer(accounts.app, name="accounts")
app.add_typer(residents.app, name="residents")
facts.app.add_typer(facts_import.app)  # without a name: its commands stand beside the others
facts.app.add_typer(facts_refresh.app)
app.add_typer(facts.app, name="facts")
app.command("evaluate")(evaluate.evaluate)
twin.app.add_typer(twin_many.app)
twin.app.command("drive")(twin_drive.drive_command)
app.add_typer(twin.app, name="twin")

if __name__ == "__main__":
    sys.exit(app())
