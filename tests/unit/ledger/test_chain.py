import json

from hypothesis import assume, given
from hypothesis import strategies as st

from tiercare.apps.ledger.chain import FIELDS, SENTENCES, FaultCode, canonical, link

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_payloads = st.dictionaries(st.text(max_size=5), _values, max_size=5)
_texts = st.none() | st.text(max_size=8)


def _row(payload: str, **columns: object) -> list[object]:
    return [payload if name == "payload" else columns.get(name) for name in FIELDS]


def _shuffled(value: object, reverse: bool) -> object:
    """The same value with the keys of every object in another order."""
    if isinstance(value, dict):
        items = sorted(value.items(), reverse=reverse)
        return {key: _shuffled(item, reverse) for key, item in items}
    if isinstance(value, list):
        return [_shuffled(item, reverse) for item in value]
    return value


@given(_payloads)
def test_order_of_keys_spacing_and_escapes_do_not_matter(payload: dict[str, object]) -> None:
    one = canonical(_row(json.dumps(_shuffled(payload, True), ensure_ascii=True, indent=2)))
    other = canonical(_row(json.dumps(_shuffled(payload, False), ensure_ascii=False)))
    assert one == other


@given(_payloads, _payloads)
def test_different_payloads_differ(one: dict[str, object], other: dict[str, object]) -> None:
    assume(json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    assert canonical(_row(json.dumps(one))) != canonical(_row(json.dumps(other)))


@given(st.sampled_from([name for name in FIELDS if name != "payload"]), _texts, _texts)
def test_every_column_counts(name: str, one: str | None, other: str | None) -> None:
    assume(one != other)
    assert canonical(_row("{}", **{name: one})) != canonical(_row("{}", **{name: other}))


@given(_texts, _texts)
def test_content_cannot_move_between_columns(one: str | None, other: str | None) -> None:
    assume(one != other)
    assert canonical(_row("{}", kind=one, channel=other)) != canonical(_row("{}", kind=other, channel=one))


def test_a_link_is_the_same_on_every_machine() -> None:
    row = _row('{"b": 1, "a": "芜湖"}', id="x", sequence=1, clauses=["WH-01"])
    assert canonical(row).decode() == (
        '{"actor_id":null,"actor_name":null,"actor_role":null,"at":null,"channel":null,"clauses":["WH-01"],'
        '"division_code":null,"id":"x","institution_id":null,"kind":null,"payload":{"a":"芜湖","b":1},'
        '"request_id":null,"sequence":1,"subject_id":null,"subject_type":null,"version":null}'
    )
    assert (
        link(bytes(32), canonical(row)).hex()
        == "2d8d95b59c1b3ed4215babbaa80506712c0a909d987c2e85ef2675c5589a3d78"
    )


def test_every_fault_has_a_sentence() -> None:
    assert set(SENTENCES) == set(FaultCode)
