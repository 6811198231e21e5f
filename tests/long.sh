#!/usr/bin/env bash
# What takes too long for every change: an hour on two cores.
#
#   tests/long.sh              all of it, after a build
#   tests/long.sh --only NAME  one part
#   tests/long.sh --list       their names
#
# A part's output is in build/logs/long-NAME.log. The last line says
# `N passed, N failed`; the exit code is 0 only when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."

# 200 kills among all other faults, with five seeds.
part_kills() {
  local seed
  for seed in 1 2 3 4 5; do
    build/tidegate chaos --kills 200 --seed "$seed" || return
  done
}

# 20 minutes of faults.
part_soak() {
  build/tidegate chaos --duration 1200 --kills 1000000 --seed 6
}

all=(kills soak)
chosen=("${all[@]}")
while (($#)); do
  case "$1" in
    --only)
      chosen=("${2:-}")
      shift
      ;;
    --list)
      printf '%s\n' "${all[@]}"
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
  if [[ " ${all[*]} " != *" $name "* ]]; then
    echo "long.sh: no part '$name'; see --list" >&2
    exit 2
  fi
done

deploy/packages.sh test || exit 1
[[ -e build/build.ninja ]] || cmake -S . -B build -G Ninja || exit 1
cmake --build build --target tidegate || exit 1
mkdir -p build/logs
passed=0
failed=0
for name in "${chosen[@]}"; do
  log=build/logs/long-$name.log
  printf '== %-8s ' "$name"
  if "part_$name" >"$log" 2>&1; then
    ((++passed))
    echo passed
  else
    ((++failed))
    echo "FAILED ($log)"
    tail -n 40 "$log" | sed 's/^/   | /'
  fi
done
printf '\n%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
