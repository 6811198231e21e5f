# What deploy/quickstart.sh shows to a person.
# shellcheck shell=bash source=deploy/site.sh

say "Starting a hub, a gateway and its modules in $PWD/build ..."
start_site
mapfile -t as_thermometer < <(thermometer)

# The device: a reading every two seconds with plain mosquitto_pub.
(
  trap 'exit 0' TERM
  while sleep 2; do
    celsius=$((19 + RANDOM % 4)).$((RANDOM % 10))
    mosquitto_pub "${as_thermometer[@]}" -m "{\"celsius\":$celsius}" || true
  done
) 2>/dev/null &
pid[thermometer]=$!

config=$site/gateway/tidegate.toml
cat <<END

A hub, a gateway, two modules and a device are running. The gateway keeps what
they say until the hub has it. Try this in a second terminal:

  cd $PWD

  # What the gateway is made of, and how its modules are
  build/tidegate tree --config $config
  build/tidegate list --config $config
  build/tidegate logs filter --config $config

  # What is deployed there, as the hub was told; change it, and look again
  build/tidegate deployment show gateway --config $site/hub/tidegate.toml
  build/tidegate deployment apply deploy/manifest.json gateway \
    --config $site/hub/tidegate.toml

  # Be a device yourself
  mapfile -t login <$site/login
  mosquitto_pub "\${login[@]}" -m '{"celsius":99}'

  # Cut the uplink
  build/tidegate uplink pause --config $config

  # Watch the queue grow: PENDING of the lane to iothub
  watch -n 1 build/tidegate status --config $config

  # Restore it, and watch the queue drain and the late events arrive below
  build/tidegate uplink resume --config $config

  # Or let the hub stand still and answer nothing, and go on
  kill -STOP ${pid[hub]}
  kill -CONT ${pid[hub]}

  # Kill a module, and find it running again
  build/tidegate restart filter --config $config

Ctrl-C here ends everything and removes $site.

Events as they arrive at the hub: time, origin, delay, properties and body.
END
printf '%s\n' "${as_thermometer[@]}" >"$site/login"
ask hub events --follow
