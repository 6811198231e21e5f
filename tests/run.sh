#!/usr/bin/env bash
# Builds everything and runs every test.
#
#   tests/run.sh               all of it
#   tests/run.sh --quick       build, unit tests and style only
#   tests/run.sh --only NAME   one section (and the build it needs)
#   tests/run.sh --list        the names of the sections; tidy, kills and soak
#                              are slow and run only when named
#
# A section's full output is in build/logs/NAME.log; it is shown when the
# section fails. The last line says `N passed, N failed`; the exit code is 0
# only when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/sections.sh

all=(unit direction asan fuzz format interop prometheus docker chaos quickstart)
quick=(unit direction format)
asked_for=(tidy kills soak)
chosen=("${all[@]}")
while (($#)); do
  case "$1" in
    --quick) chosen=("${quick[@]}") ;;
    --only)
      chosen=("${2:-}")
      shift
      ;;
    --list)
      printf '%s\n' "${all[@]}" "${asked_for[@]}"
      exit 0
      ;;
    *)
      sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
  shift
done
for name in "${chosen[@]}"; do
  if [[ " ${all[*]} ${asked_for[*]} " != *" $name "* ]]; then
    echo "run.sh: no section '$name'; see --list" >&2
    exit 2
  fi
done

deploy/packages.sh test || exit 1
mkdir -p build/logs

total_passed=0
total_failed=0
table=()
for name in "${chosen[@]}"; do
  printf '== %-12s ' "$name"
  log=build/logs/$name.log
  passed=0 failed=0 note=
  started=$SECONDS
  "section_$name" >"$log" 2>&1 || ((failed)) || failed=1
  ((passed + failed)) || [[ $note == skipped:* ]] || failed=1
  row=$(printf '%5d passed %5d failed %5d s  %s' \
    "$passed" "$failed" $((SECONDS - started)) "$note")
  echo "$row"
  if ((failed)); then
    tail -n 60 "$log" | sed 's/^/   | /'
    echo "   | (all of it: $log)"
  fi
  table+=("$(printf '%-12s' "$name")$row")
  ((total_passed += passed, total_failed += failed))
done

printf '\n'
printf '%s\n' "${table[@]}"
printf '\n%d passed, %d failed\n' "$total_passed" "$total_failed"
((total_failed == 0))
