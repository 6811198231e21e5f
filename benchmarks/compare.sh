#!/usr/bin/env bash
# Tidegate and Mosquitto side by side, on this machine, in one run: the same
# load generator, turn by turn, so that whatever else the machine does hits
# both. Tidegate syncs every message to disk before it acknowledges; Mosquitto
# keeps all in memory (but for the row about a start with a backlog, which it
# needs its persistence for).
#
#   benchmarks/compare.sh [--quick] [--repeat N] [--backlog MIB] [--json]
#                         [--program PATH] [--folder PATH]
#
# Prints a row per budget of the design: both medians, their spread, and how
# many times better Tidegate is. Exits with 1 when a measurement failed, with
# 2 on wrong usage; a missed budget is shown, not an error.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
program=$here/build/tidegate
folder=$here/build/compare
repeat=3 seconds=10 drain=1000000 connections=1000 backlog=1024 json=0
while (($#)); do
  case "$1" in
    --quick) repeat=1 seconds=3 drain=200000 connections=1000 backlog=64 ;;
    --repeat) repeat=$2 && shift ;;
    --backlog) backlog=$2 && shift ;;
    --program) program=$2 && shift ;;
    --folder) folder=$2 && shift ;;
    --json) json=1 ;;
    *)
      sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
  shift
done
mosquitto=$(PATH=$PATH:/usr/sbin command -v mosquitto) || {
  echo "compare.sh: mosquitto is missing; deploy/packages.sh test brings it" >&2
  exit 2
}
[[ -x $program ]] || {
  echo "compare.sh: $program is missing; build it first" >&2
  exit 2
}
mkdir -p "$folder"
if [[ $(stat -f -c %T "$folder") == tmpfs ]]; then
  echo "compare.sh: $folder is in memory; choose a --folder on a disk" >&2
  exit 2
fi
work=$(mktemp -d "$folder/run-XXXXXX")
trap 'rm -rf "$work"' EXIT
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

plain=$(free_port)
tls=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
  -subj /CN=localhost -keyout "$work/key.pem" -out "$work/certificate.pem" \
  2>/dev/null

# mosquitto_command PERSISTENCE: how to start it; nothing of what it queues is
# ever turned away.
mosquitto_command() {
  cat >"$work/mosquitto-$1.conf" <<EOF
user root
allow_anonymous true
max_queued_messages 0
max_inflight_messages 1000
set_tcp_nodelay true
log_type error
persistence $1
persistence_location $work/
autosave_interval 0
listener $plain 127.0.0.1
listener $tls 127.0.0.1
certfile $work/certificate.pem
keyfile $work/key.pem
EOF
  echo "$mosquitto -c $work/mosquitto-$1.conf"
}

failed=0
# measure WHO RESULT OPTIONS...: one run of the load generator, its JSON into
# the file RESULT.
measure() {
  local who=$1 result=$2 port=$plain command
  shift 2
  local target=(--own-node --folder "$work/node")
  if [[ $who == mosquitto ]]; then
    [[ " $* " == *" --over tls "* ]] && port=$tls
    command=$(mosquitto_command false)
    [[ " $* " == *" --mode start "* ]] && command=$(mosquitto_command true)
    target=(--broker "127.0.0.1:$port" --server-command "$command")
  fi
  rm -rf "$work/node" "$work/mosquitto.db"
  if ! "$program" bench "${target[@]}" --json --patience 60 "$@" \
    >"$result" 2>"$work/errors"; then
    failed=1
    echo "compare.sh: failed: $who $*" >&2
    cat "$result" "$work/errors" >&2
    tail -n 3 "$work"/node/*/log >&2 2>/dev/null || true
  fi
}

# What is measured: a name for its results, then the options.
measurements=(
  "stream --mode stream --duration $seconds"
  "paced --mode stream --rate 10000 --duration $seconds"
  "drain --mode drain --count $drain --live-rate 1000"
  "start --mode start --size 16384 --count $((backlog * 64))"
  "plain --mode idle --connections $connections"
  "tls --mode idle --connections $connections --over tls"
)
for ((round = 1; round <= repeat; ++round)); do
  for line in "${measurements[@]}"; do
    read -ra words <<<"$line"
    for who in tidegate mosquitto; do
      echo "round $round of $repeat: ${words[0]}, $who" >&2
      measure "$who" "$work/${words[0]}-$who-$round" "${words[@]:1}"
    done
  done
done

# values RESULTS WHO KEY: that figure of every round, sorted.
values() {
  grep -ho "\"$3\":[^,}]*" "$work/$1-$2-"* 2>/dev/null \
    | cut -d: -f2 | awk '{ printf "%.12g\n", $1 }' | sort -g
}

# summary: median, lowest and highest of the numbers it reads.
summary() {
  awk '{ v[NR] = $1 } END {
    if (!NR) exit 1
    print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2), v[1], v[NR]
  }'
}

# show UNIT NUMBER
show() {
  awk -v unit="$1" -v n="$2" 'BEGIN {
    if (unit == "/s") printf "%.0f k/s", n / 1e3
    else if (unit == "s") { if (n >= 1) printf "%.2f s", n; else if (n >= 1e-4) printf "%.2f ms", n * 1e3; else printf "%.2f us", n * 1e6 }
    else { a = n < 0 ? -n : n; if (a >= 1048576) printf "%.1f MiB", n / 1048576; else printf "%.1f KiB", n / 1024 }
  }'
}

rows=()
# row TITLE RESULTS KEY UNIT BETTER LIMIT: BETTER is `more` or `less`; LIMIT
# is a budget for Tidegate's own median, `xN` one for the ratio, `-` none.
row() {
  local title=$1 unit=$4 better=$5 limit=$6 ours theirs ratio verdict
  if ! ours=$(values "$2" tidegate "$3" | summary) \
    || ! theirs=$(values "$2" mosquitto "$3" | summary); then
    failed=1
    echo "compare.sh: not measured: $title" >&2
    return
  fi
  read -r t t_low t_high <<<"$ours"
  read -r m m_low m_high <<<"$theirs"
  ratio=$(awk -v t="$t" -v m="$m" -v b="$better" 'BEGIN {
    if (t <= 0 || m <= 0) print "-"
    else printf "%.2f", b == "more" ? t / m : m / t
  }')
  verdict=$(awk -v t="$t" -v r="$ratio" -v b="$better" -v l="$limit" 'BEGIN {
    if (l == "-") print "-"
    else if (l ~ /^x/) print (r >= substr(l, 2) + 0 ? "met" : "missed")
    else print ((b == "more" ? t >= l : t <= l) ? "met" : "missed")
  }')
  if ((json)); then
    rows+=("{\"name\":\"$title\",\"unit\":\"$unit\",\"tidegate\":{\"median\":$t,\"low\":$t_low,\"high\":$t_high},\"mosquitto\":{\"median\":$m,\"low\":$m_low,\"high\":$m_high},\"ratio\":${ratio/#-/null},\"budget\":\"$verdict\"}")
  else
    rows+=("$(printf '%-38s %10s  (%s .. %s)\t%10s  (%s .. %s)\t%8s  %s' "$title" \
      "$(show "$unit" "$t")" "$(show "$unit" "$t_low")" "$(show "$unit" "$t_high")" \
      "$(show "$unit" "$m")" "$(show "$unit" "$m_low")" "$(show "$unit" "$m_high")" \
      "$ratio" "$verdict")")
  fi
}

kib=1024 mib=1048576
row "delivered, each message synced" stream delivered_per_second /s more x4
row "processor time per message" stream server_cpu_per_message_seconds s less -
row "acknowledged at 10 k/s, p50" paced acknowledgement_p50_seconds s less -
row "end to end at 10 k/s, p50" paced delivery_p50_seconds s less 0.0008
row "end to end at 10 k/s, p99" paced delivery_p99_seconds s less 0.003
row "drain of $drain messages" drain drain_seconds s less 5
row "live p99 beside the drain" drain live_delivery_p99_seconds s less 0.020
row "memory growth, last 3/4 of backlog" drain memory_growth_bytes B less -
row "start to listening, $backlog MiB backlog" start start_seconds s less 0.3
row "idle memory" plain memory_alone_bytes B less $((20 * mib))
row "per idle connection, plain" plain memory_per_connection_bytes B less $((12 * kib))
row "per idle connection, TLS" tls memory_per_connection_bytes B less $((40 * kib))

if ((json)); then
  (IFS=, && echo "{\"rounds\":$repeat,\"failed\":$failed,\"rows\":[${rows[*]}]}")
else
  {
    printf '%-38s %s\t%s\t%s\n' "median (lowest .. highest) of $repeat" \
      "  Tidegate" " Mosquitto" "  better  budget"
    printf '%s\n' "${rows[@]}"
  } | column -t -s $'\t'
fi
exit "$failed"
