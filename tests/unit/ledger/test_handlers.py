import pytest

from tiercare.apps.ledger import handlers


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_registry", handlers.Registry())


def test_a_handler_may_take_several_kinds_under_one_name() -> None:
    function = print
    handlers.subscribe("a.one", "count", function)
    handlers.subscribe("a.two", "count", function)
    assert handlers.names_for("a.one") == handlers.names_for("a.two") == ["count"]
    assert handlers.find("count") is function


def test_a_name_belongs_to_one_function() -> None:
    handlers.subscribe("a.one", "count", print)
    with pytest.raises(ValueError, match="belongs to another function"):
        handlers.subscribe("a.two", "count", repr)
    with pytest.raises(ValueError, match="already takes"):
        handlers.subscribe("a.one", "count", print)


def test_an_unknown_name_is_said() -> None:
    assert handlers.names_for("a.none") == []
    with pytest.raises(LookupError, match="'gone'"):
        handlers.find("gone")
