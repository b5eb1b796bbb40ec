// kill -9 at the door: while people join, at the draw, while they are called.

import { setTimeout as sleep } from 'node:timers/promises'

import { commitment, draw } from '../../../docs/draw.mjs'
import { Client } from '../lib/client.mjs'
import { createSession } from '../lib/house.mjs'
import { adminToken, runOnsale } from '../lib/server.mjs'
import { Visitor, api, createRoom, insist, iso, pool, publicStatus, until } from '../lib/room.mjs'

async function restart(server) {
  await server.kill()
  server.spawn()
  await server.ready()
}

/** Sends until answered; an answer without a reason to be there ends the test. */
async function sure(server, send, ...statuses) {
  const answer = await insist(send, () => server.crashed)
  if (!statuses.includes(answer.status)) throw new Error(`unexpected: ${answer.status} ${answer.text}`)
  return answer
}

const isPermutation = (numbers) => new Set(numbers).size === numbers.length && Math.max(...numbers) === numbers.length - 1

// ---- in the lobby ----

/** Joins with new sessions until told to stop; everything that it was told. */
async function joinOn(server, event, told, isOver) {
  const visitor = new Visitor(server.port, event)
  while (!isOver()) {
    visitor.token = undefined
    visitor.token = (await sure(server, () => visitor.client.request('POST', `${api}/sessions`), 201)).json.token
    const answer = await sure(server, () => visitor.join(), 200, 201)
    told.push({ token: visitor.token, number: answer.json.number, repeated: answer.status === 200 })
  }
  visitor.close()
}

async function inLobby(report, server, desk) {
  const event = await createRoom(desk, { lobby_opens_at: iso(Date.now() - 1000), opens_at: iso(Date.now() + 3600_000) })
  const told = []
  let over = false
  const workers = Promise.all(Array.from({ length: 24 }, () => joinOn(server, event, told, () => over)))
  for (let kill = 0; kill < 3; kill++) {
    await sleep(250 + Math.random() * 200)
    await restart(server)
  }
  await sleep(200)
  over = true
  await workers
  const answered = told.filter((one) => !one.repeated).length
  report.check(
    'kill -9 three times in the lobby, under a stream of joins: no number given twice',
    isPermutation(told.map((one) => one.number)),
    `${told.length} sessions have the numbers 0 to ${told.length - 1}; ${told.length - answered} had to ask again and got the same`,
  )
  const visitors = Array.from({ length: 16 }, () => new Visitor(server.port, event))
  let lost = 0
  await pool(told, 16, async ({ token, number }, i) => {
    const visitor = visitors.pop()
    visitor.token = token
    const place = (await visitor.position()).json
    if (place.number !== number || place.state !== 'lobby') lost++
    visitors.push(visitor)
  })
  const status = await publicStatus(desk, event)
  report.check('no acknowledged number was lost', lost === 0 && status.count === told.length, `${lost} of ${told.length}, ${status.count} in the lobby`)
  for (const visitor of visitors) visitor.close()
}

// ---- at the draw ----

const roomCount = 30
const roomMembers = 8

/** Rooms as the journal has them: which have closed, which were drawn. */
async function journaled(server) {
  const { output } = await runOnsale(['journal', 'dump', '--data', server.data])
  const closed = new Set()
  const drawn = new Set()
  for (const line of output.split('\n')) {
    if (line.includes('"LobbyClosed"')) closed.add(JSON.parse(line).partition)
    if (line.includes('"LobbyDrawn"')) drawn.add(JSON.parse(line).partition)
  }
  return { closed: closed.size, drawn: drawn.size }
}

/** Looks at a member's rank again and again: once told, it must never be another. */
async function watchRank(server, room, isOver) {
  const visitor = new Visitor(server.port, room.event, room.members[0].token)
  while (!isOver()) {
    const { rank } = (await sure(server, () => visitor.position(), 200)).json
    if (rank !== null) room.told.add(rank)
    await sleep(20)
  }
  visitor.close()
}

async function makeRoom(server) {
  const desk = new Client(server.port)
  const event = await createRoom(desk, { lobby_opens_at: iso(Date.now() - 1000), opens_at: iso(Date.now() + 3600_000) })
  const members = []
  const visitor = new Visitor(server.port, event)
  for (let i = 0; i < roomMembers; i++) {
    visitor.token = await createSession(visitor.client)
    members.push({ token: visitor.token, number: (await visitor.join()).json.number })
  }
  visitor.close()
  const { draw: promised } = await publicStatus(desk, event)
  desk.close()
  return { event, members, commitment: promised.commitment, told: new Set(), shown: null }
}

async function opensAt(desk, event, ms) {
  const answer = await desk.request('PATCH', `${api}/organiser/events/${event}`, {
    token: adminToken,
    json: { queue: { opens_at: iso(ms) } },
  })
  if (answer.status !== 200) throw new Error(`opens_at: ${answer.status} ${answer.text}`)
}

async function compareDraw(server, desk, room) {
  const { draw: d } = await until(async () => {
    const status = await publicStatus(desk, room.event)
    return status.draw.seed ? status : sleep(20)
  }, 'the draw')
  const rankOf = draw({ seed: d.seed, chainHash: d.chain_hash, count: d.count })
  const visitor = new Visitor(server.port, room.event)
  const ranks = []
  for (const { token, number } of room.members) {
    visitor.token = token
    const { rank } = (await visitor.position()).json
    ranks.push(rank)
    if (rank !== rankOf(number)) room.wrong = `number ${number} has rank ${rank}, the script says ${rankOf(number)}`
  }
  visitor.close()
  if (!isPermutation(ranks)) room.wrong = `ranks ${ranks}`
  if (commitment(d.seed) !== room.commitment || d.commitment !== room.commitment) room.wrong = 'the seed is not the one promised'
  if (room.told.size > 1 || (room.told.size === 1 && !room.told.has(ranks[0]))) room.wrong = `rank ${[...room.told]} became ${ranks[0]}`
  if (room.shown && JSON.stringify(room.shown) !== JSON.stringify(d)) room.wrong = 'the draw that was shown is another now'
}

async function atDraw(report, server, desk) {
  const rooms = await pool(Array.from({ length: roomCount }), 4, () => makeRoom(server))
  let over = false
  const watchers = Promise.all(rooms.map((room) => watchRank(server, room, () => over)))
  // opened one after the other, so that each kill meets some just closed and some just drawn
  for (const [i, { event }] of rooms.entries()) await opensAt(desk, event, Date.now() + i * 90)
  let between = 0
  let after = 0
  let kills = 0
  for (; kills < 12; kills++) {
    // closing comes with one tick, the draw with the next, a quarter of a second later
    await sleep(kills % 2 ? 60 + Math.random() * 300 : 300 + Math.random() * 150)
    for (const room of rooms.filter((one) => one.told.size && !one.shown)) {
      const shown = await publicStatus(desk, room.event).catch(() => null)
      if (shown?.draw.seed) room.shown = shown.draw
    }
    await server.kill()
    const { closed, drawn } = await journaled(server)
    between += closed - drawn
    after = Math.max(after, drawn)
    server.spawn()
    await server.ready()
    if (drawn === roomCount) break
  }
  await sleep(600)
  over = true
  await watchers
  desk.close()
  for (const room of rooms) await compareDraw(server, desk, room)
  const wrong = rooms.filter((room) => room.wrong)
  report.check(
    `kill -9 ${kills} times around the draw of ${roomCount} rooms`,
    between > 0 && after > 0,
    `${between} times a room had closed and was not drawn, up to ${after} had just been drawn`,
  )
  report.check(
    'the draw is the same after it, and docs/draw.mjs finds every rank',
    wrong.length === 0,
    wrong[0]?.wrong ?? `${roomCount} rooms of ${roomMembers}, ${rooms.filter((room) => room.shown).length} draws were shown before a kill`,
  )
}

// ---- while calling ----

const callers = 160

async function waitAndCome(server, visitor, findings) {
  let last = Infinity
  for (;;) {
    const { position, rank, state } = (await sure(server, () => visitor.position(), 200)).json
    if (position > last) findings.push(`position ${last} became ${position}`)
    last = position
    if (state === 'called') break
    const early = Math.random() < 0.02 ? await sure(server, () => visitor.claim(), 201, 200, 409) : null
    if (early && early.status !== 409 && (await sure(server, () => visitor.position(), 200)).json.state !== 'admitted') findings.push(`rank ${rank} came in uncalled`)
    if (early && early.status !== 409) break
    await sleep(30 + Math.random() * 60)
  }
  const first = (await sure(server, () => visitor.claim(), 200, 201)).json
  await sleep(Math.random() * 400)
  const second = (await sure(server, () => visitor.claim(), 200, 201)).json
  // its end may have been put off by an outage; slot and number of the admission say which it is
  const which = ({ admission }) => Buffer.from(admission, 'base64url').subarray(28, 40).toString('hex')
  if (which(first) !== which(second)) findings.push('a second claim gave another admission')
  const booked = await sure(server, () => visitor.hold(second.admission), 201, 403, 409)
  if (booked.status === 403) findings.push(`an admission does not count: ${booked.text}`)
  await sure(server, () => visitor.leave(), 204)
  return which(first)
}

async function whileCalling(report, server, desk) {
  const event = await createRoom(desk, { target_active: 25, per_minute: 6000 })
  const visitors = await pool(Array.from({ length: callers }), 16, async () => {
    const visitor = await Visitor.create(server.port, event)
    await visitor.join()
    return visitor
  })
  const findings = []
  const coming = Promise.all(visitors.map((visitor) => waitAndCome(server, visitor, findings)))
  let kills = 0
  let arrived = false
  void coming.then(() => (arrived = true))
  for (; kills < 3 && !arrived; kills++) {
    await sleep(300 + Math.random() * 300)
    await restart(server)
  }
  const admissions = await coming
  desk.close()
  const summary = (await desk.request('GET', `${api}/organiser/events/${event}/summary`, { token: adminToken })).json.queue
  report.check(
    `kill -9 ${kills} times while ${callers} are called`,
    findings.length === 0 && new Set(admissions).size === callers && summary.general.came === callers && summary.general.joined === callers,
    findings[0] ?? `${summary.general.came} came, each once; no position went back, nobody came in uncalled`,
  )
  for (const visitor of visitors) visitor.close()
}

export async function attackByCrash(report, server, desk) {
  await inLobby(report, server, desk)
  desk.close()
  await atDraw(report, server, desk)
  await whileCalling(report, server, desk)
  const { code, output } = await runOnsale(['journal', 'verify', '--data', server.data])
  report.check('the journal verifies', code === 0, output.trim().split('\n').at(-1))
}
