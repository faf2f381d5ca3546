"""What the codes of the network are called, in files, forms and messages alike."""

from __future__ import annotations

from collections.abc import Mapping

from tiercare.kernel.text import Text

from .facts import KIND_NAMES, Affiliation, Category, Owner, Role

Words = Mapping[str, Text]

CATEGORY_NAMES: Words = {
    Category.GENERAL: Text("综合医院", "General hospital"),
    Category.TCM: Text("中医（民族医）医院", "TCM (ethnic medicine) hospital"),
    Category.SPECIALTY: Text("专科医院", "Specialty hospital"),
    Category.PSYCHIATRIC: Text("精神卫生机构", "Psychiatric institution"),
    Category.MATERNAL_CHILD: Text("妇幼保健院", "Maternal-child hospital"),
    Category.REHABILITATION: Text("康复医院", "Rehabilitation hospital"),
    Category.NURSING: Text("护理院", "Nursing hospital"),
    Category.PUBLIC_HEALTH: Text("专业公共卫生机构", "Public health institution"),
    Category.TOWNSHIP_CENTRE: Text("乡镇卫生院", "Township health centre"),
    Category.COMMUNITY_CENTRE: Text("社区卫生服务中心", "Community health centre"),
    Category.COMMUNITY_STATION: Text("社区卫生服务站", "Community health station"),
    Category.VILLAGE_CLINIC: Text("村卫生室", "Village clinic"),
    Category.CLINIC: Text("诊所、门诊部", "Clinic"),
}
OWNER_NAMES: Words = {Owner.PUBLIC: Text("公立", "Public"), Owner.PRIVATE: Text("社会办", "Private")}
AFFILIATION_NAMES: Words = {
    Affiliation.NATION: Text("国家", "Nation"),
    Affiliation.PROVINCE: Text("省", "Province"),
    Affiliation.PREFECTURE: Text("市（州）", "Prefecture"),
    Affiliation.COUNTY: Text("县（区）", "County"),
    Affiliation.TOWNSHIP: Text("乡镇（街道）", "Township"),
    Affiliation.NONE: Text("无隶属", "None"),
}
ROLE_NAMES: Words = {
    Role.LEAD: Text("牵头医院", "Lead"),
    Role.MEMBER: Text("成员单位", "Member"),
    Role.COLLABORATOR: Text("协作医院", "Collaborator"),
    Role.ASSISTING: Text("协助医院", "Assisting hospital"),
    Role.ENTRUSTED: Text("受托管单位", "Entrusted"),
}
LEVEL_NAMES: Words = {
    "3": Text("三级", "Level 3"),
    "2": Text("二级", "Level 2"),
    "1": Text("一级", "Level 1"),
    "0": Text("未定级", "No level"),
}
GRADE_NAMES: Words = {"A": Text("甲等", "A"), "B": Text("乙等", "B"), "C": Text("丙等", "C")}
RANK_NAMES: Words = {
    "NATIONAL": Text("国家级", "National"),
    "PROVINCIAL": Text("省级", "Provincial"),
    "PREFECTURE": Text("市（州）级", "Prefecture"),
}
GROUND_NAMES: Words = {
    "REGISTERED": Text("注册", "Registered"),
    "AGREEMENT": Text("帮扶或托管协议", "Agreement"),
}
CONSORTIUM_NAMES: Words = {str(kind): name for kind, name in KIND_NAMES.items()}

# What an institution has or runs. Codes are what the packs write in their parameters.
FACILITY_NAMES: Words = {
    "telemedicine_node": Text("远程医疗节点", "Telemedicine node"),
    "referral_office": Text("双向转诊办公室", "Referral office"),
    "one_stop_admission": Text("一站式入出院服务中心", "One-stop admission centre"),
    "geriatric_beds": Text("老年病床", "Geriatric beds"),
    "elderly_inpatient_service": Text("老年住院服务", "Inpatient service for the elderly"),
    "psychiatric_clinic": Text("精神科门诊", "Psychiatric clinic"),
    "lab": Text("医学检验中心", "Laboratory centre"),
    "imaging": Text("医学影像中心", "Imaging centre"),
    "ecg": Text("心电诊断中心", "ECG centre"),
    "pathology": Text("病理诊断中心", "Pathology centre"),
    "sterile_supply": Text("消毒供应中心", "Sterile supply centre"),
    "logistics": Text("后勤服务中心", "Logistics centre"),
    "tumour": Text("肿瘤诊疗中心", "Tumour centre"),
    "chronic_management": Text("慢病管理中心", "Chronic disease centre"),
    "health_management": Text("健康管理中心", "Health management centre"),
    "minimally_invasive": Text("微创介入中心", "Minimally invasive centre"),
    "anaesthesia_pain": Text("麻醉疼痛诊疗中心", "Anaesthesia and pain centre"),
    "intensive_care": Text("重症监护中心", "Intensive care centre"),
    "chest_pain": Text("胸痛中心", "Chest pain centre"),
    "stroke": Text("卒中中心", "Stroke centre"),
    "trauma": Text("创伤中心", "Trauma centre"),
    "critical_maternal": Text("危重孕产妇救治中心", "Critical maternal centre"),
    "critical_child_newborn": Text("危重儿童和新生儿救治中心", "Critical child and newborn centre"),
    "cloud_ecg": Text("云心电中心", "Cloud ECG centre"),
    "social_psychology": Text("社会心理服务中心", "Social psychology centre"),
    "tcm_education_base": Text("中医药健康宣教基地", "TCM health education base"),
    "tcm_centre": Text("县域中医药中心", "County TCM centre"),
    "nursing_service": Text("护理服务（含居家护理）", "Nursing service (ward or at home)"),
    "long_term_care": Text("长期照护", "Long-term care"),
    "hospice": Text("安宁疗护", "Hospice care"),
    "clinical_nutrition": Text("临床营养", "Clinical nutrition"),
    "special_technique": Text("特殊临床专科技术中心", "Centre for special clinical techniques"),
    "teletraining": Text("远程培训中心", "Remote training centre"),
    "feature_department": Text("特色科室", "Feature department"),
}
EQUIPMENT_NAMES: Words = {
    "ct": Text("X线计算机断层扫描（CT）", "CT"),
    "mri": Text("磁共振成像（MRI）", "MRI"),
    "dr": Text("数字化X线摄影（DR）", "Digital radiography"),
    "dsa": Text("数字减影血管造影（DSA）", "Angiography"),
    "ultrasound": Text("彩色多普勒超声", "Ultrasound"),
    "ecg": Text("心电图机", "ECG machine"),
    "biochemistry": Text("全自动生化分析仪", "Biochemistry analyser"),
    "endoscope": Text("内镜", "Endoscope"),
    "ventilator": Text("呼吸机", "Ventilator"),
    "haemodialysis": Text("血液透析机", "Dialysis machine"),
    "linear_accelerator": Text("直线加速器", "Linear accelerator"),
    "ambulance": Text("救护车", "Ambulance"),
}
# What a tight consortium runs as one (TY-19 and the like name them differently; the words are the packs').
UNIFIED_NAMES: Words = {
    "administration": Text("行政", "Administration"),
    "personnel": Text("人员", "Personnel"),
    "finance": Text("财务", "Finance"),
    "business": Text("业务", "Medical business"),
    "medicines": Text("药械目录", "Medicines and devices"),
    "information": Text("信息", "Information"),
    "performance": Text("绩效", "Performance"),
    "logistics": Text("后勤", "Logistics"),
    "quality": Text("质量", "Quality"),
}
# Sections of agreements and charters, as the packs' parameters write them.
SECTION_NAMES: Words = {
    "talent_sharing": Text("人才共享", "Shared talent"),
    "technical_support": Text("技术支持", "Technical support"),
    "exam_recognition": Text("检查互认", "Recognition of examinations"),
    "prescription_flow": Text("处方流动", "Flow of prescriptions"),
    "service_linkage": Text("服务衔接", "Linked services"),
    "content": Text("内容", "Content"),
    "conditions": Text("条件", "Conditions"),
    "responsibilities": Text("责任", "Responsibilities"),
    "rights": Text("权利", "Rights"),
    "duties": Text("义务", "Duties"),
    "capacity": Text("能力提升", "Raising capacity"),
    "talent": Text("人才培养", "Training of talent"),
    "two_way_referral": Text("双向转诊", "Two-way referral"),
    "experts_to_primary": Text("专家支援基层", "Experts to primary care"),
    "division_of_work": Text("分工协作", "Division of work"),
    "acute_chronic": Text("急慢分治", "Acute and chronic apart"),
    "chronic_integrated_management": Text("慢性病医防融合管理", "Integrated chronic-disease management"),
    "quality_control": Text("质量控制", "Quality control"),
    "training": Text("培训", "Training"),
    "it": Text("信息化", "Information technology"),
    "purpose": Text("合作宗旨", "Purpose"),
    "term": Text("期限与续签", "Term and renewal"),
    "operation_rules": Text("内部运行管理办法", "Rules of operation"),
    "bodies": Text("议事与管理机构", "Bodies"),
    "department_management": Text("科室直接管理", "Management of departments"),
}
