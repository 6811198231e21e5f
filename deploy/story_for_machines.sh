# What deploy/quickstart.sh --check plays and judges.
# shellcheck shell=bash source=deploy/site.sh

step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# The device: numbers its messages and writes down the number of each that was
# acknowledged. What was not is sent again, as devices do.
publish() {
  local number=1 login
  mapfile -t login < <(thermometer)
  while [[ ! -e $site/enough ]]; do
    if mosquitto_pub "${login[@]}" -m "{\"number\":$number}" 2>/dev/null; then
      echo "$number" >>"$site/acknowledged"
      ((++number))
    fi
    sleep 0.05
  done
}

# How many of the hub's events have come from IDENTITY.
arrived() { grep -cF "\"from\":\"$1\"" "$site/events" || true; }

more_than() {
  (($("${@:2}") > $1))
}

pending() {
  ask gateway status --json | grep -o '"pending":[0-9]*' | cut -d: -f2 \
    | awk '{ sum += $1 } END { print sum + 0 }'
}

drained() { (($(pending) == 0)); }

acknowledged() { wc -l <"$site/acknowledged"; }

# The process of the module NAME, if it runs.
process_of() {
  ask gateway list --json | tr '{' '\n' | grep -F "\"name\":\"$1\"" \
    | sed -n 's/.*"pid":\([0-9]*\).*/\1/p'
}

runs_anew() {
  local process
  process=$(process_of "$1")
  [[ -n $process && $process != 0 && $process != "$2" ]]
}

# Whether the hub has been told that the deployment's code is CODE.
reported() { ask hub deployment show gateway | grep -q "^status   $1"; }

# Whether it has been told that filter runs in VERSION.
runs_in() {
  ask hub deployment show gateway \
    | grep -Eq "^filter +running +running +${1//./\\.} "
}

# Copies the hub's event log into a file for as long as the hub runs.
read_events() {
  ask hub events --follow --json >"$site/events" 2>/dev/null &
  pid[events]=$!
}

step "start a hub and a gateway with two modules"
start_site
read_events
: >"$site/acknowledged"
publish &
pid[device]=$!
wait_for 15 "telemetry through both modules" \
  more_than 2 arrived gateway/filter
wait_for 15 "telemetry of the device" more_than 2 arrived thermometer
step "readings have passed both modules; the device is heard"

ask gateway uplink pause >/dev/null
step "cut the uplink: the operator paused it"
wait_for 15 "a growing queue" more_than 20 pending
step "$(pending) messages wait at the gateway"
ask gateway uplink resume >/dev/null
wait_for 15 "a shrinking queue" eval '! more_than 10 pending'
step "restored the uplink: the queue is drained"

end_node hub KILL
wait_for 15 "a growing queue" more_than 20 pending
start_hub
read_events
wait_for 15 "a shrinking queue" eval '! more_than 10 pending'
step "killed the hub and started it again: the queue is drained"

module=$(process_of filter)
kill -KILL "$module"
wait_for 15 "restart of the module" runs_anew filter "$module"
wait_for 15 "telemetry of the restarted module" \
  more_than "$(arrived gateway/filter)" arrived gateway/filter
step "killed the module filter: it runs again and is heard"

sed '/"filter": {/,/"version"/s/"1\.0"/"2.0"/' deploy/manifest.json \
  >"$site/second.json"
ask hub deployment apply "$site/second.json" gateway >/dev/null
wait_for 30 "a report of the second version" runs_in 2.0
wait_for 15 "telemetry of the second version" \
  more_than "$(arrived gateway/filter)" arrived gateway/filter
step "deployed a second version of filter: the hub is told that it runs"
sleep 5 # only what has worked for its grace, 3 s, is a way back

sed '/"filter": {/,/}/s/"1\.0"/"3.0"/; s|"image": "filter"|"image": "/bin/false"|' \
  deploy/manifest.json >"$site/broken.json"
ask hub deployment apply "$site/broken.json" gateway >/dev/null
wait_for 40 "a report of the broken version" reported "500 .*rolled back"
wait_for 15 "the second version again" runs_in 2.0
step "deployed a broken version of filter: it is rolled back, and told of"

ask hub twin patch 'gateway/$edgeAgent' \
  '{"properties":{"desired":{"schemaVersion":"9.0"}}}' >/dev/null
wait_for 30 "a report of a wrong deployment" reported 412
runs_in 2.0 || fail "a wrong deployment has changed something"
ask hub deployment apply "$site/second.json" gateway >/dev/null
wait_for 30 "a report of a good deployment" reported 200
step "deployed something wrong: it is reported, and nothing else changes"

before=$(acknowledged)
end_node gateway KILL
start_gateway
wait_for 15 "telemetry after the restart" \
  more_than "$(arrived gateway/filter)" arrived gateway/filter
wait_for 15 "acknowledgements after the restart" \
  more_than "$before" acknowledged
step "killed the gateway: it runs again, and so do its modules"

touch "$site/enough"
end_node device TERM
wait_for 15 "an empty queue" drained
end_node events TERM
ask hub events --json >"$site/events"
end_node gateway TERM
end_node hub TERM
step "stopped everything"

sort -un "$site/acknowledged" >"$site/promised"
grep -F '"from":"thermometer"' "$site/events" \
  | grep -o '\\"number\\":[0-9]*' | cut -d: -f2 >"$site/delivered"
sort -u "$site/promised" >"$site/left"
sort -u "$site/delivered" >"$site/right"
missing=$(comm -23 "$site/left" "$site/right" | wc -l)
twice=$(sort "$site/delivered" | uniq -d | wc -l)
printf '\n%8d messages of the device were acknowledged\n' \
  "$(wc -l <"$site/promised")"
printf '%8d of them did not arrive at the hub; %d arrived more than once\n' \
  "$missing" "$twice"
printf '%8d readings came through both modules\n' "$(arrived gateway/filter)"
for node in gateway hub; do
  ask "$node" audit || fail "the ledger of the $node does not balance"
done
((missing == 0)) || fail "acknowledged messages are missing"
say "Everything that was acknowledged arrived."
