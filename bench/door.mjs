// The front door over HTTP: JOINS visitors (1,000,000), each with a session of its own, join the lobby of one event while
// nobody is asked for work (`challenge_joins_per_second` 0); the server is killed with all of them in the lobby and started
// again; nobody may be lost or doubled, and 10,000 of them are asked for their place. Then the lobby is drawn, and the
// same 10,000 ranks are recomputed with docs/draw.mjs. One line a figure; exit code 1 when anything is not as it must be.
//
//   E2E_BINARY=build/onsale tools/node bench/door.mjs [JOINS]

import { readFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { draw } from '../docs/draw.mjs'
import { Client } from '../tests/e2e/lib/client.mjs'
import { createEvent } from '../tests/e2e/lib/house.mjs'
import { Server, adminToken } from '../tests/e2e/lib/server.mjs'

const joins = Number(process.argv[2] ?? 1_000_000)
const connections = 32
const depth = 32 // requests under way on each
const every = Math.max(1, Math.floor(joins / 10_000))
const api = '/api/v1'

let wrong = 0
function check(what, good, detail = '') {
  if (!good) wrong++
  console.log(`${good ? 'ok    ' : 'WRONG '} ${what}${detail && `: ${detail}`}`)
}

/** A connection that sends requests in bunches and reads their answers in order. */
class Pipe {
  #socket
  #text = ''
  #waiting = []

  constructor(port) {
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text) => this.#take(text))
    this.#socket.on('error', (error) => this.#waiting.splice(0).forEach(({ reject }) => reject(error)))
  }

  #take(text) {
    this.#text += text
    for (;;) {
      const head = this.#text.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/content-length: (\d+)/i.exec(this.#text.slice(0, head))?.[1] ?? 0)
      if (this.#text.length < head + 4 + length) return
      const body = this.#text.slice(head + 4, head + 4 + length)
      const status = Number(this.#text.slice(9, 12))
      this.#text = this.#text.slice(head + 4 + length)
      this.#waiting.shift().resolve({ status, body })
    }
  }

  send(requests) {
    this.#socket.write(requests.join(''), 'latin1')
    return Promise.all(requests.map(() => new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))))
  }

  close() {
    this.#socket.destroy()
  }
}

const request = (method, path, token, body = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}` +
  `${method === 'GET' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`

const residentMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

/** All come: how often each number was given, and the tokens of every so many. */
async function comeAll(port, path) {
  const given = new Uint8Array(joins)
  const kept = []
  let next = 0, refused = 0
  const run = async () => {
    const pipe = new Pipe(port)
    while (next < joins) {
      const count = Math.min(depth, joins - next)
      next += count
      const sessions = await pipe.send(Array.from({ length: count }, () => request('POST', `${api}/sessions`)))
      const tokens = sessions.map(({ body }) => /"token":"([^"]+)"/.exec(body)[1])
      const answers = await pipe.send(tokens.map((token) => request('POST', path, token)))
      answers.forEach(({ status, body }, i) => {
        const number = Number(/"number":(\d+)/.exec(body)?.[1] ?? -1)
        if (status !== 201 || number < 0 || number >= joins) refused++
        else {
          given[number]++
          if (number % every === 0) kept.push({ token: tokens[i], number })
        }
      })
    }
    pipe.close()
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: connections }, run))
  return { given, kept, refused, seconds: (performance.now() - began) / 1000 }
}

/** Where each of them stands. */
async function ask(port, path, kept) {
  const pipe = new Pipe(port)
  const places = []
  for (let i = 0; i < kept.length; i += depth) {
    const answers = await pipe.send(kept.slice(i, i + depth).map(({ token }) => request('GET', `${path}/position`, token)))
    places.push(...answers.map(({ body }) => JSON.parse(body)))
  }
  pipe.close()
  return places
}

const server = await Server.create({ name: 'door', env: {
  ONSALE_LIMIT_SESSION_PER_SECOND: '0', ONSALE_CHALLENGE_JOINS_PER_SECOND: '0', ONSALE_LOG_REQUESTS: 'no',
} })
try {
  await server.start()
  let client = new Client(server.port)
  const hour = (n) => new Date(Date.now() + n * 3600_000).toISOString()
  const event = await createEvent(client, {
    plan: null, price_categories: [{ name: 'c', price: 1000 }], areas: [{ id: 'a', name: 'A', capacity: 1000, price_category: 'c' }],
    queue: { enabled: true, lobby_opens_at: hour(-1), opens_at: hour(1) },
  })
  const path = `${api}/events/${event}/queue`
  const before = residentMb(server.pid)
  const { given, kept, refused, seconds } = await comeAll(server.port, path)
  const memory = residentMb(server.pid) - before
  check('all came, each with a number of its own', refused === 0 && given.every((n) => n === 1), `${joins} joins, ${refused} refused`)
  console.log(`       ${Math.round(joins / seconds)} visitors a second, two requests each, client and server on one machine`)
  console.log(`       ${memory.toFixed(1)} MiB more: ${(memory * 1048576 / joins).toFixed(1)} bytes a visitor`)
  await server.kill()
  const ms = await server.start()
  console.log(`       ready again after ${Math.round(ms)} ms, ${residentMb(server.pid).toFixed(1)} MiB in all`)
  client = new Client(server.port)
  const status = (await client.request('GET', path)).json
  check('nobody lost and nobody doubled by kill -9 in the lobby', status.count === joins && status.state === 'lobby', `count ${status.count}`)
  const places = await ask(server.port, path, kept)
  check('each has the place it had', places.every((p, i) => p.number === kept[i].number && p.state === 'lobby'), `${kept.length} asked`)
  await client.request('PATCH', `${api}/organiser/events/${event}`, {
    token: adminToken, json: { queue: { opens_at: new Date(Date.now() + 500).toISOString() } },
  })
  let drawn
  for (let i = 0; i < 100 && !drawn?.seed; i++) {
    await sleep(100)
    drawn = (await client.request('GET', path)).json.draw
  }
  const rank = draw({ seed: drawn.seed, chainHash: drawn.chain_hash, count: drawn.count })
  const ranked = await ask(server.port, path, kept)
  check('the draw is what anybody can recompute', ranked.every((p) => p.rank === rank(p.number)), `${kept.length} ranks of ${drawn.count}`)
  check('each rank once', new Set(ranked.map((p) => p.rank)).size === kept.length)
  client.close()
} finally {
  await server.stop()
  server.remove()
}
process.exit(wrong ? 1 : 0)
