#!/usr/bin/env bash
# Shows Tidegate at work on this machine: a hub, a gateway behind it with two
# modules, and a device.
#
#   deploy/quickstart.sh           to watch and to play with; Ctrl-C ends it
#   deploy/quickstart.sh --check   plays the story by itself and judges it
#
# Installs what is missing (Debian 12), builds, and works in a temporary folder
# on loopback. Leaves no process and no file behind, apart from build/.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  "") story=deploy/story_for_people.sh ;;
  --check) story=deploy/story_for_machines.sh ;;
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

getent hosts localhost >/dev/null || {
  echo "quickstart: this machine does not know the name localhost; add the" \
    "line '127.0.0.1 localhost' to /etc/hosts" >&2
  exit 1
}
deploy/packages.sh build
[[ -e build/build.ninja ]] || cmake -S . -B build -G Ninja >/dev/null
cmake --build build --target tidegate host-sensor filter

. deploy/site.sh
. "$story"
