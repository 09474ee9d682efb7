#!/usr/bin/env bash
# Installs the browser that the end-to-end tests look through, where apt can be used.
set -euo pipefail
command -v chromium >/dev/null && command -v chromedriver >/dev/null && exit 0
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
root apt-get update -qq
DEBIAN_FRONTEND=noninteractive root apt-get install -y -qq chromium chromium-driver fonts-noto-core fonts-noto-cjk
