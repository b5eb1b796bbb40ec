// More than the house can take, and more often than one may.

import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from '../lib/client.mjs'
import { flood, requestBytes, told } from '../lib/flood.mjs'
import { residentBytes } from '../lib/process.mjs'
import { Visitor, api, createRoom, pool, publicStatus } from '../lib/room.mjs'

const strangers = 2500
const floodRequests = 8000
const calm = { connections: 4, depth: 4 } // less than may be under way at once
const connectionsMost = 600 // the setting max_connections; an eighth more is kept for those who hold

/** An address of the network i: each has its own allowance. */
const network = (i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
const from = (address) => ({ 'X-Forwarded-For': address })

/** Sessions of as many networks. */
async function sessions(port, count) {
  const tokens = []
  const client = new Client(port)
  for (let i = 0; i < count; i++) {
    const answer = await client.request('POST', `${api}/sessions`, { headers: from(network(i * 256)) })
    tokens.push(answer.json.token)
  }
  client.close()
  return tokens
}

function joinOf(event, token, address, more = {}) {
  return requestBytes('POST', `${api}/events/${event}/queue`, { token, json: {}, headers: { ...from(address), ...more } })
}

async function limits(report, server, desk, event, tokens) {
  // the session joins from everywhere, so that only its own limit is met
  const often = await flood(server.port, 400, (i) => joinOf(event, tokens[0], network((1000 + i) * 256)), calm)
  const refused = often.byStatus.get(429) ?? 0
  report.check(
    'one session that joins 400 times at once, from 400 networks',
    refused > 0 && often.byStatus.get(201) === 1 && often.withRetryAfter === refused,
    `${told(often.byStatus)}; ${often.withRetryAfter} with Retry-After`,
  )
  for (const [name, address] of [
    ['one IPv4 /24', (i) => `203.0.113.${i % 256}`],
    ['one IPv6 /64', (i) => `2001:db8:7:7::${i.toString(16)}`],
  ]) {
    const first = name === 'one IPv4 /24' ? 1 : 601
    const one = await flood(server.port, 600, (i) => joinOf(event, tokens[first + i], address(i)), calm)
    const late = one.byStatus.get(429) ?? 0
    report.check(
      `600 sessions of ${name} that join at once`,
      late > 0 && one.withRetryAfter === late && one.byStatus.get(201) + late === 600,
      `${told(one.byStatus)}; the others wait`,
    )
  }
  const neighbour = new Visitor(server.port, event, tokens[1201])
  const joined = await neighbour.join({}, { headers: from('198.51.100.7') })
  report.check('a visitor of another network meanwhile', joined.status === 201, `${joined.status}`)
  neighbour.close()
}

/** Works on until `done`: what it was told. */
async function holderWorks(visitor, admission, address, done) {
  const counts = new Map()
  const options = { headers: { ...from(address), 'Onsale-Admission': admission } }
  const note = ({ status }) => counts.set(status, (counts.get(status) ?? 0) + 1)
  while (!done()) {
    const hold = await visitor.ask('POST', '/holds', {
      key: `h-${Math.random()}`,
      json: { best: { category: 'Stalls', quantity: 1 } },
      ...options,
    })
    note(hold)
    if (hold.status === 201) {
      note(await visitor.ask('GET', `/holds/${hold.json.id}`, options))
      note(await visitor.ask('DELETE', `/holds/${hold.json.id}`, options))
    }
    await sleep(200) // a session may ask 20 times a second
  }
  return counts
}

/** Asks for the waiting page and the public status until `done`: what it was told. */
async function onlookerLooks(server, event, done) {
  const client = new Client(server.port)
  const counts = new Map()
  while (!done()) {
    for (const path of [`/events/${event}/queue`, `${api}/events/${event}/queue`]) {
      const { status } = await client.request('GET', path, { headers: from('192.0.200.1') })
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
    await sleep(50)
  }
  client.close()
  return counts
}

/** Ten who were let in book while `requestOf` floods; what both sides were told. */
async function bookInFlood(server, event, requestOf) {
  const holders = await pool(Array.from({ length: 10 }), 10, async () => {
    const visitor = await Visitor.create(server.port, event)
    return { visitor, admission: await visitor.comeIn() }
  })
  const before = residentBytes(server.pid)
  let over = false
  const flooding = flood(server.port, floodRequests, requestOf, { connections: 400, depth: 1 })
  const working = Promise.all(
    holders.map(({ visitor, admission }, i) => holderWorks(visitor, admission, `192.0.${i}.1`, () => over)),
  )
  const looking = onlookerLooks(server, event, () => over)
  const result = await flooding
  over = true
  const seen = await looking
  const held = new Map()
  for (const map of await working) for (const [status, count] of map) held.set(status, (held.get(status) ?? 0) + count)
  for (const { visitor } of holders) visitor.close()
  const booked = [...held.keys()].every((status) => status < 300) && (held.get(201) ?? 0) >= holders.length
  return { result, held, booked, seen, grownMiB: (residentBytes(server.pid) - before) / 1048576 }
}

async function pastCapacity(report, server, desk, tokens) {
  const event = await createRoom(desk)
  const joins = tokens.map((token, i) => joinOf(event, token, network(i * 256)))
  const { result, held, booked, seen, grownMiB } = await bookInFlood(server, event, (i) => joins[i % joins.length])
  const shed = result.byStatus.get(503) ?? 0
  const limited = result.byStatus.get(429) ?? 0
  const ok = (result.byStatus.get(200) ?? 0) + (result.byStatus.get(201) ?? 0)
  report.check(
    `${floodRequests} joins by 400 connections, 32 may be under way`,
    shed > 0 && ok > 0 && result.withRetryAfter === shed + limited && ok + shed + limited === floodRequests,
    `${told(result.byStatus)}; ${result.withRetryAfter} with Retry-After; ${Math.round(floodRequests / result.seconds)} a second`,
  )
  report.check('those who were let in book meanwhile', booked, told(held))
  report.check('the waiting page and the status stay readable', [...seen.keys()].join() === '200', told(seen))
  report.check('the memory of the server stays', grownMiB < 64, `${grownMiB.toFixed(1)} MiB more than before`)
  const status = await publicStatus(desk, event)
  report.check('and it answers as before', status.state === 'queue', `${status.count} places, state ${status.state}`)
}

/** Strangers who look like those who go first must not take their room. */
async function pretended(report, server, desk, tokens) {
  const fake = { 'Onsale-Admission': 'A'.repeat(88) }
  const kinds = {
    'joins that carry made-up admissions': (event, token, address) => joinOf(event, token, address, fake),
    'claims of strangers whom nobody called': (event, token, address) =>
      requestBytes('POST', `${api}/events/${event}/queue/claim`, { token, headers: from(address) }),
  }
  for (const [name, requestOf] of Object.entries(kinds)) {
    const event = await createRoom(desk)
    const requests = tokens.map((token, i) => requestOf(event, token, network(i * 256)))
    const { result, held, booked } = await bookInFlood(server, event, (i) => requests[i % requests.length])
    const shed = result.byStatus.get(503) ?? 0
    report.check(
      `${floodRequests} ${name}`,
      result.lost === 0 && result.withRetryAfter >= shed,
      `${told(result.byStatus)}; ${result.withRetryAfter} with Retry-After`,
    )
    report.check('those who were let in book all the same', booked, told(held))
  }
}

/** What a connection is told that says nothing. */
function connect(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.once('connect', () => resolve({ socket, text: () => text }))
    socket.once('close', () => resolve({ socket, text: () => text }))
  })
}

async function connections(report, server, desk) {
  const before = residentBytes(server.pid)
  const idle = await Promise.all(Array.from({ length: 1500 }, () => connect(server.port)))
  const isRefused = ({ text }) => text().startsWith('HTTP/1.1 503') && /\r\nretry-after: \d+/i.test(text())
  for (let look = 0; look < 200 && idle.filter(isRefused).length < 1500 - connectionsMost * 1.125; look++) await sleep(20)
  const refused = idle.filter(isRefused).length
  const other = idle.filter((one) => one.text() !== '' && !isRefused(one)).length
  const grown = (residentBytes(server.pid) - before) / 1048576
  report.check(
    `1,500 connections that say nothing, ${connectionsMost} are kept`,
    refused >= 1500 - connectionsMost * 1.125 && refused < 1500 && other === 0 && grown < 64,
    `${refused} were told 503 with Retry-After, ${1500 - refused} kept; ${grown.toFixed(1)} MiB`,
  )
  for (const { socket } of idle) socket.destroy()
  const answer = await desk.request('GET', '/health')
  report.check('and when they are gone there is room again', answer.status === 200)
}

export async function attackByFlood(report, server, desk) {
  const tokens = await sessions(server.port, strangers)
  const event = await createRoom(desk, {})
  await limits(report, server, desk, event, tokens)
  await pastCapacity(report, server, desk, tokens)
  await pretended(report, server, desk, tokens)
  await connections(report, server, desk)
}

/** A client that says it comes from everywhere, at a house without a proxy that could know. */
export async function attackBySpoof(report, server, desk) {
  const event = await createRoom(desk)
  const everywhere = (i) => ({ 'X-Forwarded-For': network(i * 256), Forwarded: `for=${network(i * 256)}` })
  const minted = await flood(
    server.port,
    800,
    (i) => requestBytes('POST', `${api}/sessions`, { headers: everywhere(i) }),
    calm,
  )
  const refused = minted.byStatus.get(429) ?? 0
  report.check(
    '800 sessions made at once, said to be of 800 networks',
    refused > 0 && minted.withRetryAfter === refused,
    `${told(minted.byStatus)}; the address is the connection's`,
  )
  await sleep(1200) // the allowance is back
  const guesser = await Visitor.create(server.port, event)
  const guesses = await flood(
    server.port,
    150,
    (i) =>
      requestBytes('POST', `${api}/events/${event}/queue`, {
        token: guesser.token,
        json: { code: `VIP-${i}` },
        headers: everywhere(i),
      }),
    calm,
  )
  await sleep(1200)
  const { status } = await guesser.position()
  report.check(
    '150 guesses at a code of the priority lane',
    guesses.byStatus.get(429) > 0 && ![...guesses.byStatus.keys()].some((code) => code < 400) && status === 404,
    told(guesses.byStatus),
  )
  guesser.close()
}
