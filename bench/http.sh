#!/bin/sh
# The HTTP layer beside nginx `return 200`: runs in turns, wrk with one thread, a POST with a
# 100-byte JSON body, an answer of 145 bytes. Prints each pair and the medians' ratio.
#
#   bench/http.sh BUILD_FOLDER [PAIRS] [CONNECTIONS] [SECONDS]
set -eu
build=$1 pairs=${2:-5} connections=${3:-64} seconds=${4:-3}
dir=$(mktemp -d)
cleanup() {
    [ -z "${ours:-}" ] || kill "$ours" 2>/dev/null || true
    [ -z "${theirs:-}" ] || kill "$theirs" 2>/dev/null || true
    rm -rf "$dir"
}
trap cleanup EXIT INT TERM

answer='{"id":"hold_0123456789abcdef","expires_at":"2027-06-12T18:30:00.000Z","expires_in_ms":600000,"items":[],"total":{"amount":1255,"currency":"EUR"}}'
cat >"$dir/post.lua" <<'LUA'
wrk.method = "POST"
wrk.body = '{"seats":["A-1-1","A-1-2","A-1-3","A-1-4"],"note":"0123456789012345678901234567890123456","n":12}'
wrk.headers["Content-Type"] = "application/json"
LUA
"$build/bench/http_echo" 0 >"$dir/port" &
ours=$!
# A free port for nginx, found by asking for one.
nginx_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$dir/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $dir/pid; error_log $dir/error.log;
events { worker_connections 4096; }
http {
    access_log off; keepalive_requests 100000000; default_type application/json;
    client_body_temp_path $dir/a; proxy_temp_path $dir/b; fastcgi_temp_path $dir/c;
    uwsgi_temp_path $dir/d; scgi_temp_path $dir/e;
    server { listen 127.0.0.1:$nginx_port; location / { return 200 '$answer'; } }
}
CONF
nginx -p "$dir" -c "$dir/nginx.conf" 2>/dev/null &
theirs=$!
sleep 1

rate() {
    wrk -t1 -c"$connections" -d"$seconds" -s "$dir/post.lua" "http://127.0.0.1:$1/echo" |
        awk '/Requests\/sec/ { print $2 } /Non-2xx|Socket errors/ { print "0 # " $0 }'
}
for i in $(seq "$pairs"); do
    a=$(rate "$(cat "$dir/port")")
    b=$(rate "$nginx_port")
    echo "$a $b"
done | awk '{ print "onsale", $1, "nginx", $2, "ratio", $1 / $2; r[NR] = $1 / $2 }
    END { n = asort_simple(r, NR); print "median ratio", r[int((NR + 1) / 2)] }
    function asort_simple(v, n,  i, j, t) {
        for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j] < v[j - 1]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
        return n
    }'
