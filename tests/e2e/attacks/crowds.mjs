// One person who looks like many: reloads, tabs, everything at the same moment, round and round.

import { setTimeout as sleep } from 'node:timers/promises'

import { flood, requestBytes, told } from '../lib/flood.mjs'
import { createSession } from '../lib/house.mjs'
import { adminToken } from '../lib/server.mjs'
import { Visitor, api, createRoom, iso, publicStatus, until } from '../lib/room.mjs'

const summaryOf = async (desk, event) =>
  (await desk.request('GET', `${api}/organiser/events/${event}/summary`, { token: adminToken })).json.queue

/** The different values, for a line of the report. */
const distinct = (list) => [...new Set(list)]

/** Somebody is in, so that the next one waits. */
async function occupied(server, desk, queue = {}) {
  const event = await createRoom(desk, { target_active: 1, ...queue })
  const first = await Visitor.create(server.port, event)
  await first.comeIn()
  first.close()
  return event
}

async function reload(report, server, desk) {
  const event = await occupied(server, desk)
  const visitor = await Visitor.create(server.port, event)
  const behind = await Visitor.create(server.port, event)
  const joined = (await visitor.join()).json
  const later = (await behind.join()).json
  const numbers = []
  for (let i = 0; i < 1000; i++) numbers.push((await visitor.join()).json.number)
  const status = await publicStatus(desk, event)
  const position = (await visitor.position()).json
  report.check(
    'the page reloaded 1,000 times',
    distinct(numbers).length === 1 && numbers[0] === joined.number && position.position === joined.position,
    `number ${distinct(numbers)} each time, position ${joined.position} before and ${position.position} after`,
  )
  report.check(
    'and those behind lose nothing by it',
    (await behind.position()).json.position === later.position && status.count === 3,
    `position ${later.position}; ${status.count} places for 3 sessions`,
  )
  visitor.close()
  behind.close()
}

async function tabs(report, server, desk) {
  const event = await createRoom(desk)
  const visitor = await Visitor.create(server.port, event)
  const all = Array.from({ length: 100 }, () => visitor.tab())
  const joins = await Promise.all(all.map((tab) => tab.join()))
  const fresh = joins.filter((answer) => answer.status === 201).length
  const numbers = distinct(joins.map((answer) => answer.json.number))
  await until(async () => (await visitor.position()).json.state === 'called', 'called')
  const claims = await Promise.all(all.map((tab) => tab.claim()))
  const admissions = distinct(claims.map((answer) => answer.json.admission))
  const { general, admitted } = await summaryOf(desk, event)
  report.check(
    '100 tabs of one session',
    fresh === 1 && numbers.length === 1 && admissions.length === 1 && general.joined === 1 && admitted === 1,
    `${fresh} new place, ${numbers.length} number; ${admissions.length} admission for all tabs, ${admitted} is in`,
  )
  for (const tab of [visitor, ...all]) tab.close()
}

async function parallel(report, server, desk) {
  const event = await createRoom(desk)
  const token = await createSession(desk)
  const join = requestBytes('POST', `${api}/events/${event}/queue`, { token, json: {} })
  const claim = requestBytes('POST', `${api}/events/${event}/queue/claim`, { token })
  const joins = await flood(server.port, 200, () => join, { connections: 50, depth: 4 })
  report.check(
    '200 joins of one session at once',
    joins.byStatus.get(201) === 1 && joins.byStatus.get(200) === 199,
    told(joins.byStatus),
  )
  await until(async () => (await publicStatus(desk, event)).called === 1, 'called')
  const claims = await flood(server.port, 200, () => claim, { connections: 50, depth: 4 })
  const { general, admitted } = await summaryOf(desk, event)
  report.check(
    '200 claims of one session at once',
    claims.byStatus.get(201) === 1 && claims.byStatus.get(200) === 199 && general.came === 1 && admitted === 1,
    `${told(claims.byStatus)}; ${general.came} came, ${admitted} is in`,
  )
}

/** Who leaves and joins again stands at the end, however often. */
async function rejoin(report, server, desk) {
  const event = await occupied(server, desk)
  const visitor = await Visitor.create(server.port, event)
  const behind = await Visitor.create(server.port, event)
  const first = (await visitor.join()).json
  await behind.join()
  const numbers = []
  for (let i = 0; i < 20; i++) {
    await visitor.leave()
    numbers.push((await visitor.join()).json.number)
  }
  const rising = numbers.every((number, i) => number > (numbers[i - 1] ?? first.number))
  const theirs = (await behind.position()).json
  const own = (await visitor.position()).json
  report.check(
    'leaving and joining again 20 times',
    rising && own.rank > theirs.rank,
    `number ${first.number} became ${numbers.at(-1)}, behind the one that came later (rank ${theirs.rank})`,
  )
  visitor.close()
  behind.close()
}

/** Before the draw: being first, last or often gives one ticket of the draw. */
async function lobby(report, server, desk) {
  const event = await createRoom(desk, { lobby_opens_at: iso(Date.now() - 1000), opens_at: iso(Date.now() + 3600_000) })
  const visitor = await Visitor.create(server.port, event)
  const others = []
  for (let i = 0; i < 20; i++) {
    const other = await Visitor.create(server.port, event)
    await other.join()
    others.push(other)
  }
  const numbers = []
  for (let i = 0; i < 200; i++) numbers.push((await visitor.join()).json.number)
  const early = await visitor.claim()
  const before = await publicStatus(desk, event)
  report.check(
    'looking for the seed before the draw',
    before.state === 'lobby' && Object.keys(before.draw).join() === 'commitment',
    `the status tells ${Object.keys(before.draw)} only`,
  )
  await desk.request('PATCH', `${api}/organiser/events/${event}`, {
    token: adminToken,
    json: { queue: { opens_at: iso(Date.now()) } },
  })
  const status = await until(async () => {
    const now = await publicStatus(desk, event)
    return now.draw.count === undefined ? sleep(50) : now
  }, 'the draw')
  report.check(
    '200 joins in the lobby are one lot in the draw',
    distinct(numbers).length === 1 && status.draw.count === 21,
    `${status.draw.count} lots for 21 sessions`,
  )
  report.check('claiming before the draw', early.status === 409, `${early.status} ${early.json.code}`)
  for (const other of [visitor, ...others]) other.close()
}

/** Who was not called cannot come in, whatever is in the request. */
async function ahead(report, server, desk) {
  const event = await occupied(server, desk)
  const visitor = await Visitor.create(server.port, event)
  const before = await visitor.claim()
  await visitor.join()
  const tries = [{}, { number: 0 }, { rank: 0, position: 0, state: 'called' }]
  const said = [`${before.status} ${before.json.code}`]
  for (const json of tries) {
    const answer = await visitor.claim({ json })
    said.push(`${answer.status} ${answer.json.code}`)
  }
  const { admitted } = await summaryOf(desk, event)
  report.check('claiming out of turn', said[0] === '404 not_in_queue' && said.slice(1).every((s) => !s.startsWith('2')) && admitted === 1, distinct(said).join(', '))
  visitor.close()
}

export async function attackByCrowd(report, server, desk) {
  await reload(report, server, desk)
  await tabs(report, server, desk)
  await parallel(report, server, desk)
  await rejoin(report, server, desk)
  await lobby(report, server, desk)
  await ahead(report, server, desk)
}
