#!/usr/bin/env bash
# Installs from Debian 12 whatever Tidegate needs and this machine lacks.
#
#   deploy/packages.sh          what building and running needs
#   deploy/packages.sh test     and what tests/run.sh needs on top
#
# Does nothing, and needs no rights, when everything is there.
set -euo pipefail

packages=(
  ca-certificates ccache cmake g++ ninja-build openssl
  catch2 libarchive-dev libbenchmark-dev libboost-json1.81-dev libboost-url1.81-dev
  libboost1.81-dev libcaf-dev libcli11-dev libpaho-mqtt-dev
  libqpid-proton-cpp12-dev libqpid-proton11-dev librapidcheck-dev
  libre2-dev librocksdb-dev libspdlog-dev libssl-dev libtomlplusplus-dev libxxhash-dev
  mosquitto-clients prometheus-cpp-dev zlib1g-dev
)
case "${1:-build}" in
  build) ;;
  test)
    packages+=(apache2-utils binutils busybox-static clang-14 clang-format-14
      clang-tidy-14 docker-registry docker.io libclang-rt-14-dev libfaketime
      mosquitto prometheus systemd)
    # Any newer Node.js on the path will do; it may conflict with Debian's.
    command -v node >/dev/null || packages+=(nodejs)
    command -v npm >/dev/null || packages+=(npm)
    ;;
  *)
    echo "usage: $0 [build|test]" >&2
    exit 2
    ;;
esac

# The given packages that are not installed.
missing() {
  local installed
  installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "$@" \
    2>/dev/null || true)
  for package in "$@"; do
    [[ $'\n'$installed$'\n' == *$'\n'"$package=installed"$'\n'* ]] \
      || echo "$package"
  done
}

mapfile -t wanted < <(missing "${packages[@]}")
((${#wanted[@]})) || exit 0

. /etc/os-release
if [[ ${VERSION_CODENAME:-} != bookworm ]]; then
  echo "packages.sh: this is not Debian 12 (bookworm); install what matches:" \
    "${wanted[*]}" >&2
  exit 1
fi
as_root=()
if ((EUID)); then
  if ! command -v sudo >/dev/null; then
    echo "packages.sh: run it as root; missing: ${wanted[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q \
    -o DPkg::Lock::Timeout=300 "$@"
}

echo "packages.sh: installing ${wanted[*]}"
apt update >/dev/null \
  || echo "packages.sh: some package lists are stale; trying with them" >&2

# Boost 1.81's headers replace those of 1.74: say what goes before it goes.
removed=$(apt install -s --no-install-recommends "${wanted[@]}" \
  | sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ')
[[ -z $removed ]] || echo "packages.sh: these make way for them: $removed"

# Debian starts the services of what it installs. The tests start their own, on
# ports of their own; nobody asked for the system's.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
fi
apt install -y --no-install-recommends "${wanted[@]}" \
  -o Dpkg::Use-Pty=0 | sed -n 's/^Setting up \([^ ]*\).*/  \1/p'
if command -v systemctl >/dev/null; then
  for package in "${wanted[@]}"; do
    case "$package" in
      mosquitto | prometheus | docker-registry)
        "${as_root[@]}" systemctl disable "$package" 2>/dev/null || true
        ;;
      docker.io)
        "${as_root[@]}" systemctl disable docker.service docker.socket \
          containerd 2>/dev/null || true
        ;;
    esac
  done
fi

mapfile -t wanted < <(missing "${packages[@]}")
if ((${#wanted[@]})); then
  echo "packages.sh: still missing: ${wanted[*]}" >&2
  exit 1
fi
