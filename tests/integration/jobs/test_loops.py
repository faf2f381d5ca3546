import threading
import time

import pytest

from tiercare.jobs.loops import repeat


@pytest.mark.django_db
def test_an_error_does_not_end_a_loop(caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    calls: list[float] = []

    def step() -> None:
        calls.append(time.monotonic())
        if len(calls) == 1:
            raise OSError("away for a moment")
        if len(calls) == 3:
            stop.set()

    repeat(step, every=0.01, stop=stop)
    first, second, third = calls
    assert second - first >= 1.0, "it pauses longer after an error"
    assert third - second < 0.5, "and goes on as before once it works"
    assert "away for a moment" in caplog.text
