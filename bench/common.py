"""What the benchmarks over HTTP share: starting nginx and onsale, sessions, and one run of wrk."""
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ADMIN = "bench-organiser-token"
TICKS = os.sysconf("SC_CLK_TCK")

# About what a small hold looks like: 145 bytes, as in bench/http.sh.
NGINX_ANSWER = ('{"id":"hold_0123456789abcdef","expires_at":"2027-06-12T18:30:00.000Z",'
                '"expires_in_ms":600000,"items":[],"total":{"amount":1255,"currency":"EUR"}}')

# For a script of wrk: how it went, on one line.
LUA_DONE = r"""
function done(summary, latency, requests)
    io.write(string.format("result %d %d %d %d %d %d\n", summary.requests, summary.duration,
        summary.errors.status, summary.errors.connect + summary.errors.read +
        summary.errors.write + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
"""


def fail(text):
    print("bench: " + text, file=sys.stderr)
    sys.exit(1)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url, process, what):
    for _ in range(600):
        if process.poll() is not None:
            fail("%s ended at its start" % what)
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            time.sleep(0.05)
    fail("%s does not answer" % what)


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def start_nginx(folder):
    port = free_port()
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w") as f:
        f.write("""daemon off; worker_processes 1; pid %(d)s/pid; error_log %(d)s/error.log;
events { worker_connections 4096; }
http {
    access_log off; keepalive_requests 1000000000; default_type application/json;
    client_body_temp_path %(d)s/a; proxy_temp_path %(d)s/b; fastcgi_temp_path %(d)s/c;
    uwsgi_temp_path %(d)s/d; scgi_temp_path %(d)s/e;
    server { listen 127.0.0.1:%(p)d; location / { return 200 '%(a)s'; } }
}
""" % {"d": folder, "p": port, "a": NGINX_ANSWER})
    process = subprocess.Popen(["nginx", "-p", folder, "-c", conf], stderr=subprocess.DEVNULL)
    wait_for("http://127.0.0.1:%d/" % port, process, "nginx")
    with open("/proc/%d/task/%d/children" % (process.pid, process.pid)) as f:
        worker = int(f.read().split()[0])
    return process, worker, port


def start_onsale(program, folder, port=0, **settings):
    """As users run it, with the limits raised; `settings` are further ones."""
    port = port or free_port()
    environment = dict(os.environ, ONSALE_ADMIN_TOKEN=ADMIN,
                       ONSALE_LIMIT_SESSION_PER_SECOND="100000",
                       ONSALE_LIMIT_NETWORK_PER_SECOND="1000000")
    environment.update({"ONSALE_" + name.upper(): str(value) for name, value in settings.items()})
    process = subprocess.Popen(
        [program, "serve", "--data", os.path.join(folder, "data"), "--listen", "127.0.0.1:%d" % port,
         "--log", os.path.join(folder, "log")], env=environment, stdout=subprocess.DEVNULL)
    wait_for("http://127.0.0.1:%d/health" % port, process, "onsale")
    return process, port


def finish(*processes):
    for process in processes:
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def call(url, body, headers):
    request = urllib.request.Request(url, data=body, method="POST",
                                     headers=dict(headers, **{"Content-Type": "application/json"}))
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as e:
        fail("%s: %d %s" % (url, e.code, e.read().decode(errors="replace")))


def make_tokens(port, count, path):
    """Sessions over HTTP, pipelined on one connection."""
    one = b"POST /api/v1/sessions HTTP/1.1\r\nHost: bench.example\r\nContent-Length: 0\r\n\r\n"
    tokens = []
    with socket.create_connection(("127.0.0.1", port)) as s, open(path, "w") as out:
        pattern, rest = re.compile(rb'"token":"([^"]+)"'), b""
        while len(tokens) < count:
            s.sendall(one * 16)
            got = 0
            while got < 16:
                data = s.recv(65536)
                if not data:
                    fail("the server closed while sessions were made")
                rest += data
                found = list(pattern.finditer(rest))
                got += len(found)
                tokens.extend(m.group(1).decode() for m in found)
                if found:
                    rest = rest[found[-1].end():]
        out.write("\n".join(tokens) + "\n")


def metrics(port):
    text = urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port).read().decode()
    return {line.split()[0]: float(line.split()[1]) for line in text.splitlines()
            if line and line[0] != "#"}


def load(lua, port, connections, seconds, arguments, pid):
    """One run of wrk: what came back, and the CPU it cost on both sides."""
    before = cpu_seconds(pid)
    children = os.times()
    out = subprocess.run(
        ["wrk", "-t1", "-c%d" % connections, "-d%gs" % seconds, "--timeout", "10s", "-s", lua,
         "http://127.0.0.1:%d" % port, "--"] + [str(a) for a in arguments],
        stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
    after = os.times()
    match = re.search(r"^result (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", out, re.M)
    if not match:
        fail("wrk said: " + out)
    requests, duration, refused, broken, p50, p99 = (int(v) for v in match.groups())
    took = duration / 1e6
    return {"good": (requests - refused) / took, "refused": refused / took, "errors": refused,
            "requests": requests, "broken": broken, "p50_us": p50, "p99_us": p99,
            "cpu_us": (cpu_seconds(pid) - before) * 1e6 / max(requests, 1),
            "wrk_cpu": (after.children_user + after.children_system - children.children_user -
                        children.children_system) / took}


def middle(rows, key):
    return statistics.median(row[key] for row in rows)
