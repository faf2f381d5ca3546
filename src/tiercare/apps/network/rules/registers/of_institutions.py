"""The registers of institutions and of what belongs to them."""

from __future__ import annotations

from tiercare.kernel.text import Text

from .. import words as w
from .model import FROM, OP, TO, Column, Register, Shape, institution, told_column

INSTITUTIONS = Register(
    "institutions",
    Text("机构", "Institutions"),
    Text("医院、基层机构和专业公卫机构。", "Hospitals, primary care and public health institutions."),
    ("code",),
    (
        OP,
        Column(
            "code",
            Text("机构编码", "Institution code"),
            Shape.CODE,
            Text(
                "小写字母、数字、连字符和下划线，终身不变。",
                "Lower-case letters, digits, hyphens and underscores; stays the same for good.",
            ),
            required=True,
            example="wuhu-yijishan",
            also=("编码", "code"),
        ),
        Column(
            "name",
            Text("机构名称", "Name"),
            Shape.TEXT,
            Text("登记的全称。", "The registered name."),
            required=True,
            example="弋矶山医院",
            also=("名称", "全称"),
        ),
        Column(
            "category",
            Text("机构类别", "Category"),
            Shape.WORD,
            Text("按机构类别填写。", "What it is."),
            required=True,
            words=w.CATEGORY_NAMES,
            also=("类别",),
        ),
        Column(
            "level",
            Text("级别", "Level"),
            Shape.WORD,
            Text("医院等级评审的级别。", "The level it was given."),
            required=True,
            words=w.LEVEL_NAMES,
        ),
        Column(
            "grade",
            Text("等次", "Grade"),
            Shape.WORD,
            Text("甲、乙、丙等；未评空白。", "A, B or C; blank if none."),
            words=w.GRADE_NAMES,
        ),
        Column(
            "owner",
            Text("举办主体", "Owner"),
            Shape.WORD,
            Text("公立或社会办。", "Public or private."),
            required=True,
            words=w.OWNER_NAMES,
        ),
        Column(
            "affiliation",
            Text("隶属关系", "Affiliation"),
            Shape.WORD,
            Text("由哪一级管理。", "Who administers it."),
            required=True,
            words=w.AFFILIATION_NAMES,
        ),
        Column(
            "funding",
            Text("财政投入渠道", "Funding"),
            Shape.TEXT,
            Text("财政补助由哪里拨付。", "Where public funds come from."),
            longest=80,
        ),
        Column(
            "division",
            Text("县区代码", "County code"),
            Shape.DIVISION,
            Text("当日有效的六位区划代码。", "Six digits, valid that day."),
            required=True,
            example="340202",
            also=("行政区划代码", "区划代码"),
        ),
        Column(
            "township",
            Text("乡镇街道代码", "Township code"),
            Shape.TOWNSHIP,
            Text("九位；不清楚可空白。", "Nine digits; may be blank."),
        ),
        Column(
            "beds",
            Text("实有床位", "Beds"),
            Shape.COUNT,
            Text("实有床位数，张。", "Beds in place."),
            example="500",
            also=("床位", "床位数"),
        ),
        Column(
            "credit_code",
            Text("统一社会信用代码", "Social credit code"),
            Shape.CREDIT_CODE,
            Text("18 位。", "18 characters (GB 32100)."),
        ),
        Column(
            "licence",
            Text("执业许可证号", "Licence number"),
            Shape.TEXT,
            Text("医疗机构执业许可证登记号。", "Number of its licence."),
            longest=40,
        ),
        Column(
            "licence_until",
            Text("许可证有效期至", "Licence valid to"),
            Shape.DATE,
            Text("许可证上的截止日期。", "The day on the licence."),
        ),
        Column(
            "specialties",
            Text("诊疗科目", "Licensed specialties"),
            Shape.SPECIALTIES,
            Text("代码，用顿号分隔。", "Codes, separated by 、 or ;"),
            example="02、03、03.04",
            longest=2000,
        ),
        Column(
            "key_specialties",
            Text("重点专科", "Key specialties"),
            Shape.RANKED,
            Text("代码=级别，用顿号分隔。", "code=rank, separated by 、 or ;"),
            words=w.RANK_NAMES,
            example="03.04=省级",
            longest=2000,
        ),
        Column(
            "facilities",
            Text("设施与中心", "Facilities"),
            Shape.WORDS,
            Text("用顿号分隔。", "Separated by 、 or ;"),
            words=w.FACILITY_NAMES,
            longest=2000,
        ),
        Column(
            "qualified",
            Text("认定可牵头", "Qualified to lead"),
            Shape.YES_NO,
            Text("有认定文件才填“是”。", "“Yes” only with a recorded decision."),
        ),
        Column(
            "subcentre",
            Text("县域次中心", "County sub-centre"),
            Shape.YES_NO,
            Text("通过评估的次中心。", "A sub-centre that passed."),
        ),
        Column(
            "managed_as_level",
            Text("按何级管理", "Managed as level"),
            Shape.WORD,
            Text("仅次中心填写。", "For sub-centres only."),
            words=w.LEVEL_NAMES,
        ),
        Column(
            "lng", Text("经度", "Longitude"), Shape.DEGREES, Text("度，东经为正。", "Degrees, east positive.")
        ),
        Column(
            "lat", Text("纬度", "Latitude"), Shape.DEGREES, Text("度，北纬为正。", "Degrees, north positive.")
        ),
        FROM,
        TO,
    ),
)

DEPARTMENTS = Register(
    "departments",
    Text("科室", "Departments"),
    Text(
        "机构的科室及其所依的诊疗科目。", "Departments and the licensed specialty each of them works under."
    ),
    ("institution", "name"),
    (
        OP,
        institution(),
        told_column("institution_name", "机构名称", "Institution"),
        Column(
            "name",
            Text("科室名称", "Department"),
            Shape.TEXT,
            Text("机构内唯一。", "Unique within the institution."),
            required=True,
            longest=80,
            example="心血管内科",
            also=("科室",),
        ),
        Column(
            "specialty",
            Text("诊疗科目代码", "Specialty code"),
            Shape.SPECIALTY,
            Text("如 03.04。", "For instance 03.04."),
            required=True,
            example="03.04",
            also=("诊疗科目",),
        ),
        FROM,
        TO,
    ),
)

EQUIPMENT = Register(
    "equipment",
    Text("设备", "Equipment"),
    Text("主要设备的台数。", "Large equipment, counted."),
    ("institution", "kind", "model"),
    (
        OP,
        institution(),
        told_column("institution_name", "机构名称", "Institution"),
        Column(
            "kind",
            Text("设备类别", "Kind"),
            Shape.WORD,
            Text("按类别填写。", "Its kind."),
            required=True,
            words=w.EQUIPMENT_NAMES,
            also=("设备",),
        ),
        Column("model", Text("型号", "Model"), Shape.TEXT, Text("可空白。", "May be blank."), longest=80),
        Column(
            "count",
            Text("台数", "Count"),
            Shape.COUNT,
            Text("在用台数。", "In use."),
            required=True,
            example="2",
            also=("数量",),
        ),
        FROM,
        TO,
    ),
)

CLINICIANS = Register(
    "clinicians",
    Text("医务人员", "Clinicians"),
    Text("一人一码；每个执业地点一行。", "One code a person for good; one row for each place of practice."),
    ("code", "institution"),
    (
        OP,
        Column(
            "code",
            Text("人员编码", "Clinician code"),
            Shape.CODE,
            Text(
                "小写字母、数字、连字符和下划线，一人一码；不要填身份证号。",
                "Lower-case letters, digits, hyphens, underscores; never an identity number.",
            ),
            required=True,
            example="wuhu-d0001",
            longest=40,
            also=("医师编码", "工号"),
        ),
        Column(
            "name",
            Text("姓名", "Name"),
            Shape.TEXT,
            Text("登记姓名。", "Registered name."),
            required=True,
            longest=40,
        ),
        Column(
            "title", Text("职称", "Title"), Shape.TEXT, Text("如 副主任医师。", "For instance."), longest=40
        ),
        Column(
            "scope",
            Text("执业范围代码", "Scope of practice"),
            Shape.SPECIALTY,
            Text("诊疗科目代码，全科为 02。", "A specialty code; 02 is general practice."),
            example="02",
            also=("执业范围",),
        ),
        institution(),
        told_column("institution_name", "机构名称", "Institution"),
        Column(
            "ground",
            Text("执业依据", "Ground"),
            Shape.WORD,
            Text("注册，或帮扶、托管协议。", "Registered, or under an agreement."),
            required=True,
            words=w.GROUND_NAMES,
        ),
        Column(
            "agreement",
            Text("协议编码", "Agreement code"),
            Shape.CODE,
            Text("依协议执业时必填。", "Needed where it rests on an agreement."),
        ),
        FROM,
        TO,
    ),
)
