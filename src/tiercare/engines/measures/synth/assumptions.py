"""Every number of the synthetic facts, in one place. None of them is a policy's; none is to be quoted.

They only have to look like a Chinese region. Where a number stands beside a source it is rounded from it; all others are
assumptions (假设) of ours, marked by standing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# --- how much, and when
VISITS_PER_HEAD: Final = (
    6.8  # a year, all institutions; 2023年我国卫生健康事业发展统计公报, 9.55 bn visits, rounded
)
ADDED: Final = 0.011  # visits that follow from referrals, of all; measured on what is made here
GROWTH: Final = 0.045  # a year
SEASON: Final = (
    1.09,
    0.93,
    1.04,
    1.0,
    0.99,
    0.95,
    0.94,
    0.95,
    0.98,
    0.99,
    1.04,
    1.1,
)  # January first; February is the new year
WEEKDAYS: Final = (1.22, 1.1, 1.06, 1.04, 1.06, 0.84, 0.68)  # Monday first
WINTER: Final = (1, 2, 11, 12)
FREQUENT: Final = (
    1.7  # 1 would make everybody as frequent a patient; 1.7 gives the frailest tenth a quarter of the visits
)
VISITORS: Final = 0.03  # of the people seen live in another region

# --- who
# deaths a year = BASE + LEVEL × e^(SLOPE × age): about 0.8 % of a population as old as China's
MORTALITY: Final = (0.0003, 0.00003, 0.1)
DIES_IN_HOSPITAL: Final = 0.35
CHRONIC_DEATHS: Final = 0.85  # of those from 30 on: of heart, vessels, cancer, lungs, diabetes
# disease: (from age, share), the last that fits; the order is that of the words in facts.yaml
CHRONIC: Final[Mapping[str, tuple[tuple[int, float], ...]]] = {
    "hypertension": ((18, 0.03), (35, 0.12), (45, 0.25), (55, 0.38), (65, 0.52), (75, 0.58)),
    "diabetes": ((18, 0.015), (35, 0.06), (45, 0.11), (55, 0.18), (65, 0.21)),
    "copd": ((40, 0.03), (55, 0.07), (65, 0.12), (75, 0.15)),
    "coronary": ((40, 0.02), (55, 0.06), (65, 0.13), (75, 0.19)),
    "stroke": ((40, 0.01), (55, 0.03), (65, 0.07), (75, 0.1)),
    "tumour": ((20, 0.002), (45, 0.01), (60, 0.02)),
    "severe_mental": ((15, 0.003), (30, 0.0055)),
    "tuberculosis": ((15, 0.0004), (45, 0.0007), (60, 0.0014)),
}
KNOWN: Final = 0.45  # of the ill are in the register of chronic patients
MANAGED: Final = 0.82  # of those known
STANDARD: Final = 0.72  # of those managed
MEASURED: Final = 0.78
# reading: middle, spread, and below which it counts as controlled
READINGS: Final[Mapping[str, tuple[float, float, int]]] = {
    "hypertension": (136, 13, 140),  # mmHg systolic; 国家基本公共卫生服务规范（第三版）
    "diabetes": (68, 14, 70),  # fasting mmol/l × 10; the same
}
CONTROLLED_OTHERWISE: Final = 0.7
PREGNANT: Final = (
    (20, 0.01),
    (25, 0.03),
    (30, 0.0225),
    (35, 0.0075),
    (40, 0.001),
    (45, 0.0),
)  # of both sexes
DISABLED: Final = ((0, 0.008), (18, 0.016), (45, 0.03), (60, 0.06), (75, 0.11))
POOR_RURAL: Final = 0.04
POOR_URBAN: Final = 0.012
SPECIAL_FAMILY: Final = 0.003
PERMANENT: Final = 0.96
REGISTERED: Final = 1.04  # of residents are in the household register
INSURED: Final = 0.955
INSURED_ELSEWHERE: Final = 0.03  # of the insured, in another county of the region
ELDERLY: Final = 65
CHILD: Final = 6
ADULT: Final = 15
MIDDLE: Final = 45  # from here on no births

# --- signing with a family doctor
SIGNED: Final = 0.27  # of everybody when the period begins
SIGNED_KEY: Final = 0.6  # of key groups
SIGNED_MORE: Final = 0.05  # a year
PROMISED: Final = 0.45  # services a month
DELIVERED: Final = 0.74  # of them; differs by institution

# --- where: usual place, township or community centre, county's hospitals, city's hospitals, outside the region
MINOR, CHRONIC_VISIT, SERIOUS, EMERGENCY, STAY, SERIOUS_STAY = range(6)
LAYERS: Final = (
    (0.50, 0.16, 0.23, 0.09, 0.02),
    (0.42, 0.17, 0.26, 0.12, 0.03),
    (0.06, 0.10, 0.40, 0.34, 0.10),
    (0.00, 0.12, 0.60, 0.25, 0.03),
    (0.00, 0.22, 0.56, 0.18, 0.04),
    (0.00, 0.05, 0.42, 0.41, 0.12),
)
DIFFERS: Final = 0.22  # spread of each place's habits, on the scale of logarithms
LEAD_PULL: Final = 3.0  # a lead hospital against another of its level
CHRONIC_SHARE: Final = 0.52  # of the visits of somebody with a chronic disease are for it

# --- referrals
REFERRED_UP: Final = (0.004, 0.014, 0.36, 0.1, 0.0, 0.0)  # by the classes above, of visits in primary care
TO_LEAD: Final = 0.78
ARRIVES: Final = 0.87
KEPT_PLACE: Final = 0.66
ADMITTED: Final = 0.33  # of those sent up with something serious
LATER: Final = 0.32  # chance of each day to be the one of arrival
STATES: Final = (0.45, 0.2, 0.25, 0.1)  # returned, withdrawn, no_show, cancelled: those who did not arrive
SENT_DOWN: Final = 0.075  # of hospital stays of the region's residents
TRANSFERRED: Final = 0.02
AGAINST_ADVICE: Final = 0.03
DISCHARGED_OTHERWISE: Final = 0.015

# --- what it is and costs (fen)
STAYS: Final = 0.55  # of the shares that diseases.csv gives, so that one in five is admitted a year
STAY_DAYS: Final = (4.5, 7.0)  # median: minor, serious
STAY_SPREAD: Final = 0.55
STAY_MOST: Final = 60
DAY_CASE: Final = 0.22  # of stays with a small planned operation
OUTPATIENT_COST: Final = (6_500, 19_000, 31_000, 9_000)  # primary, secondary, tertiary, other
EMERGENCY_FACTOR: Final = 1.6
STAY_COST: Final = (160_000, 330_000, 690_000, 200_000)
COST_SPREAD: Final = (0.75, 0.38)  # outpatient, stay
COST_GROWTH: Final = 0.03
FUND_OUTPATIENT: Final = (0.55, 0.42, 0.33, 0.3)
FUND_STAY: Final = (0.82, 0.72, 0.6, 0.6)
OUTSIDE_FUND: Final = 0.75  # of what would be paid at home
TCM: Final = (0.24, 0.07, 0.05, 0.1)  # by tier
TCM_HOSPITAL: Final = 0.82
CRITICAL: Final = (0.004, 0.22, 0.1)  # outpatient, emergency, serious stay
DIFFICULT: Final = (0.02, 0.25)  # elsewhere, serious stay in a tertiary hospital
PATHWAY: Final = 0.58

# --- institutions and staff
PER_PHYSICIAN: Final = 8.0  # visits a working day
WORKDAYS: Final = 21.0  # a month
OCCUPIED: Final = 0.8
PROFESSIONS: Final = (
    0.34,
    0.36,
    0.06,
    0.09,
    0.04,
    0.0,
    0.04,
    0.07,
)  # in the order of the words, of a hospital
PRIMARY_PROFESSIONS: Final = (0.38, 0.27, 0.07, 0.06, 0.12, 0.0, 0.04, 0.06)
CLINIC_PROFESSIONS: Final = (0.12, 0.06, 0.0, 0.0, 0.02, 0.8, 0.0, 0.0)
TITLES: Final = (
    (0.22, 0.5, 0.22, 0.06),
    (0.12, 0.42, 0.3, 0.16),
    (0.08, 0.36, 0.33, 0.23),
    (0.2, 0.5, 0.22, 0.08),
)
GP: Final = (0.42, 0.02)  # of physicians: primary care, hospitals
INCOME: Final = (520_000, 780_000, 1_080_000, 560_000)  # a month, median
TURNOVER: Final = 0.02  # a year, to anywhere
SERVICE_INCOME: Final = (0.34, 0.3, 0.29, 0.32)

# --- the rest
BOOKED: Final = (0.36, 0.9)  # of hospital visits: by oneself, referred
NOT_ATTENDED: Final = 0.14
REMOTE: Final = 0.022  # of primary visits
RECOGNISABLE: Final = 0.03  # of hospital visits
RECOGNISED: Final = 0.71
DRUGSTORE: Final = 0.12  # of the fund for outpatients
CONTRACT_FEE: Final = 350  # fen a month and contract, from the fund
SURVEYS: Final = 60  # answers a month and county
CLASSES: Final = (
    0.55,
    0.255,
    0.11,
    0.052,
    0.005,
    0.028,
)  # how often each class of visit is, to size staff and beds
IN_TIME: Final = 1440  # minutes; what counts as accepted in time here
ACCEPTED: Final = 190.0  # minutes, median
WAIT: Final = (0.7, 0.35, 0.2, 0.5)  # chance of each day to be the one of admission, by tier
ENDOSCOPIC: Final = 0.46
EMERGENCY_STAY_COST: Final = 1.35  # an operation makes a stay dearer by this
# --- services, support, agreements
# the codes are those that the indicators of the packs ask for
LEAD_ITEMS: Final[Mapping[str, float]] = {
    "centre.imaging": 0.9, "centre.ecg": 0.9, "centre.laboratory": 0.75, "centre.teleconsultation": 0.8,
    "centre.telepathology": 0.5, "centre.teleimaging": 0.85, "centre.teleecg": 0.85, "centre.central_lab": 0.7,
    "centre.teletraining": 0.7, "centre.sterilisation": 0.6, "service.one_stop_admission": 0.6, "clinic.psychiatry": 0.5,
    "clinic.rehabilitation": 0.7, "service.dialysis": 0.9, "service.chest_pain": 0.7, "service.stroke": 0.6,
    "day_surgery.13.41": 0.8, "day_surgery.53.04": 0.6, "day_surgery.28.20": 0.4, "equipment.paediatrics": 0.8,
    "equipment.emergency": 0.95, "equipment.anaesthesia": 0.9, "equipment.icu": 0.7, "unified.personnel": 0.6,
    "unified.finance": 0.6, "unified.drugs": 0.8, "unified.information": 0.7, "decision.members": 0.8, "decision.records": 0.7,
}  # fmt: skip
CENTRE_ITEMS: Final[Mapping[str, float]] = {
    "service.emergency_rescue": 0.8, "service.routine_surgery": 0.5, "service.normal_delivery": 0.3,
    "service.high_risk_pregnancy_screening": 0.7, "service.paediatrics": 0.6, "service.psychiatry": 0.2, "clinic.tcm": 0.85,
    "imaging.x_ray": 0.7, "imaging.ultrasound": 0.85, "laboratory.blood": 0.95, "ecg.rest": 0.9, "feature.pain": 0.25,
    "feature.rehabilitation": 0.3,
}  # fmt: skip
SUPPORT: Final = (
    0.3,
    0.45,
    0.18,
    0.12,
    0.03,
    0.08,
)  # a month and member, by the words of support.kind; clinics an eighth
SUPPORT_CLINIC: Final = 0.12
DRAWN_STAFF: Final = 0.5  # of a siphon's strength, the share of members' staff who move up within a year
# --- equipment of hospitals, of primary care's centres, of the rest
TELEMEDICINE: Final = (0.97, 0.88, 0.45)
CONNECTED: Final = (0.95, 0.85, 0.5)
ECG: Final = (1.0, 0.95, 0.4)
TCM_SERVICE: Final = (0.9, 0.93, 0.7)
BUILT_TO_STANDARD: Final = 0.93
CAPABLE: Final = (0.35, 0.9)  # recommended standard; at least the basic one
OPEN_BEDS: Final = 0.97
ON_STAFF: Final = 1.12  # what staff cost beyond their income
ON_ELSE: Final = (0.58, 0.68)  # of medical income, everything but staff
# --- bookings and reserves
RESOURCES: Final = (0.9, 0.0, 0.1)
OWN_CHANNELS: Final = (0.0, 0.0, 0.7, 0.25, 0.05)
BY_FAMILY_DOCTOR: Final = 0.2  # of those signed
IN_RESERVE: Final = 0.8  # of places booked for referrals and by family doctors
OFFERED: Final = (1.05, 1.6)  # times those taken
RESERVED: Final = (0.12, 0.3)  # of those offered
RELEASED: Final = (0.5, 1.0)  # of reserved ones that nobody took
# --- remote services and recognition
REMOTE_KINDS: Final = (0.06, 0.42, 0.36, 0.03, 0.12, 0.01)
REMOTE_MINUTES: Final = (1400.0, 55.0, 14.0, 2600.0, 300.0, 60.0)
REMOTE_DONE: Final = 0.97
ITEMS: Final[Mapping[str, tuple[float, int]]] = {  # share of orders, price in fen
    "imaging.ct": (0.18, 26_000), "imaging.mr": (0.08, 52_000), "imaging.x_ray": (0.16, 7_000),
    "imaging.ultrasound": (0.2, 11_000), "laboratory.blood": (0.2, 2_500), "laboratory.liver": (0.12, 6_000),
    "ecg.rest": (0.06, 2_800),
}  # fmt: skip
NOT_RECOGNISED: Final[Mapping[str, float]] = {
    "changed": 0.5,
    "quality": 0.2,
    "emergency": 0.2,
    "too_old": 0.1,
}
GREEN_CHANNEL: Final = 0.6  # of emergencies
# --- fund and surveys
BUDGET: Final = (0.93, 1.12)  # of what is paid
FUND_INCOME: Final = (0.97, 1.1)  # of what is paid, by county
DRUGSTORE_OWN: Final = 1.8  # fen paid oneself for each of the fund
SUBJECTS: Final = (0.45, 0.35, 0.12, 0.08)
ILL: Final = 0.22
CHOSE_PRIMARY: Final = 0.68
SCORES: Final = (84.0, 5.0, 9.0)  # middle, spread of places, spread of people
LITERACY_LOWER: Final = 12
