// kill -9 under load. Workers hold, release, order, cancel and pay; a killer ends the server without
// warning, sometimes again while it recovers, and starts it on the same data. What a worker was told
// is remembered; a request whose answer was lost is sent again under its own key until it is
// answered. After every restart the workers stop between two requests, and then the house must say
// exactly what they remember: nothing lost, nothing doubled, no second of a hold's time missing.
//
//   tests/e2e/kill [kills = 100]

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client, Lost } from './lib/client.mjs'
import { Findings, Gate, Lifetimes } from './lib/crash.mjs'
import { confirmPayment, createEvent, createSession, gridGuids, gridPlan, seatStates } from './lib/house.mjs'
import { runReport } from './lib/report.mjs'
import { Server, adminToken, runOnsale } from './lib/server.mjs'
import { readKeys, verifyTicket } from './lib/ticket.mjs'

const kills = Number(process.argv[2] ?? 100)
const workerCount = 24
const rows = 160
const columns = 100
const floorPlaces = 20_000
const toleranceMs = 1500
const keptHolds = 40 // held through the whole run, for their clocks
const settleMs = 60_000
const api = '/api/v1'

const guids = gridGuids(rows, columns)
const chance = (share) => Math.random() < share
const randomInt = (from, to) => from + Math.floor(Math.random() * (to - from + 1))

class House {
  constructor(server, findings) {
    this.server = server
    this.findings = findings
    this.lifetimes = new Lifetimes()
    this.gate = new Gate()
    this.stopping = false
    this.holds = new Map() // id -> what was told, while it lives
    this.seats = new Map() // guid -> the hold or order that has it
    this.orders = new Map() // id -> what was told
    this.counts = { answers: 0, lost: 0, holds: 0, refused: 0, released: 0, cancelled: 0, paid: 0, repeated: 0 }
    this.worstMs = 0 // off the expected time after one restart
    this.gainedMs = 0 // given to a hold too much by all restarts together
  }

  /** Sends until answered; a lost answer means the same request again. */
  async ask(worker, method, path, options = {}) {
    for (let attempt = 0; ; attempt++) {
      let answer = null
      try {
        answer = await worker.client.request(method, path, { token: worker.token, ...options })
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        this.counts.lost++
      }
      if (answer && answer.status !== 503 && answer.status !== 429) {
        this.counts.answers++
        if (answer.status >= 500) this.findings.add('error', `${method} ${path}: ${answer.status} ${answer.text}`)
        return answer
      }
      if (this.server.crashed) throw new Error(this.server.crashed)
      if (attempt > 4000) throw new Error(`${method} ${path} is not answered: ${answer?.status ?? 'lost'}`)
      await sleep(5 + Math.random() * 20)
    }
  }

  // ---- what is remembered ----

  remember(worker, request, hold, at) {
    const told = {
      id: hold.id,
      token: worker.token,
      request,
      items: hold.items.map((item) => item.seat ?? `area ${item.area}`),
      remainingMs: hold.expires_in_ms,
      at,
      first: { remainingMs: hold.expires_in_ms, at },
      state: 'held',
    }
    this.counts.holds++
    this.holds.set(told.id, told)
    for (const seat of told.items) {
      if (seat.startsWith('area ')) continue
      const other = this.seats.get(seat)
      // one that is being released or cancelled may have been given on before its answer was read
      if (other && other.state !== 'leaving') this.findings.add('doubled', `${seat} by ${told.id} and ${other.id}`)
      this.seats.set(seat, told)
    }
    return told
  }

  forget(told) {
    this.holds.delete(told.id)
    for (const seat of told.items) if (this.seats.get(seat) === told) this.seats.delete(seat)
  }

  // ---- what workers do ----

  async hold(worker, wish) {
    const request = { key: randomUUID(), json: wish }
    const answer = await this.ask(worker, 'POST', `${api}/events/${this.event}/holds`, request)
    const at = performance.now()
    if (answer.status === 201) return this.remember(worker, request, answer.json, at)
    this.counts.refused++
    const code = answer.json?.code
    if (!['seat_unavailable', 'not_enough_available', 'no_adjacent_seats'].includes(code)) {
      this.findings.add('unexpected', `hold: ${answer.status} ${answer.text}`)
    }
    return null
  }

  async release(worker, told) {
    told.state = 'leaving'
    const answer = await this.ask(worker, 'DELETE', `${api}/events/${this.event}/holds/${told.id}`)
    if (answer.status !== 204) this.findings.add('unexpected', `release: ${answer.status} ${answer.text}`)
    this.forget(told)
    this.counts.released++
  }

  async order(worker, told) {
    const request = { key: randomUUID(), json: { hold_id: told.id, email: `${randomUUID()}@example.org` } }
    const answer = await this.ask(worker, 'POST', `${api}/events/${this.event}/orders`, request)
    if (answer.status !== 201) {
      this.findings.add('unexpected', `order of a live hold: ${answer.status} ${answer.text}`)
      return null
    }
    const order = { id: answer.json.id, token: worker.token, request, items: told.items, state: 'pending' }
    told.order = order
    this.orders.set(order.id, order)
    return order
  }

  look(worker, order) {
    return this.ask(worker, 'GET', `${api}/events/${this.event}/orders/${order.id}`)
  }

  async cancel(worker, told, order) {
    told.state = 'leaving'
    const answer = await this.ask(worker, 'POST', `${api}/events/${this.event}/orders/${order.id}/cancel`, {
      key: randomUUID(),
    })
    if (answer.status !== 200 || answer.json.state !== 'cancelled') {
      this.findings.add('unexpected', `cancel: ${answer.status} ${answer.text}`)
    }
    order.state = 'cancelled'
    this.forget(told)
    this.counts.cancelled++
  }

  async pay(worker, told, order) {
    for (let looks = 0; !worker.stuck; looks++) {
      const { json } = await this.look(worker, order)
      if (json?.state === 'paid') return this.paid(told, order, json)
      if (looks > settleMs / 50) break
      if (json?.state === 'pending' && json.payment?.intent_id && looks % 20 === 0) {
        // asked again when nothing came of it: the provider dies with the server here
        await confirmPayment(worker.provider, json.payment).catch(() => null)
      } else {
        await sleep(25 + Math.random() * 50)
      }
    }
    this.findings.add('unpaid', `order ${order.id} was confirmed and did not become paid`)
    worker.stuck = true
  }

  paid(told, order, json) {
    order.state = 'paid'
    order.tickets = json.tickets.map((ticket) => ticket.id).sort()
    order.seats = json.tickets.map((ticket) => ticket.seat ?? `area ${ticket.area}`).sort()
    if (order.seats.join() !== [...told.items].sort().join()) {
      this.findings.add('lost', `order ${order.id} holds ${told.items} and gave ${order.seats}`)
    }
    this.holds.delete(told.id)
    for (const seat of told.items) if (this.seats.get(seat) === told) this.seats.set(seat, order)
    this.counts.paid++
  }

  /** A wish that is likely to meet others': a few seats of a window that moves with the sale. */
  wish() {
    const roll = Math.random()
    if (roll < 0.1) return { best: { quantity: randomInt(1, 4) } }
    if (roll < 0.2) return { areas: [{ id: 'floor', quantity: randomInt(1, 3) }] }
    while (this.window < guids.length - 200 && this.seats.get(guids[this.window])?.state === 'paid') this.window++
    const seats = new Set()
    const count = randomInt(1, 4)
    while (seats.size < count) seats.add(guids[this.window + randomInt(0, 150)])
    return { seats: [...seats] }
  }

  async flow(worker) {
    const told = await this.hold(worker, this.wish())
    if (!told) return
    await this.gate.pass()
    const roll = Math.random()
    if (roll < 0.45) return this.release(worker, told)
    const order = await this.order(worker, told)
    if (!order) return
    await this.gate.pass()
    if (roll < 0.6) return this.cancel(worker, told, order)
    return this.pay(worker, told, order)
  }

  async work(number) {
    const worker = { client: new Client(this.server.port), provider: new Client(this.server.port + 1), number }
    this.gate.enter()
    try {
      for (let flows = 0; !this.stopping; flows++) {
        await this.gate.pass()
        if (this.stopping) break
        if (flows % 10 === 0 || worker.stuck) {
          worker.token = undefined
          worker.stuck = false
          worker.token = (await this.ask(worker, 'POST', `${api}/sessions`)).json.token
        }
        await this.flow(worker)
      }
    } finally {
      worker.client.close()
      worker.provider.close()
      this.gate.leave()
    }
  }

  // ---- what must be true after a restart ----

  async compare({ thorough = false } = {}) {
    const desk = { client: new Client(this.server.port) }
    for (const told of this.holds.values()) await this.compareHold(desk, told)
    await this.compareSeats(desk)
    const orders = [...this.orders.values()]
    const chosen = thorough ? orders : orders.slice(-150).concat(orders.filter(() => chance(30 / orders.length)))
    for (const order of chosen) await this.compareOrder(desk, order)
    desk.client.close()
  }

  async compareHold(desk, told) {
    desk.token = told.token
    const asked = performance.now()
    const answer = await this.ask(desk, 'GET', `${api}/events/${this.event}/holds/${told.id}`)
    const now = performance.now()
    if (answer.status !== 200) return this.findings.add('lost', `hold ${told.id}: ${answer.status} ${answer.text}`)
    const items = answer.json.items.map((item) => item.seat ?? `area ${item.area}`)
    if ([...items].sort().join() !== [...told.items].sort().join()) {
      this.findings.add('lost', `hold ${told.id} had ${told.items} and has ${items}`)
    }
    if (told.order) return // its time was extended by the order
    const { least } = this.lifetimes.between(told.at, asked)
    const { most } = this.lifetimes.between(told.at, now)
    const longest = told.remainingMs - least
    const shortest = told.remainingMs - most
    const remaining = answer.json.expires_in_ms
    const off = Math.max(0, remaining - longest, shortest - remaining)
    this.worstMs = Math.max(this.worstMs, off)
    if (off > toleranceMs) {
      this.findings.add('time', `hold ${told.id}: ${remaining} ms left, ${shortest.toFixed()} to ${longest.toFixed()} expected`)
    }
    // all restarts together must not have taken time away either; a look at a new life may come late
    const all = told.first.remainingMs - this.lifetimes.between(told.first.at, now).least
    if (remaining < all - toleranceMs - 50 * this.lifetimes.count) this.findings.add('time', `hold ${told.id}: ${(all - remaining).toFixed()} ms were lost bit by bit`)
    this.gainedMs = remaining - (told.first.remainingMs - this.lifetimes.between(told.first.at, asked).least)
    // from here on it counts from what was told now, so that each restart is judged by itself
    told.remainingMs = remaining
    told.at = now
    if (chance(0.2)) await this.repeat(desk, told)
  }

  /** An acknowledged request sent once more has the same answer and no second effect. */
  async repeat(desk, told) {
    const again = await this.ask(desk, 'POST', `${api}/events/${this.event}/holds`, told.request)
    this.counts.repeated++
    if (again.status !== 201 || again.json.id !== told.id) {
      this.findings.add('repeat', `hold ${told.id} asked for again: ${again.status} ${again.text.slice(0, 200)}`)
    }
  }

  async compareSeats(desk) {
    let wrong = []
    // the public picture follows within a moment
    for (let look = 0; look < 40; look++) {
      const { json } = await this.ask(desk, 'GET', `${api}/events/${this.event}/availability`)
      const states = seatStates(json, guids.length)
      wrong = []
      guids.forEach((guid, i) => {
        const owner = this.seats.get(guid)
        const expected = !owner ? 0 : owner.state === 'paid' ? 2 : 1
        if (states[i] !== expected) wrong.push({ guid, is: states[i], expected, owner })
      })
      const taken = [...this.holds.values(), ...[...this.orders.values()].filter((order) => order.state === 'paid')]
        .flatMap((owner) => owner.items)
        .filter((item) => item.startsWith('area ')).length
      const left = json.areas[0].available
      if (left !== floorPlaces - taken) wrong.push({ guid: 'floor', is: left, expected: floorPlaces - taken })
      if (wrong.length === 0) return
      await sleep(50)
    }
    for (const { guid, is, expected, owner } of wrong) {
      this.findings.add(
        expected > is ? 'lost' : 'doubled',
        `${guid} is ${is}, was told ${expected}${owner ? ` (${owner.id}, ${owner.state})` : ''}`,
      )
    }
  }

  async compareOrder(desk, order) {
    desk.token = order.token
    const { status, json, text } = await this.look(desk, order)
    if (status !== 200 || json.state !== order.state) {
      return this.findings.add('lost', `order ${order.id} was ${order.state}: ${status} ${text.slice(0, 200)}`)
    }
    if (order.state === 'paid' && json.tickets.map((t) => t.id).sort().join() !== order.tickets.join()) {
      this.findings.add('lost', `tickets of order ${order.id}`)
    }
    if (chance(0.05)) {
      const again = await this.ask(desk, 'POST', `${api}/events/${this.event}/orders`, order.request)
      this.counts.repeated++
      if (again.status !== 201 || again.json.id !== order.id) {
        this.findings.add('repeat', `order ${order.id} asked for again: ${again.status} ${again.text.slice(0, 200)}`)
      }
    }
  }
}

/** Holds of a few seconds: they must not die before their time, nor live after it. */
class ShortHolds {
  constructor(house) {
    this.house = house
    this.seconds = 6
    this.list = []
    this.next = 0
    this.expired = 0
  }

  async add(desk) {
    desk.token = undefined
    desk.token = (await this.house.ask(desk, 'POST', `${api}/sessions`)).json.token
    const seat = `R${1 + Math.floor(this.next / 20)}-${1 + (this.next % 20)}`
    this.next = (this.next + 1) % 400
    const answer = await this.house.ask(desk, 'POST', `${api}/events/${this.event}/holds`, {
      key: randomUUID(),
      json: { seats: [seat] },
    })
    if (answer.status === 201) {
      this.list.push({ id: answer.json.id, token: desk.token, remainingMs: answer.json.expires_in_ms, at: performance.now() })
    }
  }

  async compare(desk) {
    for (const told of this.list.splice(0)) {
      desk.token = told.token
      const asked = performance.now()
      const { status } = await this.house.ask(desk, 'GET', `${api}/events/${this.event}/holds/${told.id}`)
      const { least } = this.house.lifetimes.between(told.at, asked)
      const { most } = this.house.lifetimes.between(told.at, performance.now())
      const lives = status === 200
      if (!lives && most < told.remainingMs - toleranceMs) {
        this.house.findings.add('time', `a hold of ${this.seconds} s was gone after ${most.toFixed()} ms`)
      }
      if (lives && least > told.remainingMs + toleranceMs) {
        this.house.findings.add('time', `a hold of ${this.seconds} s lived for ${least.toFixed()} ms`)
      }
      if (lives) this.list.push(told)
      else this.expired++
    }
  }
}

async function restart(house) {
  const { server, lifetimes } = house
  for (;;) {
    lifetimes.begin(performance.now())
    server.spawn()
    if (!chance(0.2) || house.killsLeft === 0) break
    // and once more, while it recovers
    await sleep(randomInt(1, 80))
    await server.kill()
    lifetimes.end(performance.now())
    house.killsLeft--
  }
  const took = await server.ready()
  lifetimes.ready(performance.now())
  return took
}

async function killOne(house, round) {
  await sleep(randomInt(40, 900))
  const quiet = house.gate.close()
  await house.server.kill()
  house.lifetimes.end(performance.now())
  house.killsLeft--
  // an outage that would be noticed if it were taken off the holds
  if (round % 5 === 2) await sleep(2 * toleranceMs)
  const took = await restart(house)
  await quiet
  return took
}

/** The main loop: load, kill, restart, compare. Resolves with the slowest start in ms. */
async function killAll(house, desk, short) {
  let slowest = 0
  for (let round = 1; house.killsLeft > 0; round++) {
    await short.add(desk)
    slowest = Math.max(slowest, await killOne(house, round))
    await house.compare()
    await short.compare(desk)
    house.gate.open()
    if (round % 10 === 0) console.log(`  ${kills - house.killsLeft} kills, ${house.counts.paid} orders paid`)
  }
  const quiet = house.gate.close()
  house.stopping = true
  await quiet
  house.gate.open()
  return slowest
}

async function setUp(house) {
  const desk = { client: new Client(house.server.port) }
  house.event = await createEvent(desk.client, {
    plan: gridPlan(rows, columns),
    areas: [{ id: 'floor', name: 'Floor', capacity: floorPlaces, price_category: 'Floor' }],
    price_categories: [
      { name: 'Stalls', price: 4500, fee: 350 },
      { name: 'Floor', price: 2900, fee: 250 },
    ],
    limits: { per_buyer: 1000, per_hold: 8 },
    hold_seconds: 3600,
    pay_seconds: 3600,
  })
  house.window = 0
  const short = new ShortHolds(house)
  short.event = await createEvent(desk.client, { plan: gridPlan(20, 20), hold_seconds: short.seconds })
  // holds that nobody touches: seats from the far end of the hall
  for (let i = 0; i < keptHolds; i++) {
    const keeper = { client: desk.client, token: await createSession(desk.client) }
    await house.hold(keeper, { seats: [guids.at(-1 - 2 * i), guids.at(-2 - 2 * i)] })
  }
  return { desk, short }
}

async function finish(house, report) {
  // the crash's own data, untouched by an orderly end
  await house.server.kill()
  house.lifetimes.end(performance.now())
  const crashed = await runOnsale(['journal', 'verify', '--data', house.server.data])
  report.check('the journal verifies as the last crash left it', crashed.code === 0, crashed.output.trim().replaceAll('\n', '; '))
  house.killsLeft = 0
  await restart(house)
  await house.compare({ thorough: true })
  await compareBooks(house)
  await compareTickets(house)
  const { code } = await house.server.stop()
  report.check('the server ends in order', code === 0, `exit status ${code}`)
  const ended = await runOnsale(['journal', 'verify', '--data', house.server.data])
  report.check('the journal verifies after an orderly end', ended.code === 0, ended.output.trim().replaceAll('\n', '; '))
}

async function compareBooks(house) {
  const provider = new Client(house.server.port + 1)
  const { intents } = (await provider.request('GET', '/sandbox/books')).json
  provider.close()
  const captured = intents.filter((intent) => intent.amount_captured > 0)
  const byOrder = new Set(captured.map((intent) => intent.metadata.order_id))
  const paid = [...house.orders.values()].filter((order) => order.state === 'paid')
  if (byOrder.size !== captured.length) house.findings.add('doubled', 'an order was captured twice')
  for (const order of paid) if (!byOrder.has(order.id)) house.findings.add('lost', `${order.id} is paid and not captured`)
  if (captured.length > paid.length) {
    house.findings.add('doubled', `${captured.length} intents captured for ${paid.length} paid orders`)
  }
  const desk = new Client(house.server.port)
  const summary = await desk.request('GET', `${api}/organiser/events/${house.event}/summary`, { token: adminToken })
  desk.close()
  const sold = paid.flatMap((order) => order.items).length
  if (summary.json.total.sold !== sold) house.findings.add('lost', `${summary.json.total.sold} sold, ${sold} told`)
  const sum = Object.values(summary.json.ledger).reduce((total, money) => total + money.amount, 0)
  if (sum !== 0) house.findings.add('doubled', `the ledger adds up to ${sum}`)
}

async function compareTickets(house) {
  const client = new Client(house.server.port)
  const keys = readKeys((await client.request('GET', `${api}/events/${house.event}/keys`)).json)
  const orders = [...house.orders.values()].filter((order) => order.state === 'paid')
  for (const order of orders.slice(0, 60)) {
    for (const id of order.tickets) {
      const ticket = await client.request('GET', `${api}/tickets/${id}`, { token: order.token })
      if (ticket.status !== 200 || !verifyTicket(ticket.json.token, keys)) house.findings.add('lost', `ticket ${id}`)
    }
  }
  client.close()
}

await runReport(async (report) => {
  const findings = new Findings()
  // workers send as fast as they can: the limits for people are another test's matter
  const server = await Server.create({ name: 'kill', env: { ONSALE_LIMIT_SESSION_PER_SECOND: '0' } })
  try {
    const house = new House(server, findings)
    house.killsLeft = kills
    house.lifetimes.begin(performance.now())
    await server.start()
    house.lifetimes.ready(performance.now())
    const { desk, short } = await setUp(house)
    const workers = Promise.all(Array.from({ length: workerCount }, (_, number) => house.work(number)))
    // a worker that cannot go on ends the whole run
    const slowest = await Promise.race([killAll(house, desk, short), workers.then(() => 0)])
    await workers
    desk.client.close()
    await finish(house, report)

    const { counts } = house
    console.log(
      `${kills} kills; ${counts.answers} answers, ${counts.lost} lost; ${counts.holds} holds, ${counts.refused} refused, ` +
        `${counts.released} released, ${counts.cancelled} cancelled, ${counts.paid} orders paid; slowest start ${slowest.toFixed(0)} ms`,
    )
    findings.report(report, 'lost', 'nothing that was acknowledged is lost')
    findings.report(report, 'doubled', 'nothing is doubled')
    findings.report(
      report,
      'time',
      'no second of a hold is lost or won',
      `at most ${house.worstMs.toFixed(0)} ms off after a restart, ${house.gainedMs.toFixed(0)} ms after all of them; ` +
        `${short.expired} short holds ran out when they had to`,
    )
    findings.report(report, 'repeat', 'a repeated request has one effect', `${counts.repeated} repeated`)
    findings.report(report, 'unpaid', 'payments go on after a crash at any step', `${counts.paid} paid`)
    findings.report(report, 'error', 'no answer is a server error')
    findings.report(report, 'unexpected', 'no refusal without a reason')
    report.check('there was load when it was killed', counts.lost >= kills && counts.paid > 0, `${counts.lost} answers lost`)
  } finally {
    await server.stop()
    server.remove(report.failed > 0)
  }
})
