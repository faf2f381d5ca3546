"""What the tests of ``tiercare serve`` look at from outside."""

from __future__ import annotations

import http.client
import json

from .conftest import Home


def healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def serving(home: Home, port: int) -> int:
    """Start in the background; the server's process number."""
    code, said = home.run("serve", "--detach", "--port", str(port))
    assert code == 0, said
    pid: int = json.loads((home.folder / "run" / "server.json").read_text())["pid"]
    return pid
