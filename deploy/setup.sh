#!/usr/bin/env bash
# Makes the environment: Apertium where apt can be used, a virtual environment, the pinned packages.
# Called by `make`; safe to call again. PYTHON names the interpreter, VENV the folder.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV="${VENV:-.venv}"
APERTIUM=(apertium apertium-eng-spa apertium-eng-cat)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1; fi
}

have() { dpkg -s "$@" >/dev/null 2>&1; }

install_packages() {
    have "$@" && return 0
    as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq "$@"
}

find_python() {
    for candidate in "${PYTHON:-python3.11}" python3.11 python3.12 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
            echo "$candidate"
            return 0
        fi
    done
    echo "Python 3.11 or 3.12 is needed; install python3.11 or name one: make PYTHON=/path/to/python" >&2
    return 1
}

say() { echo "silverspan: $*" >&2; }

if command -v apt-get >/dev/null; then
    have "${APERTIUM[@]}" || say "installing ${APERTIUM[*]} with apt"
    install_packages "${APERTIUM[@]}" >/dev/null 2>&1 ||
        say "Apertium could not be installed with apt; translations that it wrote are replayed instead."
fi

python=$(find_python)
if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv "$VENV" 2>/dev/null || {
        install_packages python3-venv && "$python" -m venv "$VENV"
    }
fi
say "installing the pinned packages into $VENV (about 2 GB, a few minutes the first time)"
# torch first and by its pinned name, so that no other package pulls in another build of it.
torch=$(grep '^torch==' deploy/constraints.txt)
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -c deploy/constraints.txt "$torch"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -c deploy/constraints.txt -e ".[amazon,ctranslate2,dask,kubernetes,local,postgres,s3,dev]"
