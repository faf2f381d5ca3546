#!/bin/sh
# Finds a Python that is new enough and hands over to tools/setup.py.
set -eu
cd "$(dirname "$0")/.."
for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$python" >/dev/null 2>&1 &&
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" tools/setup.py "$@"
    fi
done
{
    echo "需要 Python 3.11 或更新的版本；未在 PATH 中找到。"
    echo "Python 3.11 or newer is needed and was not found on PATH."
    echo "  apt-get install python3 python3-venv        # Debian 12+, Ubuntu 24.04+"
    echo "  make setup PYTHON=/path/to/python3.12       # if it stands elsewhere"
} >&2
exit 1
