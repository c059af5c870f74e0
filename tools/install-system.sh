#!/bin/sh
# Makes sure that the programs which the tests start are on this machine.
#
#   tools/install-system.sh venv       python3-venv only (all that `make demo` needs)
#   tools/install-system.sh servers    PostgreSQL, MariaDB, Chromium, nginx, Apache, Caddy, PHP too, for the tests
#
# As root, what is missing is installed with apt-get. As anybody else, or where
# there is no apt-get, the missing packages are named and the script fails: it
# never asks for a password and never goes on without them.
#
# Only the programs are wanted. No database service is started, no cluster is
# created and none is depended on: tests/servers.py starts its own.
set -eu

wanted=${1:-servers}
python=${PYTHON:-python3}
policy=/usr/sbin/policy-rc.d
cluster_conf=/etc/postgresql-common/createcluster.d/troth-tests.conf

has_postgresql() {
    for directory in /usr/lib/postgresql/*/bin; do
        [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ] && return 0
    done
    command -v initdb >/dev/null && command -v postgres >/dev/null
}

has_mariadb() {
    for program in mariadbd mariadb-install-db my_print_defaults; do
        command -v "$program" >/dev/null || return 1
    done
}

# /usr/sbin is not on everybody's PATH.
PATH="$PATH:/usr/sbin:/sbin"
missing=
add() { missing="$missing $1"; }

"$python" -c 'import ensurepip, venv' 2>/dev/null || add python3-venv
if [ "$wanted" = servers ]; then
    has_postgresql || add postgresql
    # The -core packages hold the programs without a system service;
    # mariadb-install-db needs one program of the client's.
    has_mariadb || add "mariadb-server-core mariadb-client-core"
    # The distribution's own browser: Playwright's would be a download of its own.
    [ -x /usr/bin/chromium ] || add chromium
    # Servers that speak TLS in front of the site, with our example configurations.
    command -v nginx >/dev/null || add nginx-light
    command -v caddy >/dev/null || add caddy
    # And those for which `troth banner snippet` writes.
    command -v apache2 >/dev/null || add apache2-bin
    command -v php >/dev/null || add php-cli
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "make: these packages are missing:$missing" >&2
    echo "make: install them, for example with: sudo apt-get install$missing" >&2
    exit 1
fi

cleanup() {
    [ -z "${our_policy:-}" ] || rm -f "$policy"
    rm -f "$cluster_conf"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# A package's service must not start while we install it…
if [ ! -e "$policy" ]; then
    our_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
# …and PostgreSQL's package must not create its usual cluster.
case $missing in
*postgresql*)
    mkdir -p "${cluster_conf%/*}"
    echo 'create_main_cluster = false' >"$cluster_conf"
    ;;
esac

export DEBIAN_FRONTEND=noninteractive
install() {
    # Nothing of ours may be read from a terminal.
    # shellcheck disable=SC2086  # one word per package
    apt-get install --yes --quiet --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold $missing </dev/null
}

echo "make: installing$missing"
# The package lists may be absent or too old to download from: only then are
# they fetched anew, which costs more than the packages.
install || { apt-get update --quiet </dev/null && install; }
