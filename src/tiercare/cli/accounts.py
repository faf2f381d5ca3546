"""``tiercare accounts``: the first operator of an installation, who there is, and closing an account in a hurry."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tiercare.apps.access import queries
from tiercare.apps.access.commands import disable_account, invitations
from tiercare.apps.access.queries import staff
from tiercare.apps.access.rights import ROLE_NAMES, Role
from tiercare.apps.access.rules.staff import StaffState
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.terms import queries as terms
from tiercare.cli import bootstrap
from tiercare.cli.bootstrap import Stop
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.period import Period

app = typer.Typer(no_args_is_help=True, help="账户 Accounts of staff.")
_STATES = {
    StaffState.ACTIVE: "在用 active",
    StaffState.INVITED: "待设口令 invited",
    StaffState.DISABLED: "已停用 disabled",
}


@app.command("create-operator")
def create_operator(
    username: Annotated[str, typer.Option("--username", help="登录名 login name")],
    name: Annotated[str, typer.Option("--name", help="姓名 display name")],
    area: Annotated[str, typer.Option("--area", help="行政区划代码，如 3402 division code, like 3402")],
) -> None:
    """为真实安装开立第一位平台管理员，打印一次性邀请码。The first operator of a real installation, with a one-time slip."""
    bootstrap.ready(asked=False)
    if ledger.installation().synthetic:
        raise Stop(
            "这是演示库，平台管理员的演示账户已经有了（tiercare serve 启动时会列出）；真实人员请用另一个 TIERCARE_HOME 或数据库。\n"
            "This database is a demonstration and has an operator (tiercare serve lists it); for real people set another\n"
            "TIERCARE_HOME or database."
        )
    today = ledger.today()
    division = terms.division(area, on=today)
    slip = invitations.invite(
        Actor.system("cli"),
        username=username,
        display_name=name,
        role=Role.OPERATOR,
        place_name=division.name if division else area,
        division_code=area,
        period=Period(today),
    )
    until = slip.expires_at.astimezone(ZONE)
    typer.echo(
        f"已建立账户 {slip.username}（{ROLE_NAMES[Role.OPERATOR].zh} {area}）。\n"
        f"邀请码只显示这一次，{until:%Y-%m-%d %H:%M} 前有效：在登录页的“我有邀请单”（/invitation）填写，自己设口令。\n"
        f"Account {slip.username} was made. The code is shown this once and works until {until:%Y-%m-%d %H:%M}: give it on\n"
        f"the page /invitation and set a password there.\n\n  {slip.token}"
    )


@app.command("list")
def list_accounts(
    text: Annotated[str, typer.Option("--text", help="登录名或姓名的一部分 part of a name")] = "",
    page: Annotated[int, typer.Option("--page", min=1)] = 1,
) -> None:
    """列出工作人员账户，每页 50 个。Accounts of staff, fifty a page."""
    bootstrap.ready(asked=False)
    found = staff.staff_list(Actor.system("cli"), text=text, page=page)
    table = Table("登录名", "姓名", "状态", "第二步验证", "角色与地点")
    for person in found.rows:
        table.add_row(
            person.username,
            person.display_name + (" （演示 demo）" if person.synthetic else ""),
            _STATES[person.state],
            "有 yes" if person.has_factor else "须设 missing" if person.needs_factor else "—",
            "\n".join(f"{ROLE_NAMES[held.role].zh} · {held.place_name}" for held in person.now) or "—",
        )
    console = Console()
    console.print(table)
    console.print(f"共 {found.total} 个账户 accounts · 第 {found.page}/{found.pages} 页 page")


@app.command()
def disable(username: Annotated[str, typer.Argument(help="登录名 login name")]) -> None:
    """停用账户，其登录随即结束。Close an account; its sessions end."""
    bootstrap.ready(asked=False)
    account = queries.account_by_username(username)
    if account is None or account.resident_id is not None:
        raise Stop(
            f"没有登录名为“{username}”的工作人员账户；用 tiercare accounts list --text 查找。\n"
            f"There is no account of staff called “{username}”; look with tiercare accounts list --text."
        )
    if account.synthetic:
        raise Stop(
            "这是演示账户，重新启动后仍会出现，不必停用。\nThis is a demonstration account, laid down again at every start."
        )
    disable_account(Actor.system("cli"), account_id=account.id)
    typer.echo(f"已停用 {account.username}。Account {account.username} is disabled.")
