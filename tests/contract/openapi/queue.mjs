// A waiting room from its lobby to a ticket: each call in good and in refused form, the draw recomputed from what is
// published, admissions that nobody else can use, challenges, the organiser's switches, the safety net.

import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { commitment, draw } from '../../../docs/draw.mjs'
import { confirmPayment, createEvent, createSession, watchOrder } from '../../e2e/lib/house.mjs'
import { adminToken } from '../../e2e/lib/server.mjs'

const api = '/api/v1'
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
const soon = (ms) => new Date(Date.now() + ms).toISOString()

/** The numbers that a challenge of work asks for, as the page finds them. */
export function solve({ challenge, puzzles, bits }) {
  const seed = sha256(Buffer.from(challenge))
  const found = Buffer.alloc(puzzles * 4)
  const tried = Buffer.alloc(5)
  for (let i = 0; i < puzzles; i++) {
    tried[0] = i
    let n = 0
    do tried.writeUInt32BE(n++, 1)
    while (sha256(seed, tried).readUInt32BE() >>> (32 - bits) !== 0)
    found.writeUInt32BE(n - 1, i * 4)
  }
  return found.toString('base64url')
}

async function until(what, look) {
  for (let i = 0; i < 150; i++) {
    const found = await look()
    if (found) return found
    await sleep(100)
  }
  throw new Error(`did not happen: ${what}`)
}

class Room {
  constructor(walk, event) {
    this.walk = walk
    this.event = event
    this.path = `${api}/events/${event}/queue`
    this.holds = `${api}/events/${event}/holds`
  }

  static async open(walk, queue, changes = {}) {
    const event = await createEvent(walk.client, {
      plan: null, price_categories: [{ name: 'c', price: 1000 }],
      areas: [{ id: 'floor', name: 'Floor', capacity: 50, price_category: 'c' }], queue, ...changes,
    })
    return new Room(walk, event)
  }

  async position(token) {
    return (await this.walk.client.request('GET', `${this.path}/position`, { token })).json
  }

  hold(token, admission, key) {
    const headers = { ...(admission && { 'Onsale-Admission': admission }), ...(key && { 'Idempotency-Key': key }) }
    return ['POST', this.holds, { token, headers, json: { areas: [{ id: 'floor', quantity: 1 }] } }]
  }

  patch(name, json, status = 200) {
    return this.walk.call(name, status, 'PATCH', `${api}/organiser/events/${this.event}`, { token: adminToken, json })
  }

  refusedPatch(name, code, json) {
    return this.walk.refused(name, code, 'PATCH', `${api}/organiser/events/${this.event}`, { token: adminToken, json })
  }
}

async function without(walk) {
  const token = await createSession(walk.client)
  const room = await Room.open(walk, { enabled: false })
  const status = await walk.call('the status where there is no waiting room', 200, 'GET', room.path)
  walk.report.check('it says open', status.json.state === 'open' && status.json.phase === 'off', status.text)
  await walk.refused('joining where there is none', 'queue_not_needed', 'POST', room.path, { token, json: {} })
  await walk.refused('claiming where there is none', 'queue_not_needed', 'POST', `${room.path}/claim`, { token })
  await walk.refused('a place where there is none', 'not_in_queue', 'GET', `${room.path}/position`, { token })
  await walk.call('a hold where there is none', 201, ...room.hold(token))
  await room.patch('one is opened for the time to come', { queue: { enabled: true, lobby_opens_at: soon(3600_000), opens_at: soon(7200_000) } })
  const shown = await walk.call('the event with it', 200, 'GET', `${api}/events/${room.event}`)
  walk.report.check('the event tells it', shown.json.queue.active && shown.json.queue.state === 'closed' && shown.json.queue.url === room.path,
    JSON.stringify(shown.json.queue))
  const early = await walk.refused('joining before the lobby opens', 'lobby_not_open', 'POST', room.path, { token, json: {} })
  walk.report.check('it says when', early.json.opens_in_ms > 3500_000 && early.json.opens_at, early.text)
  await walk.refused('a hold before it opens', 'not_admitted', ...room.hold(token))
  await room.refusedPatch('a lobby after its end', 'bad_change', { queue: { opens_at: soon(1000) } })
  await room.refusedPatch('a state nobody knows', 'bad_value', { queue: { state: 'perhaps' } })
  await room.refusedPatch('a member nobody knows', 'unknown_member', { queue: { speed: 1 } })
}

/** Five come to the lobby; one is admitted, one misses its call, one leaves. */
async function lobby(walk, provider) {
  const room = await Room.open(walk, { enabled: true, lobby_opens_at: soon(-1000), opens_at: soon(2500), target_active: 2, claim_seconds: 10 })
  const before = await walk.call('the status of a lobby', 200, 'GET', room.path)
  walk.report.check('the commitment stands before the draw',
    before.json.state === 'lobby' && before.json.draw.commitment.length === 64 && !('seed' in before.json.draw), before.text)
  await walk.call('the status that has not changed', 304, 'GET', room.path, { headers: { 'If-None-Match': before.headers.etag } })
  const tokens = []
  for (let i = 0; i < 5; i++) tokens.push(await createSession(walk.client))
  const tickets = []
  for (const token of tokens) tickets.push((await walk.call('a place in the lobby', 201, 'POST', room.path, { token, json: {} })).json)
  walk.report.check('numbers are in order of arrival', tickets.every(({ number, rank }, i) => number === i && rank === null), JSON.stringify(tickets))
  const again = await walk.call('the same place again', 200, 'POST', room.path, { token: tokens[0] })
  walk.report.check('it is the same', again.json.ticket === tickets[0].ticket, again.text)
  await walk.refused('a code nobody gave out', 'code_unknown', 'POST', room.path, { token: tokens[0], json: { code: 'nope' } })
  await walk.refused('a member nobody knows', 'unknown_member', 'POST', room.path, { token: tokens[0], json: { lane: 1 } })
  await walk.refused('no session', 'unauthenticated', 'POST', room.path, { json: {} })
  await walk.call('a place without a turn', 200, 'GET', `${room.path}/position`, { token: tokens[0] })
  await walk.refused('a claim in the lobby', 'not_called', 'POST', `${room.path}/claim`, { token: tokens[0] })
  await walk.refused('a hold in the lobby', 'not_admitted', ...room.hold(tokens[0]))
  const status = await until('the draw and the first calls', async () => {
    const { json } = await walk.call('the status', 200, 'GET', room.path)
    return json.draw.seed && json.called === 2 && json
  })
  const places = []
  for (const token of tokens) places.push((await walk.call('a place with a turn', 200, 'GET', `${room.path}/position`, { token })).json)
  const rank = draw({ seed: status.draw.seed, chainHash: status.draw.chain_hash, count: status.draw.count })
  walk.report.check('the draw is what was promised, and anybody can recompute it',
    status.draw.count === 5 && commitment(status.draw.seed) === before.json.draw.commitment && places.every((p) => p.rank === rank(p.number)),
    JSON.stringify(places))
  const at = (turn) => tokens[places.findIndex((p) => p.rank === turn)]
  await claiming(walk, room, provider, at)
}

async function claiming(walk, room, provider, at) {
  const early = await walk.refused('a claim before its turn', 'not_called', 'POST', `${room.path}/claim`, { token: at(4) })
  walk.report.check('it names the position', early.json.position === 2, early.text)
  const admitted = await walk.call('an admission', 201, 'POST', `${room.path}/claim`, { token: at(0) })
  const again = await walk.call('the same admission again', 200, 'POST', `${room.path}/claim`, { token: at(0) })
  walk.report.check('it is the same', again.json.admission === admitted.json.admission, again.text)
  const { admission } = admitted.json
  await walk.refused('a hold without it', 'not_admitted', ...room.hold(at(0)))
  const stolen = await walk.refused("a hold with another's", 'not_admitted', ...room.hold(at(4), admission))
  walk.report.check('it says why', stolen.json.reason === 'other_session', stolen.text)
  const altered = admission.slice(0, -1) + (admission.endsWith('A') ? 'B' : 'A')
  await walk.refused('a hold with an altered one', 'not_admitted', ...room.hold(at(0), altered))
  const hold = await walk.call('a hold with it', 201, ...room.hold(at(0), admission, 'the first'))
  const same = await walk.call('the same again, whose answer was lost', 201, ...room.hold(at(0), undefined, 'the first'))
  walk.report.check('it is the same hold', same.json.id === hold.json.id, same.text)
  await walk.refused('another under another key', 'not_admitted', ...room.hold(at(0), undefined, 'the second'))
  await walk.refused('a change without it', 'not_admitted', 'PATCH', `${room.holds}/${hold.json.id}`, { token: at(0), json: { seats: ['x'] } })
  const orders = `${api}/events/${room.event}/orders`
  const order = await walk.call('an order of what one holds needs none', 201, 'POST', orders, {
    token: at(0), json: { hold_id: hold.json.id, email: 'ada@example.org' },
  })
  await walk.refused("an order of another's hold does", 'not_admitted', 'POST', orders, {
    token: at(4), json: { hold_id: hold.json.id, email: 'ada@example.org' },
  })
  await confirmPayment(provider, order.json.payment)
  await watchOrder(walk.client, at(0), room.event, order.json.id, (o) => o.state === 'paid')
  await until('the sale ends the admission', async () => (await room.position(at(0))).state === 'over')
  await walk.refused('a hold after the sale', 'not_admitted', ...room.hold(at(0), admission))
  await walk.refused('a claim after the sale', 'admission_over', 'POST', `${room.path}/claim`, { token: at(0) })
  await walk.call('leaving', 204, 'DELETE', room.path, { token: at(3) })
  await walk.call('leaving again', 204, 'DELETE', room.path, { token: at(3) })
  await walk.refused('leaving without having come', 'not_in_queue', 'DELETE', room.path, { token: await createSession(walk.client) })
  await room.patch('less room', { queue: { target_active: 1 } })
  const missed = await until('a call that nobody answers', async () => {
    const place = await walk.call('a place', 200, 'GET', `${room.path}/position`, { token: at(1) })
    return place.json.state === 'missed' && place.json
  })
  walk.report.check('a missed place stays where it was', missed.position === 0, JSON.stringify(missed))
  await until('the next one is called', async () => (await room.position(at(2))).state === 'called')
  await walk.refused('a late claim without room', 'call_missed', 'POST', `${room.path}/claim`, { token: at(1) })
  const figures = await until('the organiser sees who missed its call', async () => {
    const { json } = await walk.call('the summary', 200, 'GET', `${api}/organiser/events/${room.event}/summary`, { token: adminToken })
    return json.queue.general.missed === 1 && json.queue
  })
  walk.report.check('and who joined, came and is in',
    figures.general.joined === 5 && figures.general.came === 1 && figures.admitted === 0, JSON.stringify(figures))
  const anew = await walk.call('joining again, at the end', 201, 'POST', room.path, { token: at(1), json: {} })
  walk.report.check('behind all others', anew.json.number === 5 && anew.json.rank === 5, anew.text)
  await switches(walk, room, at(4))
}

async function switches(walk, room, token) {
  await room.patch('a paused sale', { sale: { state: 'paused' } })
  walk.report.check('the waiting room pauses with the sale', (await walk.call('the status', 200, 'GET', room.path)).json.paused === true)
  await room.patch('an open sale', { sale: { state: 'open' } })
  walk.report.check('and goes on with it', (await walk.call('the status', 200, 'GET', room.path)).json.paused === false)
  await room.patch('switched off', { queue: { state: 'off' } })
  await walk.call('nobody needs an admission then', 201, ...room.hold(token))
  await room.patch('switched on', { queue: { state: 'on' } })
  await room.patch('closed', { queue: { state: 'closed' } })
  const closed = await walk.call('the status', 200, 'GET', room.path)
  walk.report.check('closed for good', closed.json.state === 'closed' && closed.json.phase === 'ended', closed.text)
  await walk.refused('joining then', 'queue_closed', 'POST', room.path, { token, json: {} })
  await walk.refused('a hold then', 'not_admitted', ...room.hold(token))
  await room.refusedPatch('a change after that', 'queue_closed', { queue: { target_active: 5 } })
  await room.patch('switched off, by who closed it too early', { queue: { state: 'off' } })
  await walk.call('a hold without it', 201, ...room.hold(token))
}

async function priority(walk) {
  const allocations = [
    { id: 'fans', kind: 'presale', area: 'floor', quantity: 5, code: 'FANS', code_limit: 2 },
    { id: 'desk', kind: 'holdback', area: 'floor', quantity: 5, code: 'DESK' },
  ]
  const room = await Room.open(walk, { enabled: true, target_active: 1 }, { allocations })
  const first = await createSession(walk.client)
  const fan = await createSession(walk.client)
  await walk.call('a place', 201, 'POST', room.path, { token: first, json: {} })
  await walk.refused('a code without a lane', 'code_unknown', 'POST', room.path, { token: fan, json: { code: 'desk' } })
  await walk.call('a place among others', 201, 'POST', room.path, { token: fan, json: {} })
  const up = await walk.call('a place with a presale code', 201, 'POST', room.path, { token: fan, json: { code: ' fans ' } })
  walk.report.check('is in a lane of its own', up.json.lane === 'priority' && up.json.number === 0, up.text)
  const third = await createSession(walk.client)
  await walk.call('another with the same code', 201, 'POST', room.path, { token: third, json: { code: 'fans' } })
  await walk.call('the same again', 200, 'POST', room.path, { token: fan, json: { code: 'fans' } })
  await walk.refused('a code that led as many as it is good for', 'code_limit_reached', 'POST', room.path, {
    token: await createSession(walk.client), json: { code: 'fans' },
  })
  await walk.call('one of them leaves', 204, 'DELETE', room.path, { token: third })
  await walk.call('which makes room for another', 201, 'POST', room.path, {
    token: await createSession(walk.client), json: { code: 'fans' },
  })
  await until('the status tells that lane', async () => (await walk.call('the status', 200, 'GET', room.path)).json.priority?.count === 3)
}

async function challenges(walk) {
  const room = await Room.open(walk, { enabled: true })
  let asked
  for (let i = 0; i < 60 && !asked; i++) {
    const token = await createSession(walk.client)
    // What is made up, before anything was asked, spares nobody from being counted.
    const json = { challenge: 'made-up', solution: 'up' }
    const answer = await walk.client.request('POST', room.path, { token, json })
    if (answer.status === 428) asked = { token }
  }
  const { token } = asked ?? {}
  walk.report.check('a challenge is asked when many join at once', Boolean(token))
  const work = await walk.refused('joining without work', 'challenge_required', 'POST', room.path, { token, json: {} })
  const { challenge } = work.json.challenge
  const wrong = await walk.refused('work that was not done', 'challenge_required', 'POST', room.path, {
    token, json: { challenge, solution: 'A'.repeat(86) },
  })
  walk.report.check('it says so, and asks anew', wrong.json.reason === 'wrong' && wrong.json.challenge.kind === 'work', wrong.text)
  const wait = await walk.refused('rather waiting', 'challenge_required', 'POST', room.path, { token, json: { without_work: true } })
  walk.report.check('a wait is offered instead', wait.json.challenge.kind === 'wait' && wait.json.challenge.wait_seconds > 0, wait.text)
  await walk.refused('coming before it is over', 'challenge_required', 'POST', room.path, { token, json: { challenge: wait.json.challenge.challenge } })
  await walk.call('joining with work', 201, 'POST', room.path, { token, json: { challenge, solution: solve(work.json.challenge) } })
}

/** Whoever held seats may finish, and counts as let in until then; off by hand is off in the rush. */
async function safetyNet(walk) {
  const room = await Room.open(walk, { threshold: 3, target_active: 4 }, {
    areas: [{ id: 'floor', name: 'Floor', capacity: 50, price_category: 'c' }, { id: 'free', name: 'Free', capacity: 5, price_category: 'f' }],
    price_categories: [{ name: 'c', price: 1000 }, { name: 'f', price: 0 }],
  })
  const tokens = []
  for (let i = 0; i < 5; i++) tokens.push(await createSession(walk.client))
  const free = { token: tokens[0], json: { areas: [{ id: 'free', quantity: 1 }] } }
  const hold = await walk.call('a hold while few book', 201, 'POST', room.holds, free)
  for (const token of tokens.slice(1, 4)) await walk.call('a hold while few book', 201, ...room.hold(token))
  await walk.refused('a hold beyond the threshold', 'not_admitted', ...room.hold(tokens[4]))
  const summary = async () =>
    (await walk.call('its figures', 200, 'GET', `${api}/organiser/events/${room.event}/summary`, { token: adminToken })).json.queue
  await until('those who hold seats are counted', async () => { const { holding, active } = await summary(); return holding === 4 && active === 4 })
  await walk.call('a place', 201, 'POST', room.path, { token: tokens[4], json: {} })
  await sleep(1200)
  walk.report.check('nobody is called to them', (await room.position(tokens[4])).state === 'waiting')
  const order = { token: tokens[0], json: { hold_id: hold.json.id, email: 'someone@example.org' } }
  await walk.call('who held seats may finish', 201, 'POST', `${api}/events/${room.event}/orders`, order)
  await until('then somebody is called', async () => (await room.position(tokens[4])).state === 'called')
  await room.patch('it is switched off by hand', { queue: { state: 'off' } })
  for (let i = 0; i < 5; i++) await walk.call('a hold in the rush', 201, ...room.hold(await createSession(walk.client)))
  await room.patch('and on again', { queue: { state: 'on' } })
  await walk.refused('a hold then', 'not_admitted', ...room.hold(await createSession(walk.client)))
}

/** The net needs no lobby: those who book when it catches stand in line, they do not wait for a time that was planned. */
async function netBeforeLobby(walk) {
  const room = await Room.open(walk, { threshold: 1, lobby_opens_at: soon(3600_000), opens_at: soon(7200_000) })
  for (let i = 0; i < 2; i++) await walk.call('a hold while few book', 201, ...room.hold(await createSession(walk.client)))
  const token = await createSession(walk.client)
  await walk.refused('a hold beyond the threshold', 'not_admitted', ...room.hold(token))
  await walk.call('a place at once', 201, 'POST', room.path, { token, json: {} })
  await until('it is called', async () => (await room.position(token)).state === 'called')
}

/** A pause by hand outlives the sale's. */
async function pausedTwice(walk) {
  const room = await Room.open(walk, { enabled: true })
  const paused = async () => (await walk.call('the status', 200, 'GET', room.path)).json.paused
  await room.patch('the sale is paused', { sale: { state: 'paused' } })
  walk.report.check('and the waiting room with it', await paused())
  await room.patch('it goes on', { sale: { state: 'open' } })
  walk.report.check('and so does the waiting room', !(await paused()))
  await room.patch('paused by hand', { queue: { state: 'paused' } })
  await room.patch('the sale is paused', { sale: { state: 'paused' } })
  await room.patch('it goes on', { sale: { state: 'open' } })
  walk.report.check('what was paused by hand stays so', await paused())
  await room.patch('until the hand lets go', { queue: { state: 'open' } })
  walk.report.check('then it goes on', !(await paused()))
  const ends = await Room.open(walk, { enabled: true }, { sale: { closes_at: soon(60_000) } })
  await ends.refusedPatch('opening when the sale is over', 'bad_value', { queue: { opens_at: soon(120_000) } })
}

/** Nobody is called while nothing is free; whoever comes when something comes back finds it. */
async function nothingFree(walk) {
  const room = await Room.open(walk, { enabled: true, target_active: 5 }, {
    areas: [{ id: 'floor', name: 'Floor', capacity: 1, price_category: 'c' }], sale: { closes_at: soon(6000) },
  })
  const [first, second] = [await createSession(walk.client), await createSession(walk.client)]
  await walk.call('a place', 201, 'POST', room.path, { token: first })
  await until('the first is called', async () => (await room.position(first)).state === 'called')
  const { json } = await walk.call('an admission', 201, 'POST', `${room.path}/claim`, { token: first })
  const hold = await walk.call('the only place', 201, ...room.hold(first, json.admission))
  await walk.call('another comes', 201, 'POST', room.path, { token: second })
  await until('the status says why', async () => (await walk.call('the status', 200, 'GET', room.path)).json.reason === 'nothing_free')
  walk.report.check('nobody is called for nothing', (await room.position(second)).state === 'waiting')
  await walk.call('it comes back', 204, 'DELETE', `${room.holds}/${hold.json.id}`, { token: first })
  await until('the second is called', async () => (await room.position(second)).state === 'called')
  await until('the waiting room closes with the sale', async () =>
    (await walk.call('the status', 200, 'GET', room.path)).json.phase === 'ended')
}

async function disposable(walk) {
  const room = await Room.open(walk, { enabled: false }, { limits: { per_buyer: 4, disposable_email: 'refused' } })
  const token = await createSession(walk.client)
  const hold = await walk.call('a hold', 201, ...room.hold(token))
  const orders = `${api}/events/${room.event}/orders`
  const order = { token, json: { hold_id: hold.json.id, email: 'someone@mailinator.com' } }
  await walk.refused('a throw-away mailbox', 'email_not_accepted', 'POST', orders, order)
  const changed = await room.patch('taken all the same', { limits: { disposable_email: 'allowed' } })
  walk.report.check('the event says so', changed.json.limits.disposable_email === 'allowed', changed.text)
  await walk.call('then it is', 201, 'POST', orders, order)
}

async function told(walk, listen) {
  const room = await Room.open(walk, { enabled: true, target_active: 1 })
  const { messages } = await listen(walk.port, `${api}/events/${room.event}/stream`, 3, async () => {
    await walk.client.request('POST', room.path, { token: await createSession(walk.client), json: {} })
  })
  const told = messages.filter(({ event }) => event === 'queue').map(({ data }) => data)
  const faults = told.flatMap((data) => walk.contract.valueFaults('Queue', data))
  walk.report.check('the status on the stream, as declared', told.length >= 2 && faults.length === 0, faults.join('; '))
  walk.report.check('a visitor who came is told', told.at(-1).count === 1, JSON.stringify(told.at(-1)))
}

export async function queues(walk, provider, listen) {
  await without(walk)
  await lobby(walk, provider)
  await priority(walk)
  await challenges(walk)
  await safetyNet(walk)
  await netBeforeLobby(walk)
  await pausedTwice(walk)
  await nothingFree(walk)
  await disposable(walk)
  await told(walk, listen)
}
