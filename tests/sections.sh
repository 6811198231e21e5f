# The sections of tests/run.sh. Each runs from the root of the repository,
# writes what it does to its standard output, and sets `passed` and `failed`;
# a `note` is shown beside them.
# shellcheck shell=bash disable=SC2034

# Configures and builds: FOLDER TARGET... [-- CMAKE_OPTION...]
build() {
  local folder=$1 targets=()
  shift
  while (($#)) && [[ $1 != -- ]]; do
    targets+=("$1")
    shift
  done
  [[ -e $folder/build.ninja ]] || cmake -S . -B "$folder" -G Ninja "${@:2}" \
    || return
  cmake --build "$folder" ${targets:+--target "${targets[@]}"}
}

# Runs ctest verbosely and counts the cases inside its Catch2 programs and the
# tests that are none: FOLDER CTEST_OPTION...
count_tests() {
  local output
  output=$(ctest --test-dir "$1" --timeout 600 -V "${@:2}")
  local status=$?
  printf '%s\n' "$output"
  read -r passed failed < <(awk '
    / All tests passed \(/ { sub(/.* in /, ""); ok += $1; whole++ }
    / test cases:/ {
      if (match($0, /[0-9]+ passed/)) ok += substr($0, RSTART)
      if (match($0, /[0-9]+ failed/)) bad += substr($0, RSTART)
      parts++
    }
    /[0-9]+ tests? failed out of / {
      match($0, /[0-9]+ tests? failed/); red = substr($0, RSTART) + 0
      sub(/.* out of /, ""); of = $1
    }
    END { print ok + of - red - whole, bad + red - parts }
  ' <<<"$output")
  return $status
}

section_unit() {
  build build && count_tests build -E '^direction\.' -j2
}

section_direction() {
  build build && count_tests build -R '^direction\.'
}

section_asan() {
  build build-asan unit_tests \
    -- -DTIDEGATE_ASAN=ON -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-g1 \
    || return
  count_tests build-asan -E '^direction\.' -j2
}

# Every decoder and parser against its seeds and what libFuzzer makes of them,
# a few seconds each.
section_fuzz() {
  build build-fuzz -- -DTIDEGATE_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++-14 \
    || return
  local target name
  for target in build-fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "${target%_fuzz}")
    mkdir -p "build-fuzz/found/$name"
    echo "-- $name"
    if "$target" -runs=200000 -max_total_time=5 -timeout=5 -verbosity=0 \
      -print_final_stats=1 -artifact_prefix="build-fuzz/found/$name-" \
      "build-fuzz/found/$name" "tests/fuzz/corpus/$name"; then
      ((++passed))
    else
      ((++failed))
      echo "-- $name FAILED"
    fi
  done
}

section_format() {
  local file
  while read -r file; do
    if clang-format-14 --dry-run --Werror "$file"; then
      ((++passed))
    else
      ((++failed))
    fi
  done < <(find messages storage actors runtime benchmarks deploy tests \
    -path '*/node_modules' -prune -o -name '*.[ch]pp' -print)
}

# Slow: a quarter of an hour and more. Not part of the default run.
section_tidy() {
  cmake -S . -B build -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON || return
  local verdicts
  verdicts=$(find messages storage actors runtime benchmarks -name '*.cpp' \
    | xargs -P 2 -I{} sh -c \
      'clang-tidy-14 -p build --quiet {} 3>&2 2>/dev/null >&3 \
        && echo ok || echo bad {}')
  echo "$verdicts"
  passed=$(grep -c '^ok' <<<"$verdicts")
  failed=$(grep -c '^bad' <<<"$verdicts")
}

# Node.js test programs: FILE...
count_node_tests() {
  local output
  output=$(node --test --test-reporter=tap "$@" 2>&1)
  local status=$?
  printf '%s\n' "$output"
  passed=$(sed -n 's/^# pass //p' <<<"$output")
  failed=$(sed -n 's/^# fail //p' <<<"$output")
  local skipped
  skipped=$(sed -n 's/^# skipped //p' <<<"$output")
  ((skipped == 0)) || note="$skipped skipped"
  return $status
}

install_node_packages() {
  [[ tests/interop/package-lock.json -ot \
    tests/interop/node_modules/.package-lock.json ]] \
    || npm ci --prefix tests/interop --no-audit --no-fund
}

section_interop() {
  build build || return
  install_node_packages || return
  count_node_tests tests/interop/*.test.mjs
}

section_prometheus() {
  build build && count_node_tests tests/prometheus/*.test.mjs
}

# Modules as containers of a real dockerd, which needs root; and of nothing
# that the machine runs already.
section_docker() {
  if ((EUID)); then
    note='skipped: a container engine needs root'
    return
  fi
  build build || return
  install_node_packages || return
  count_node_tests tests/docker/*.test.mjs
}

section_quickstart() {
  build build || return
  if deploy/quickstart.sh --check; then passed=1; else failed=1; fi
}

# Kills, cut uplinks and full stores under load, always the same ones.
section_chaos() {
  build build tidegate || return
  if build/tidegate chaos --quick --seed 3 --progress; then
    passed=1
  else
    failed=1
  fi
}

# 200 kills among all other faults, with five seeds. 25 minutes; not part of the
# default run, and neither is the soak.
section_kills() {
  build build tidegate || return
  local seed
  for seed in 1 2 3 4 5; do
    if build/tidegate chaos --kills 200 --seed "$seed"; then
      ((++passed))
    else
      ((++failed))
    fi
  done
}

# 20 minutes of faults.
section_soak() {
  build build tidegate || return
  if build/tidegate chaos --duration 1200 --kills 1000000 --seed 6; then
    passed=1
  else
    failed=1
  fi
}
