"""The one table of rights: every role against every right, and how far it reaches.

No other module decides who may do what. ``RIGHTS`` has a cell for every pair, "no" included, and refuses to
load otherwise; ``docs/generated/access.md`` is written from it by ``render_matrix``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.text import Text


class Role(StrEnum):
    """What a person acts as. A person may hold several and picks one to act in."""

    COMMISSION = "commission"
    CONSORTIUM_OFFICE = "consortium_office"
    REFERRAL_OFFICE = "referral_office"
    CLINICIAN = "clinician"
    PRIMARY_DOCTOR = "primary_doctor"
    INSURANCE = "insurance"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    REGISTRAR = "registrar"
    INDEX_KEEPER = "index_keeper"
    RESIDENT = "resident"


class Right(StrEnum):
    """What can be allowed."""

    NETWORK_READ = "network.read"
    NETWORK_APPLY = "network.apply"
    NETWORK_DECIDE = "network.decide"
    NETWORK_REPORT = "network.report"
    TERMS_EDIT = "terms.edit"
    MANDATES_WAIVE = "mandates.waive"
    MANDATES_EDIT_LIST = "mandates.edit_list"
    POLICY_READ = "policy.read"
    LEDGER_READ = "ledger.read"
    ACCESS_MANAGE = "access.manage"
    JOBS_RETRY = "jobs.retry"
    RESIDENTS_FIND = "residents.find"
    RESIDENTS_LIST = "residents.list"
    RESIDENTS_REGISTER = "residents.register"
    RESIDENTS_READ = "residents.read"
    RESIDENTS_MERGE = "residents.merge"
    CARDS_ISSUE = "cards.issue"
    CARDS_SCAN = "cards.scan"
    CONSENTS_RECORD = "consents.record"
    RECORDS_MOVE = "records.move"
    GLASS_BREAK = "glass.break"
    GLASS_REVIEW = "glass.review"
    READS_OF_MINE = "reads.of_mine"
    CAPACITY_READ = "capacity.read"
    CAPACITY_KEEP = "capacity.keep"
    CAPACITY_BOOK = "capacity.book"
    CAPACITY_PROVE = "capacity.prove"
    RECORDS_WRITE = "records.write"
    RECORDS_MEASURE = "records.measure"
    REQUESTS_SEND = "requests.send"
    REQUESTS_ANSWER = "requests.answer"
    REQUESTS_OVERSEE = "requests.oversee"
    REQUESTS_DESK = "requests.desk"
    EVALUATION_READ = "evaluation.read"
    EVALUATION_CASES = "evaluation.cases"
    EVALUATION_RUN = "evaluation.run"
    CLAIMS_SUPERVISE = "claims.supervise"
    SUPERVISION_ISSUE = "supervision.issue"
    SUPERVISION_ANSWER = "supervision.answer"


class Scope(StrEnum):
    """What a role is granted for: an area, a consortium, one institution; or nothing but oneself, never granted."""

    REGION = "REGION"
    CONSORTIUM = "CONSORTIUM"
    INSTITUTION = "INSTITUTION"
    SELF = "SELF"


class Reach(StrEnum):
    """How far a right goes: nowhere, oneself, the holder's own institution, the holder's area, or everywhere."""

    NONE = "none"
    SELF = "self"
    OWN = "own"
    AREA = "area"
    ANYWHERE = "anywhere"


ROLE_NAMES: Mapping[Role, Text] = {
    Role.COMMISSION: Text("卫生健康行政部门", "Health commission"),
    Role.CONSORTIUM_OFFICE: Text("医联体办公室", "Consortium office"),
    Role.REFERRAL_OFFICE: Text("转诊办", "Referral office"),
    Role.CLINICIAN: Text("医师", "Clinician"),
    Role.PRIMARY_DOCTOR: Text("基层医生", "Primary care doctor"),
    Role.INSURANCE: Text("医保部门", "Insurance bureau"),
    Role.AUDITOR: Text("审计人员", "Auditor"),
    Role.OPERATOR: Text("平台管理员", "Platform operator"),
    Role.REGISTRAR: Text("挂号登记员", "Registration desk"),
    Role.INDEX_KEEPER: Text("居民主索引管理员", "Keeper of the index of residents"),
    Role.RESIDENT: Text("居民", "Resident"),
}

# One scope per role, so that a grant never has to be asked for it. A consortium office acts for the
# consortium through its lead hospital (牵头医院).
SCOPE_OF: Mapping[Role, Scope] = {
    Role.COMMISSION: Scope.REGION,
    Role.CONSORTIUM_OFFICE: Scope.CONSORTIUM,
    Role.REFERRAL_OFFICE: Scope.INSTITUTION,
    Role.CLINICIAN: Scope.INSTITUTION,
    Role.PRIMARY_DOCTOR: Scope.INSTITUTION,
    Role.INSURANCE: Scope.REGION,
    Role.AUDITOR: Scope.REGION,
    Role.OPERATOR: Scope.REGION,
    Role.REGISTRAR: Scope.INSTITUTION,
    Role.INDEX_KEEPER: Scope.REGION,
    Role.RESIDENT: Scope.SELF,
}
# What a person can be given. A resident's role comes with being the resident.
GRANTABLE: tuple[Role, ...] = tuple(role for role in Role if SCOPE_OF[role] is not Scope.SELF)

RIGHT_NAMES: Mapping[Right, Text] = {
    Right.NETWORK_READ: Text("查看机构与医联体", "see institutions and consortia"),
    Right.NETWORK_APPLY: Text("申请变更机构与医联体", "propose changes to the network"),
    Right.NETWORK_DECIDE: Text("批准或退回申请", "approve or return applications"),
    Right.NETWORK_REPORT: Text("填报机构的科室、设备和人员", "keep an institution's own registers"),
    Right.TERMS_EDIT: Text("维护行政区划登记", "keep the register of divisions"),
    Right.MANDATES_WAIVE: Text("批准“原则上”条款的例外", "grant exceptions to “in principle” clauses"),
    Right.MANDATES_EDIT_LIST: Text("编辑政策清单", "edit the lists that the policies name"),
    Right.POLICY_READ: Text("查看政策条款与规则", "read policy clauses and rules"),
    Right.LEDGER_READ: Text("查看操作留痕", "read the audit trail"),
    Right.ACCESS_MANAGE: Text("管理账户与角色", "manage accounts and roles"),
    Right.JOBS_RETRY: Text("重试后台任务", "retry background jobs"),
    Right.RESIDENTS_FIND: Text("按证件或卡核对居民身份", "find a resident by document or card"),
    Right.RESIDENTS_LIST: Text("查看本机构的居民名单", "list the institution's residents"),
    Right.RESIDENTS_REGISTER: Text("登记和更正居民信息", "register residents and correct their entries"),
    Right.RESIDENTS_READ: Text("查看居民档案", "read a resident's record"),
    Right.RESIDENTS_MERGE: Text("合并与拆分重复的居民档案", "merge and split duplicate entries"),
    Right.CARDS_ISSUE: Text("发放、挂失电子健康卡", "issue and block health cards"),
    Right.CARDS_SCAN: Text("扫电子健康卡", "scan health cards"),
    Right.CONSENTS_RECORD: Text("登记或撤回居民授权", "record or withdraw a resident's consent"),
    Right.RECORDS_MOVE: Text("办理居民档案迁出", "hand a resident's whole record over to another region"),
    Right.GLASS_BREAK: Text("紧急调阅居民档案", "read a record in an emergency"),
    Right.GLASS_REVIEW: Text("审核紧急调阅、答复异议", "review emergency access and answer objections"),
    Right.READS_OF_MINE: Text("查看谁看过我的档案", "see who read my record"),
    Right.CAPACITY_READ: Text("查看号源、床位和检查的余量", "see which places are free"),
    Right.CAPACITY_KEEP: Text(
        "维护本机构的号源池、床位池、检查池和排班", "keep the institution's pools and schedule"
    ),
    Right.CAPACITY_BOOK: Text("预约、改约和取消", "book, move and cancel places"),
    Right.CAPACITY_PROVE: Text("查看预留兑现证明", "see the proof that reserves are kept"),
    Right.RECORDS_WRITE: Text("填写就诊、结果、方案和随访", "enter visits, results, plans and contacts"),
    Right.RECORDS_MEASURE: Text("查看健康档案覆盖情况", "see how many have a record, in counts"),
    Right.REQUESTS_SEND: Text("提出转诊等申请", "send requests such as referrals"),
    Right.REQUESTS_ANSWER: Text("接收、退回和回复申请", "accept, return and answer requests"),
    Right.REQUESTS_OVERSEE: Text("督办逾期的申请", "see to requests that are overdue"),
    Right.REQUESTS_DESK: Text("设置转诊管理部门和代办人", "name the referral desk and who stands in"),
    Right.EVALUATION_READ: Text("查看指标和考核", "see indicators and assessments"),
    Right.EVALUATION_CASES: Text("从指标下钻到不具名的个案", "drill from a number to its cases, unnamed"),
    Right.EVALUATION_RUN: Text(
        "导入数据、计算指标、组织考核和公布", "import facts, compute, assess and publish"
    ),
    Right.CLAIMS_SUPERVISE: Text("核查医保规则标记的就诊", "look into paid visits flagged by rules"),
    Right.SUPERVISION_ISSUE: Text("下达督导事项", "issue matters of supervision"),
    Right.SUPERVISION_ANSWER: Text("办理督导事项", "answer matters of supervision"),
}

REACH_NAMES: Mapping[Reach, Text] = {
    Reach.NONE: Text("—", "—"),
    Reach.SELF: Text("本人", "oneself"),
    Reach.OWN: Text("本机构", "own institution"),
    Reach.AREA: Text("本辖区", "own area"),
    Reach.ANYWHERE: Text("全平台", "everywhere"),
}


def _row(
    commission: Reach,
    consortium_office: Reach,
    referral_office: Reach,
    clinician: Reach,
    primary_doctor: Reach,
    insurance: Reach,
    auditor: Reach,
    operator: Reach,
    registrar: Reach,
    index_keeper: Reach,
    resident: Reach,
) -> Mapping[Role, Reach]:
    cells = (
        commission,
        consortium_office,
        referral_office,
        clinician,
        primary_doctor,
        insurance,
        auditor,
        operator,
        registrar,
        index_keeper,
        resident,
    )
    return dict(zip(Role, cells, strict=True))


_no, _self, _own, _area, _all = Reach.NONE, Reach.SELF, Reach.OWN, Reach.AREA, Reach.ANYWHERE

# The network and the policies hold no personal data and cross areas (a hospital of one city partners with
# a county of another), so whoever works here may read them anywhere. Whoever applies does not decide, whoever
# runs the machine does not read the trail, and whoever audits changes nothing but the outcome of a review.
# Of a resident nobody sees more for running a region: commissions, insurers and operators see no record; the
# keeper of the index sees identities, never what stands in a record; a desk registers but does not read on. The
# whole record leaves by one hand only: the desk of the institution that keeps it, or the resident's own.
# fmt: off
RIGHTS: Mapping[Right, Mapping[Role, Reach]] = {
    #                               commission office  referral clinician primary insurance auditor operator desk  index  resident
    Right.NETWORK_READ:        _row(_all,      _all,   _all,    _all,     _all,   _all,     _all,   _all,    _all, _all,  _no),
    Right.NETWORK_APPLY:       _row(_area,     _own,   _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.NETWORK_DECIDE:      _row(_area,     _no,    _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.NETWORK_REPORT:      _row(_area,     _own,   _own,    _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.TERMS_EDIT:          _row(_area,     _no,    _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.MANDATES_WAIVE:      _row(_area,     _no,    _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.MANDATES_EDIT_LIST:  _row(_area,     _no,    _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.POLICY_READ:         _row(_all,      _all,   _all,    _all,     _all,   _all,     _all,   _all,    _all, _all,  _no),
    Right.LEDGER_READ:         _row(_area,     _no,    _no,     _no,      _no,    _no,      _area,  _no,     _no,  _no,   _no),
    Right.ACCESS_MANAGE:       _row(_no,       _no,    _no,     _no,      _no,    _no,      _no,    _area,   _no,  _no,   _no),
    Right.JOBS_RETRY:          _row(_no,       _no,    _no,     _no,      _no,    _no,      _no,    _all,    _no,  _no,   _no),
    Right.RESIDENTS_FIND:      _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _own, _area, _no),
    Right.RESIDENTS_LIST:      _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _own, _no,   _no),
    Right.RESIDENTS_REGISTER:  _row(_no,       _no,    _own,    _no,      _own,   _no,      _no,    _no,     _own, _no,   _no),
    Right.RESIDENTS_READ:      _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _own, _no,   _self),
    Right.RESIDENTS_MERGE:     _row(_no,       _no,    _no,     _no,      _no,    _no,      _no,    _no,     _no,  _area, _no),
    Right.CARDS_ISSUE:         _row(_no,       _no,    _own,    _no,      _own,   _no,      _no,    _no,     _own, _no,   _self),
    Right.CARDS_SCAN:          _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _own, _no,   _no),
    Right.CONSENTS_RECORD:     _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _own, _no,   _self),
    Right.RECORDS_MOVE:        _row(_no,       _no,    _no,     _no,      _no,    _no,      _no,    _no,     _own, _no,   _self),
    Right.GLASS_BREAK:         _row(_no,       _no,    _no,     _own,     _own,   _no,      _no,    _no,     _no,  _no,   _no),
    Right.GLASS_REVIEW:        _row(_no,       _no,    _no,     _no,      _no,    _no,      _area,  _no,     _no,  _no,   _no),
    Right.READS_OF_MINE:       _row(_no,       _no,    _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _self),
    Right.CAPACITY_READ:       _row(_all,      _all,   _all,    _all,     _all,   _no,      _all,   _no,     _all, _no,   _all),
    Right.CAPACITY_KEEP:       _row(_no,       _own,   _own,    _no,      _no,    _no,      _no,    _no,     _own, _no,   _no),
    Right.CAPACITY_BOOK:       _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _own, _no,   _self),
    Right.CAPACITY_PROVE:      _row(_area,     _own,   _own,    _no,      _no,    _no,      _area,  _no,     _no,  _no,   _no),
    Right.RECORDS_WRITE:       _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _no,  _no,   _no),
    Right.RECORDS_MEASURE:     _row(_area,     _no,    _no,     _no,      _no,    _no,      _area,  _no,     _no,  _no,   _no),
    Right.REQUESTS_SEND:       _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _no,  _no,   _no),
    Right.REQUESTS_ANSWER:     _row(_no,       _no,    _own,    _own,     _own,   _no,      _no,    _no,     _no,  _no,   _no),
    Right.REQUESTS_OVERSEE:    _row(_area,     _own,   _own,    _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.REQUESTS_DESK:       _row(_no,       _own,   _own,    _no,      _own,   _no,      _no,    _no,     _no,  _no,   _no),
    Right.EVALUATION_READ:     _row(_area,     _own,   _own,    _no,      _no,    _area,    _area,  _no,     _no,  _no,   _no),
    Right.EVALUATION_CASES:    _row(_area,     _own,   _own,    _no,      _no,    _no,      _area,  _no,     _no,  _no,   _no),
    Right.EVALUATION_RUN:      _row(_area,     _no,    _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.CLAIMS_SUPERVISE:    _row(_area,     _no,    _no,     _no,      _no,    _area,    _no,     _no,      _no,  _no,   _no),
    Right.SUPERVISION_ISSUE:   _row(_area,     _own,   _no,     _no,      _no,    _no,      _no,    _no,     _no,  _no,   _no),
    Right.SUPERVISION_ANSWER:  _row(_area,     _own,   _own,    _no,      _own,   _no,      _no,    _no,     _no,  _no,   _no),
}
# fmt: on


def reach(role: Role, right: Right) -> Reach:
    """How far ``right`` goes for ``role``."""
    return RIGHTS[right][role]


def holders(right: Right) -> tuple[Role, ...]:
    """The roles that have ``right`` at all, in the table's order: whom to ask."""
    return tuple(role for role in Role if reach(role, right) is not Reach.NONE)


def render_matrix() -> str:
    """The table as Markdown in both languages, for ``docs/generated/access.md``."""
    head = [
        "# 权限一览 · Who may do what",
        "",
        "由 `tiercare/apps/access/rights.py` 生成，请勿手改。 Generated from the table of rights; do not edit.",
        "",
        "| 角色 Role | 授权范围 Granted for | " + " | ".join(f"`{right}`" for right in Right) + " |",
        "|---" * (len(Right) + 2) + "|",
    ]
    rows = [
        f"| {ROLE_NAMES[role].zh} {ROLE_NAMES[role].en} `{role}` | {SCOPE_OF[role]} | "
        + " | ".join(_cell(reach(role, right)) for right in Right)
        + " |"
        for role in Role
    ]
    meaning = [f"- `{right}` {RIGHT_NAMES[right].zh} · {RIGHT_NAMES[right].en}" for right in Right]
    return "\n".join([*head, *rows, "", *meaning, ""])


def _cell(how_far: Reach) -> str:
    name = REACH_NAMES[how_far]
    return name.zh if how_far is Reach.NONE else f"{name.zh} {name.en}"
