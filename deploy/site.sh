# A hub and a gateway on loopback in a temporary folder, for quickstart.sh.
# shellcheck shell=bash

site=
tidegate=build/tidegate
declare -A pid=()

say() {
  if [[ -t 1 ]]; then
    printf '\n\033[1m%s\033[0m\n' "$*"
  else
    printf '\n%s\n' "$*"
  fi
}
fail() {
  printf 'quickstart: %s\n' "$*" >&2
  exit 1
}

# Waits until a command succeeds: SECONDS WHAT COMMAND...
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < end)) || fail "$what: not in time; see the logs in $site"
    sleep 0.1
  done
}

# The port a node's listener is bound to: NODE LISTENER
port() {
  sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p" "$site/$1/run/ports.json"
}

# An operator command for a node: NODE WORD...
ask() {
  local node=$1
  shift
  "$tidegate" "$@" --config "$site/$node/tidegate.toml"
}

# Starts a node in a session of its own, so that Ctrl-C reaches this script
# alone, which then ends everything in order. Should the script itself be
# killed, the nodes are told to stop.
start_node() {
  local node=$1
  rm -f "$site/$node/run/ports.json"
  setsid setpriv --pdeathsig TERM \
    "$tidegate" run --config "$site/$node/tidegate.toml" \
    >>"$site/$node/log" 2>&1 </dev/null &
  pid[$node]=$!
  wait_for 15 "start of the $node" listening "$node"
}

listening() {
  kill -0 "${pid[$1]}" 2>/dev/null \
    || fail "the $1 ended: $(tail -n 5 "$site/$1/log")"
  [[ -s $site/$1/run/ports.json ]]
}

# Ends a node: NODE SIGNAL
end_node() {
  local process=${pid[$1]:-}
  [[ -n $process ]] || return 0
  unset "pid[$1]"
  kill -CONT "$process" 2>/dev/null || true
  kill "-$2" "$process" 2>/dev/null || true
  local end=$((SECONDS + 20))
  while kill -0 "$process" 2>/dev/null && ((SECONDS < end)); do
    sleep 0.05
  done
  kill -KILL "$process" 2>/dev/null || true
  wait "$process" 2>/dev/null || true
}

# The address a listener of a node is to be bound to: the one it got before, so
# that clients find it again after a restart, else one the system chooses.
address() {
  local known=
  [[ ! -s $site/$1/run/ports.json ]] || known=$(port "$1" "$2")
  echo "127.0.0.1:${known:-0}"
}

# Writes a node's configuration; what is special about it is on standard input.
configure() {
  local node=$1
  mkdir -p "$site/$node/run"
  {
    cat <<END
[node]
data = "data"
run = "run"
host = "localhost"

[listeners]
mqtts = "$(address "$node" mqtts)"
amqps = "$(address "$node" amqps)"
https = "$(address "$node" https)"

[metrics]
listen = "$(address "$node" metrics)"

[tls]
certificate = "../certificates/server.pem"
key = "../certificates/server.key"
ca_file = "../certificates/ca.pem"

END
    cat
  } >"$site/$node/new.toml"
  mv "$site/$node/new.toml" "$site/$node/tidegate.toml"
}

start_hub() {
  configure hub </dev/null
  start_node hub
}

start_gateway() {
  configure gateway <<END
[parent]
connection_file = "connection"
address = "localhost"
amqp_port = $(port hub amqps)
https_port = $(port hub https)
ca_file = "../certificates/ca.pem"
retry_unit = "500ms"
retry_longest = "2s"
progress_timeout = "5s"

[modules]
programs = "$PWD/build/deploy"
backoff_unit = "1s"
rollback_grace = "3s"
# Neither this folder nor the site's need be open to other users.
users = 0
END
  start_node gateway
}

# Everything from an empty folder to two running nodes, and a device.
start_site() {
  site=$(mktemp -d "${TMPDIR:-/tmp}/tidegate-quickstart-XXXXXX")
  trap end_site EXIT
  trap 'exit 130' INT TERM HUP
  "$tidegate" certificate "$site/certificates" >/dev/null
  start_hub
  mkdir -p "$site/gateway"
  (umask 077 && ask hub device create gateway --edge >"$site/gateway/connection")
  ask hub device create thermometer --parent gateway >"$site/thermometer"
  ask hub deployment apply deploy/manifest.json gateway >/dev/null
  start_gateway
}

# Leaves nothing behind: no process, no file.
end_site() {
  local status=$?
  trap - EXIT INT TERM HUP
  local job
  for job in "${!pid[@]}"; do
    end_node "$job" TERM
  done
  # Modules outlive a gateway that was killed; these are known by their
  # environment, which names the folder.
  local environment
  for environment in /proc/[0-9]*/environ; do
    if grep -qzF "$site/" "$environment" 2>/dev/null; then
      job=${environment#/proc/}
      job=${job%/environ}
      ((job == $$)) || kill -KILL "$job" 2>/dev/null || true
    fi
  done
  rm -rf "$site"
  exit "$status"
}

# The password of an identity, valid for a day: CONNECTION_STRING
token() {
  local host device key resource expiry
  host=$(field HostName "$1")
  device=$(field DeviceId "$1")
  key=$(field SharedAccessKey "$1" | openssl base64 -d -A | od -An -tx1 \
    | tr -d ' \n')
  resource="$host%2Fdevices%2F$device"
  expiry=$(($(date +%s) + 86400))
  local signature
  signature=$(printf '%s\n%s' "$resource" "$expiry" \
    | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary \
    | openssl base64 -A | sed 's/+/%2B/g; s|/|%2F|g; s/=/%3D/g')
  echo "SharedAccessSignature sr=$resource&sig=$signature&se=$expiry"
}

field() { sed -n "s/.*\b$1=\([^;]*\).*/\1/p" <<<"$2"; }

# What mosquitto_pub needs to speak as the thermometer, one word per line.
thermometer() {
  local connection
  connection=$(<"$site/thermometer")
  printf '%s\n' -h localhost -p "$(port gateway mqtts)" \
    --cafile "$site/certificates/ca.pem" -q 1 -i thermometer \
    -u "$(field HostName "$connection")/thermometer/?api-version=2021-04-12" \
    -P "$(token "$connection")" -t devices/thermometer/messages/events/
}
