# Functions for the scripts in this directory, which source it. Every process that it starts ends with the script.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/keyledger-benchmark.XXXXXX")
started=()

finish() {
  local pid
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    pid=${started[i]}
    kill -TERM "$pid" 2> /dev/null || continue
    while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
  done
  rm -rf "$work"
}
trap finish EXIT

# A JDK 25 or newer: $JAVA_HOME's, or the first one in the usual directories.
java=$(for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
  if [ -x "$candidate/bin/java" ] && "$candidate/bin/java" -XshowSettings:properties -version 2>&1 \
      | grep -Eq 'java.specification.version = (2[5-9]|[3-9][0-9])'; then
    echo "$candidate/bin/java"
    break
  fi
done)
[ -n "$java" ] || { echo "needs a JDK 25: set JAVA_HOME" >&2; exit 1; }
jvm=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)

[ -f "$home/benchmarks/target/class-path" ] || { echo "first: mvn package -DskipTests" >&2; exit 1; }
class_path="$home/benchmarks/target/classes:$(cat "$home/benchmarks/target/class-path")"

# run_java [options] <class in dev.keyledger.benchmarks> [arguments]
run_java() {
  local options=()
  while [[ $1 == -* ]]; do options+=("$1"); shift; done
  # Spring Boot ignores this setting and warns about it.
  [[ $1 == commands.* ]] || options+=(-Dlogback.configurationFile="$home/benchmarks/logback.xml")
  "$java" "${jvm[@]}" "${options[@]}" -cp "$class_path" "dev.keyledger.benchmarks.$1" "${@:2}"
}

# Prints a free port.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)) && (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
  echo "$port"
}

# Starts a PostgreSQL with the durable settings of a fresh installation, and sets the variables that point to it.
start_postgres() {
  local bin as=() port
  port=$(free_port)
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
  mkdir "$work/postgres"
  if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    chmod 755 "$work"
    chown postgres "$work/postgres"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  fi
  (cd "$work/postgres" && "${as[@]}" "$bin/initdb" -D "$work/postgres/data" -U keyledger -A trust -E UTF8 --locale=C > /dev/null)
  (cd "$work/postgres" && exec "${as[@]}" "$bin/postgres" -D "$work/postgres/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=200 -c max_wal_size=4GB) > "$work/postgres.log" 2>&1 &
  started+=($!)
  export PGHOST=127.0.0.1 PGPORT=$port PGUSER=keyledger PGDATABASE=keyledger
  until psql -qc 'CREATE DATABASE keyledger' postgres > /dev/null 2>&1; do
    kill -0 "${started[-1]}" 2> /dev/null || { cat "$work/postgres.log" >&2; exit 1; }
    sleep 0.2
  done
  [ "$(psql -qtAc "SELECT current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes')")" = ononon ]
  export KEYLEDGER_DATABASE_URL="jdbc:postgresql://127.0.0.1:$port/keyledger" KEYLEDGER_DATABASE_USERNAME=keyledger
  use_secrets
}

use_secrets() {
  export KEYLEDGER_ROOT_KEY=the-root-key-of-a-benchmark-and-nothing-else
  KEYLEDGER_PEPPERS=1:$(printf %032d 0 | base64)
  export KEYLEDGER_PEPPERS
}

# start_keyledger <jar> [wrapper command ...]: sets $keyledger to its process id, $url and $fast_url to its addresses
start_keyledger() {
  local jar=$1 port fast_port
  [[ $jar == /* ]] || jar=$home/$jar
  port=$(free_port)
  fast_port=$(free_port)
  url=http://127.0.0.1:$port
  fast_url=http://127.0.0.1:$fast_port
  SERVER_PORT=$port KEYLEDGER_FAST_PORT=$fast_port KEYLEDGER_BIND=127.0.0.1 KEYLEDGER_DATA_DIR="${data_dir:-$work/data}" \
    "${@:2}" "$java" -XX:+ExitOnOutOfMemoryError -jar "$jar" > "$work/keyledger.log" 2>&1 &
  keyledger=$!
  started+=("$keyledger")
  until curl -sf "$url/actuator/health/readiness" > /dev/null; do
    kill -0 "$keyledger" 2> /dev/null || { cat "$work/keyledger.log" >&2; exit 1; }
    sleep 0.5
  done
}

# Waits until the process is almost idle: its lists are complete, its code is compiled.
await_idle() {
  local before=0 now
  until now=$(cpu_ticks "$1") && [ $((now - before)) -lt 20 ]; do
    before=$now
    sleep 2
  done
}

# start_nginx [wrapper command ...]: sets $nginx to its worker's process id, $nginx_url to the address of a constant response
start_nginx() {
  local port
  port=$(free_port)
  nginx_url=http://127.0.0.1:$port
  mkdir "$work/nginx"
  cat > "$work/nginx.conf" << NGINX
daemon off; worker_processes 1; pid $work/nginx/pid; error_log $work/nginx/error.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path $work/nginx/body; proxy_temp_path $work/nginx/proxy; fastcgi_temp_path $work/nginx/fastcgi;
  uwsgi_temp_path $work/nginx/uwsgi; scgi_temp_path $work/nginx/scgi;
  server { listen 127.0.0.1:$port; location / { return 200 "ok"; } }
}
NGINX
  "$@" nginx -c "$work/nginx.conf" -e "$work/nginx/error.log" &
  started+=($!)
  until nginx=$(pgrep -P "${started[-1]}"); do sleep 0.2; done
}

stop_keyledger() {
  kill -TERM "$keyledger"
  while kill -0 "$keyledger" 2> /dev/null; do sleep 0.1; done
}

# cpu_ticks <pid> ...: prints the clock ticks that the processes have used, in user and kernel mode
cpu_ticks() {
  local pid sum=0 stat
  for pid in "$@"; do
    stat=$(< "/proc/$pid/stat")
    set -- ${stat##*) }
    sum=$((sum + ${12} + ${13}))
  done
  echo "$sum"
}

# Prints the median of the numbers on standard input, one per line.
median() {
  sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

about_this_machine() {
  echo "$(nproc) cores, load before the start $(cut -d' ' -f1-3 /proc/loadavg), $(date -u +%F)"
}
