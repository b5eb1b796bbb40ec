// The public status of a waiting room beside nginx serving a file of the same bytes: wrk in turns, one thread, one nginx
// worker, once with nginx opening the file for each request and once with its cache of open files. Ours runs as users run
// it: rate limits (raised by their settings), a log line for each request into a file; nginx writes no log.
//
//   E2E_BINARY=build/onsale tools/node bench/status.mjs [PAIRS] [SECONDS]

import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from '../tests/e2e/lib/client.mjs'
import { createEvent } from '../tests/e2e/lib/house.mjs'
import { Server, freePorts } from '../tests/e2e/lib/server.mjs'

const [pairs = 5, seconds = 3] = process.argv.slice(2).map(Number)

function startNginx(folder, port, cache) {
  writeFileSync(path.join(folder, 'nginx.conf'), `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 8192; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; types { application/json json; } ${cache}
      client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
      uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
      server { listen 127.0.0.1:${port}; root ${folder}; add_header Cache-Control "public, max-age=1, stale-while-revalidate=5"; }
    }`)
  return spawn('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')], { stdio: 'ignore' })
}

function rate(url, connections) {
  const text = execFileSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url], { encoding: 'utf8' })
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(text)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1])
}

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]

const server = await Server.create({ name: 'status', env: {
  ONSALE_LIMIT_SESSION_PER_SECOND: '100000', ONSALE_LIMIT_NETWORK_PER_SECOND: '1000000',
} })
const folder = mkdtempSync(path.join(tmpdir(), 'onsale-status-'))
chmodSync(folder, 0o755) // nginx's worker is somebody else
try {
  await server.start()
  const client = new Client(server.port)
  const event = await createEvent(client, {
    plan: null, price_categories: [{ name: 'c', price: 1000 }], areas: [{ id: 'a', name: 'A', capacity: 1000, price_category: 'c' }],
    queue: { enabled: true, lobby_opens_at: new Date(Date.now() - 1000).toISOString(), opens_at: new Date(Date.now() + 3600_000).toISOString() },
  })
  const url = `/api/v1/events/${event}/queue`
  const { text } = await client.request('GET', url)
  client.close()
  writeFileSync(path.join(folder, 'queue.json'), text)
  for (const cache of ['', 'open_file_cache max=100 inactive=60s;']) {
    const port = await freePorts()
    const nginx = startNginx(folder, port, cache)
    await sleep(500)
    for (const connections of [64, 256]) {
      const ratios = Array.from({ length: pairs }, () => {
        const ours = rate(`http://127.0.0.1:${server.port}${url}`, connections)
        const theirs = rate(`http://127.0.0.1:${port}/queue.json`, connections)
        console.log(`onsale ${Math.round(ours)} nginx ${Math.round(theirs)} ratio ${(ours / theirs).toFixed(2)}`)
        return ours / theirs
      })
      console.log(`${text.length} bytes, ${connections} connections${cache && ', open files cached'}: median ratio ${median(ratios).toFixed(2)}`)
    }
    nginx.kill()
  }
} finally {
  await server.stop()
  server.remove()
  rmSync(folder, { recursive: true, force: true })
}
