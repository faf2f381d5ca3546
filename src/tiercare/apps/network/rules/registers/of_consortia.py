"""The registers of consortia, of who belongs to them, and of what was signed."""

from __future__ import annotations

from tiercare.kernel.text import Text

from .. import words as w
from .model import FROM, OP, TO, Column, Register, Shape, consortium, institution, told_column

CONSORTIA = Register(
    "consortia",
    Text("医联体", "Consortia"),
    Text("医联体本身；成员另表登记。", "Consortia themselves; members stand in their own table."),
    ("code",),
    (
        OP,
        Column(
            "code",
            Text("医联体编码", "Consortium code"),
            Shape.CODE,
            Text(
                "小写字母、数字、连字符和下划线，终身不变。",
                "Lower-case letters, digits, hyphens and underscores.",
            ),
            required=True,
            example="wuhu-jinghu-group",
            also=("编码",),
        ),
        Column(
            "name",
            Text("医联体名称", "Name"),
            Shape.TEXT,
            Text("全称。", "Full name."),
            required=True,
            also=("名称",),
        ),
        Column(
            "kind",
            Text("类型", "Kind"),
            Shape.WORD,
            Text("设立后不变。", "Never changes."),
            required=True,
            words=w.CONSORTIUM_NAMES,
            also=("医联体类型",),
        ),
        Column(
            "division",
            Text("服务区域代码", "Area code"),
            Shape.DIVISION,
            Text("两位、四位或六位区划代码。", "Two, four or six digits."),
            required=True,
            example="340202",
            also=("区划代码", "县区代码"),
        ),
        Column(
            "specialty",
            Text("专科代码", "Specialty code"),
            Shape.SPECIALTY,
            Text("专科联盟必填。", "Needed for a specialty alliance."),
        ),
        Column("tight", Text("紧密型", "Tight"), Shape.YES_NO, Text("是否紧密型。", "Whether it is tight.")),
        Column(
            "effective",
            Text("认定有明显成效", "Found effective"),
            Shape.YES_NO,
            Text("有评估结论才填“是”。", "“Yes” only with an evaluation."),
        ),
        Column(
            "committee",
            Text("有管理委员会", "Has a committee"),
            Shape.YES_NO,
            Text("是否设管委会。", "Whether a committee stands over it."),
        ),
        Column(
            "unified",
            Text("统一管理事项", "Run as one"),
            Shape.WORDS,
            Text("用顿号分隔。", "Separated by 、 or ;"),
            words=w.UNIFIED_NAMES,
            longest=2000,
        ),
        Column(
            "approved_on",
            Text("批准日期", "Approved on"),
            Shape.DATE,
            Text("主管部门同意组建的日期。", "When the commission consented."),
        ),
        Column(
            "approved_by",
            Text("批准单位", "Approved by"),
            Shape.TEXT,
            Text("同意组建的部门。", "Who consented."),
        ),
        Column(
            "charter_on",
            Text("章程通过日期", "Charter adopted on"),
            Shape.DATE,
            Text("未通过空白。", "Blank if there is none."),
        ),
        FROM,
        TO,
    ),
)

MEMBERSHIPS = Register(
    "memberships",
    Text("成员", "Memberships"),
    Text("机构在医联体中的身份。", "What an institution is in a consortium."),
    ("consortium", "institution"),
    (
        OP,
        consortium("consortium", "医联体编码", "Consortium code"),
        told_column("consortium_name", "医联体名称", "Consortium"),
        institution(),
        told_column("institution_name", "机构名称", "Institution"),
        Column(
            "role",
            Text("身份", "Role"),
            Shape.WORD,
            Text("牵头、成员、协作、协助或受托管。", "Its part."),
            required=True,
            words=w.ROLE_NAMES,
            also=("角色",),
        ),
        Column(
            "consented_on",
            Text("本机构同意日期", "Consented on"),
            Shape.DATE,
            Text("自愿加入的意见或申请日期。", "When it agreed, or applied."),
        ),
        FROM,
        TO,
    ),
)

JOININGS = Register(
    "joinings",
    Text("整体加入", "Joinings"),
    Text("医共体整体加入的医联体。", "Communities that joined another consortium as a whole."),
    ("parent", "child"),
    (
        OP,
        consortium("parent", "上级医联体编码", "Parent code"),
        told_column("parent_name", "上级医联体名称", "Parent"),
        consortium("child", "加入的医共体编码", "Child code"),
        told_column("child_name", "加入的医共体名称", "Child"),
        FROM,
        TO,
    ),
)

AGREEMENTS = Register(
    "agreements",
    Text("协议", "Agreements"),
    Text("已签订的协议；义务另表登记。", "Signed agreements; obligations stand in their own table."),
    ("code",),
    (
        OP,
        Column(
            "code",
            Text("协议编码", "Agreement code"),
            Shape.CODE,
            Text("小写字母、数字、连字符和下划线。", "Lower-case letters, digits, hyphens and underscores."),
            required=True,
            example="wuhu-agreement-1",
            also=("编码",),
        ),
        Column(
            "title",
            Text("协议名称", "Title"),
            Shape.TEXT,
            Text("协议的标题。", "Its title."),
            required=True,
            longest=200,
        ),
        Column(
            "consortium",
            Text("医联体编码", "Consortium code"),
            Shape.CODE,
            Text("所属医联体；无则空白。", "The consortium it is about, if any."),
            also=("医联体",),
        ),
        Column(
            "parties",
            Text("签约各方", "Parties"),
            Shape.PARTIES,
            Text(
                "机构编码，政府写 gov:区划代码；用顿号分隔。",
                "Institution codes, gov:<code> for a government; separated by 、 or ;",
            ),
            required=True,
            example="gov:340202、wuhu-yijishan",
            longest=4000,
        ),
        Column(
            "sections",
            Text("约定事项", "Sections"),
            Shape.WORDS,
            Text("用顿号分隔。", "Separated by 、 or ;"),
            words=w.SECTION_NAMES,
            longest=2000,
        ),
        Column(
            "signed_on",
            Text("签订日期", "Signed on"),
            Shape.DATE,
            Text("各方签字的日期。", "When the parties signed."),
            required=True,
        ),
        FROM,
        TO,
    ),
)

OBLIGATIONS = Register(
    "obligations",
    Text("义务", "Obligations"),
    Text("协议中谁在何时之前对谁做什么。", "Who owes what to whom by when under an agreement."),
    ("agreement", "debtor", "creditor", "text"),
    (
        OP,
        Column(
            "agreement",
            Text("协议编码", "Agreement code"),
            Shape.CODE,
            Text("已登记的协议。", "An agreement on record."),
            required=True,
            also=("协议",),
        ),
        Column(
            "debtor",
            Text("义务方", "Debtor"),
            Shape.PARTY,
            Text("机构编码或 gov:区划代码。", "Institution code or gov:<code>."),
            required=True,
        ),
        Column(
            "creditor",
            Text("权利方", "Creditor"),
            Shape.PARTY,
            Text("机构编码或 gov:区划代码。", "Institution code or gov:<code>."),
            required=True,
        ),
        Column(
            "text",
            Text("义务内容", "Obligation"),
            Shape.TEXT,
            Text("要做什么。", "What is owed."),
            required=True,
            longest=500,
        ),
        Column(
            "text_en",
            Text("义务内容（英文）", "Obligation in English"),
            Shape.TEXT,
            Text("可空白。", "May be blank."),
            longest=500,
        ),
        Column(
            "due",
            Text("期限", "Due"),
            Shape.DATE,
            Text("最晚完成的日期。", "The last day for it."),
            required=True,
        ),
        Column(
            "clause",
            Text("依据条款", "Clause"),
            Shape.TEXT,
            Text("如 WH-10；可空白。", "For instance WH-10."),
            longest=10,
        ),
        Column(
            "met_on",
            Text("履行日期", "Met on"),
            Shape.DATE,
            Text("未履行空白。", "Blank while it is open."),
        ),
    ),
)

TRUSTEESHIPS = Register(
    "trusteeships",
    Text("托管", "Trusteeships"),
    Text("一家机构受另一家机构管理，产权不变。", "One institution runs another; ownership stays."),
    ("trustee", "entrusted"),
    (
        OP,
        institution("trustee", "托管方编码", "Trustee code"),
        told_column("trustee_name", "托管方名称", "Trustee"),
        institution("entrusted", "被托管方编码", "Entrusted code"),
        told_column("entrusted_name", "被托管方名称", "Entrusted"),
        Column(
            "agreement",
            Text("协议编码", "Agreement code"),
            Shape.CODE,
            Text("托管协议；无则空白。", "The agreement behind it, if any."),
        ),
        FROM,
        TO,
    ),
)
