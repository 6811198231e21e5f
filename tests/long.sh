#!/usr/bin/env bash
# What takes too long for every change, an hour: the sections of tests/run.sh
# that only run when they are named, but for the style.
status=0
for section in kills soak; do
  "$(dirname "$0")/run.sh" --only "$section" || status=1
done
exit "$status"
