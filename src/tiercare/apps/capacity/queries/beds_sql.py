"""Statements of the bed board. Days are days in China; now is ``tiercare_now()``."""

from __future__ import annotations

# Each bed with who lies in it now, who is planned next, and how many are planned at all. Who lies beyond the planned
# end still lies there.
_BEDS = """
SELECT b.id, b.ward, b.number, b.sex, b.isolation, b.day, b.out_of_use,
       n.id AS now_id, n.resident_id AS now_resident, n.isolation AS now_isolation, n.case_id AS now_case,
       lower(n.during) AS now_starts, upper(n.during) AS now_ends,
       p.id AS next_id, p.resident_id AS next_resident, p.isolation AS next_isolation, p.case_id AS next_case,
       lower(p.during) AS next_starts, upper(p.during) AS next_ends, coalesce(p.units, 0)::integer AS planned
FROM capacity_bed b
LEFT JOIN capacity_stay n ON n.bed_id = b.id AND n.state = 'IN'
LEFT JOIN LATERAL (
    SELECT t.*, count(*) OVER () AS units FROM capacity_stay t
    WHERE t.bed_id = b.id AND t.state = 'PLANNED' AND coalesce(upper(t.during), 'infinity') > tiercare_now()
    ORDER BY lower(t.during) LIMIT 1
) p ON true
WHERE b.institution_id = %(institution)s AND {which}
ORDER BY b.ward, length(b.number), b.number
"""
BOARD = _BEDS.format(
    which="""(%(ward)s = '' OR b.ward = %(ward)s) AND (%(sex)s = '' OR b.sex IN ('ANY', %(sex)s))
  AND (NOT %(isolation)s OR b.isolation) AND (NOT %(free)s OR (n.id IS NULL AND b.out_of_use = ''))"""
)
ONE = _BEDS.format(which="b.id = %(bed)s")
# What a ward has: free is in use with nobody in it; who leaves today should, or should have.
WARDS = """
SELECT b.ward, count(*)::integer AS beds,
       count(*) FILTER (WHERE b.out_of_use = '' AND n.id IS NULL)::integer AS free,
       count(*) FILTER (WHERE b.out_of_use <> '')::integer AS out_of_use,
       count(*) FILTER (WHERE upper(n.during) < %(tomorrow)s)::integer AS leaving,
       coalesce(sum(p.units), 0)::integer AS planned
FROM capacity_bed b
LEFT JOIN capacity_stay n ON n.bed_id = b.id AND n.state = 'IN'
LEFT JOIN LATERAL (
    SELECT count(*) AS units FROM capacity_stay t
    WHERE t.bed_id = b.id AND t.state = 'PLANNED' AND lower(t.during) < %(tomorrow)s
) p ON true
WHERE b.institution_id = %(institution)s GROUP BY b.ward ORDER BY b.ward
"""
_STAY = """
SELECT s.id, s.bed_id, s.resident_id, s.state, s.isolation, s.case_id, lower(s.during) AS starts_at,
       upper(s.during) AS ends_at
FROM capacity_stay s
"""
STAY = _STAY + "WHERE s.id = %(stay)s AND s.institution_id = %(institution)s"
NAMED = "SELECT id, ward, number FROM capacity_bed WHERE id = %(bed)s AND institution_id = %(institution)s"
PLANNED = _STAY + "WHERE s.bed_id = %(bed)s AND s.state = 'PLANNED' ORDER BY lower(s.during)"
PAST = _STAY + "WHERE s.bed_id = %(bed)s AND s.state = 'OUT' ORDER BY lower(s.during) DESC LIMIT %(limit)s"
DAY = (
    _STAY
    + """JOIN capacity_bed b ON b.id = s.bed_id AND b.day
WHERE s.institution_id = %(institution)s AND s.state <> 'CANCELLED'
  AND s.during && tstzrange(%(starts)s, %(until)s) ORDER BY lower(s.during)"""
)
DAY_BEDS = """
SELECT id, ward, number, sex, isolation, day, out_of_use FROM capacity_bed
WHERE institution_id = %(institution)s AND day ORDER BY ward, length(number), number
"""
# Beds that nobody has in that time, with the moment at which somebody else has them next. A bed whose patient lies
# beyond the planned end is no offer for the next hours.
FREE = """
SELECT b.id, b.ward, b.number, b.sex, b.isolation, b.day,
       (SELECT min(lower(t.during)) FROM capacity_stay t
        WHERE t.bed_id = b.id AND t.state = 'PLANNED' AND lower(t.during) > %(starts)s) AS free_until
FROM capacity_bed b
WHERE b.institution_id = %(institution)s AND b.out_of_use = ''
  AND NOT EXISTS (SELECT FROM capacity_stay t WHERE t.bed_id = b.id AND t.state <> 'CANCELLED'
                  AND (t.during && tstzrange(%(starts)s, %(until)s)
                       OR (t.state = 'IN' AND upper(t.during) <= tiercare_now()
                           AND %(starts)s < tiercare_now() + %(soon)s)))
ORDER BY b.ward, length(b.number), b.number
"""
# A bed counts on a day if it is a day bed in use at its end, or now; a patient by the day on which they lay down, once.
DAY_USE = """
SELECT d.day::date AS day,
       (SELECT count(*) FROM capacity_daybedspan p JOIN capacity_bed b ON b.id = p.bed_id
        WHERE b.institution_id = %(institution)s
          AND p.during @> least(((d.day::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') - interval '1 microsecond',
                                tiercare_now()))::integer AS beds,
       (SELECT count(DISTINCT s.resident_id) FROM capacity_stay s
        JOIN capacity_daybedspan p ON p.bed_id = s.bed_id AND p.during @> lower(s.during)
        WHERE s.institution_id = %(institution)s AND s.state IN ('IN', 'OUT')
          AND lower(s.during) >= d.day::date::timestamp AT TIME ZONE 'Asia/Shanghai'
          AND lower(s.during) < (d.day::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')::integer AS patients
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d (day) ORDER BY d.day
"""
