# Sourced by ./serve and ./check from the top of the tree. Gives them `python` (the interpreter of .venv), `fail`, `need_packages` and
# `prepare`. Written for a Debian 12 that has nothing but its own python3; works wherever there is a Python 3.11 or newer.

python=.venv/bin/python

fail() {
  printf '\n%s\n' "$@" >&2
  exit 1
}

# need_packages REASON PACKAGE...: installs Debian packages, as root or through sudo, or says what the reader has to do.
need_packages() {
  local reason=$1 as_root=()
  shift
  if [ "$(id -u)" -ne 0 ]; then
    # sudo may ask for a password only where somebody is there to type it
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then as_root=(sudo); else as_root=(false); fi
  fi
  if ! command -v apt-get >/dev/null || [ "${as_root[*]}" = false ]; then
    fail "$reason, and this account cannot install them. Have an administrator run:" "  apt-get install $*" "and start the command again."
  fi
  echo "Installing Debian packages: $*"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    fail "apt-get could not install: $*"
}

# need_fonts: the PDF of a document needs Chinese fonts; the second package has the rare characters of names. Where they cannot be
# installed the service still starts: it says so when a PDF is asked for, and `python -m app doctor` lists it.
need_fonts() {
  local packages=(fonts-noto-cjk fonts-hanazono)
  if ! command -v dpkg >/dev/null || dpkg --status "${packages[@]}" >/dev/null 2>&1; then return; fi
  (need_packages "PDF documents need Chinese fonts" "${packages[@]}") || echo "Starting without them: documents come as DOCX only." >&2
}

# create_environment: makes an empty .venv; Debian ships python3 without the module that puts pip into it.
create_environment() {
  local system_python=${PYTHON:-python3}
  command -v "$system_python" >/dev/null || need_packages "Python 3.11 or newer is required" python3 python3-venv
  "$system_python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is required; $system_python is $("$system_python" -V). Name another one: PYTHON=/path/to/python3.12 $0"
  "$system_python" -c 'import ensurepip, venv' 2>/dev/null ||
    need_packages "Debian keeps the means to create a virtual environment in packages of their own" python3-venv
  "$system_python" -m venv --clear .venv || fail "$system_python could not create .venv"
}

# fingerprint FILE: changes with the lock file, with the interpreter (another one does not see the packages of the last) and with the
# place of the tree (a moved .venv has scripts that point elsewhere).
fingerprint() {
  echo "$(sha256sum <"$1") $("$python" -V 2>&1) $PWD"
}

# prepare runtime|dev: makes .venv hold what requirements/NAME.txt pins. Costs a few milliseconds when it does already.
prepare() {
  local lock=requirements/$1.txt stamp=.venv/installed-$1
  if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint "$lock")" ]; then return; fi
  # An environment that was finished here before is kept: pip then replaces just what differs.
  if ! grep -qsF " $PWD" .venv/installed-* || ! "$python" -m pip --version >/dev/null 2>&1; then create_environment; fi
  rm -f .venv/installed-*
  echo "Installing the pinned packages of $lock"
  "$python" -m pip install --quiet --disable-pip-version-check --no-input --use-pep517 --require-hashes -r "$lock" ||
    fail "pip could not install $lock (a mirror can be named in pip's own configuration)."
  fingerprint "$lock" >"$stamp"
  # The development lock contains the runtime lock.
  if [ "$1" = dev ]; then fingerprint requirements/runtime.txt >.venv/installed-runtime; fi
}

# prepare_generator: installs the TypeScript generator that the tests run, with the Node.js and npm of the development packages.
prepare_generator() {
  local folder=tests/clients stamp=tests/clients/node_modules/.installed
  if [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint $folder/package-lock.json)" ]; then return; fi
  echo "Installing the pinned packages of $folder/package-lock.json"
  .venv/bin/npm ci --prefix $folder --ignore-scripts --no-audit --no-fund --silent ||
    fail "npm could not install $folder/package-lock.json (a mirror can be named in npm's own configuration)."
  fingerprint $folder/package-lock.json >"$stamp"
}
