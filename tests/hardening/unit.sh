#!/usr/bin/env bash
# Fails when systemd judges the unit FILE as more exposed than 3.2 of 10, or
# cannot read it. What is not closed, the unit says why. Exit code 77: there is no systemd-analyze here.
set -euo pipefail
command -v systemd-analyze >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# It looks for the program that is started.
sed "s|/usr/bin/tidegate|$(command -v true)|" "$1" >"$folder/tidegate.service"
systemd-analyze security --offline=true --no-pager --threshold=32 \
  "$folder/tidegate.service"
complaints=$(systemd-analyze verify --man=no "$folder/tidegate.service" 2>&1 \
  | grep 'tidegate.service' || true)
if [[ -n $complaints ]]; then
  echo "$complaints"
  exit 1
fi
