// The rush: many buyers, few seats, one moment. Every buyer has a connection and a session of its
// own. Those who get a seat pay with a test card at the sandbox provider and fetch their ticket,
// which a gate that shares no code with the program then checks. Afterwards the books must agree:
// the buyers' own account of what they got, the box office's, and the payment provider's.
//
//   tests/e2e/rush [buyers = 10000] [seats = 500]
//
// Times are printed; the bounds asserted are for liveness only, since the machine that runs this
// may be busy with other things.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client, Lost } from './lib/client.mjs'
import { confirmPayment, createEvent, createSession, gridGuids, gridPlan, seatStates, watchOrder } from './lib/house.mjs'
import { runReport } from './lib/report.mjs'
import { Server, adminToken } from './lib/server.mjs'
import { readKeys, verifyTicket } from './lib/ticket.mjs'

const buyerCount = Number(process.argv[2] ?? 10_000)
const seatCount = Number(process.argv[3] ?? 500)
const columns = 25
const rows = Math.ceil(seatCount / columns)
const guids = gridGuids(rows, columns).slice(0, seatCount)
const firstTries = 3 // most people give up after as many; one in five goes on until all is gone
const livenessMs = 120_000
const api = '/api/v1'

const pick = (list) => list[Math.floor(Math.random() * list.length)]
const seconds = (ms) => (ms / 1000).toFixed(2)

/** One request that is sent again, under the same key, while the house says "later" or is cut off. */
async function insist(buyer, method, path, options) {
  for (let attempt = 0; ; attempt++) {
    const began = performance.now()
    let answer
    try {
      answer = await buyer.client.request(method, path, { token: buyer.token, ...options })
    } catch (error) {
      if (!(error instanceof Lost) || attempt >= 20) throw error
      buyer.lost++
      await sleep(50 + Math.random() * 200)
      continue
    }
    buyer.last = answer
    if (answer.status !== 429 && answer.status !== 503) {
      buyer.latencies.push(performance.now() - began)
      return answer
    }
    buyer.putOff++
    if (attempt >= 60) return answer
    await sleep(Number(answer.headers['retry-after'] ?? 1) * 1000 + Math.random() * 250)
  }
}

/** Tries for one seat; true when the buyer holds one. */
async function rushForSeat(buyer, event) {
  const stubborn = buyer.number % 5 === 0
  let seat = pick(guids)
  for (let tries = 1; ; tries++) {
    const answer = await insist(buyer, 'POST', `${api}/events/${event}/holds`, {
      key: randomUUID(),
      json: { seats: [seat] },
    })
    buyer.verdict = { status: answer.status, code: answer.status === 201 ? 'held' : answer.json?.code }
    if (answer.status === 201) {
      buyer.hold = answer.json
      return true
    }
    if (answer.status !== 409 || (!stubborn && tries >= firstTries)) return false
    const seen = await insist(buyer, 'GET', `${api}/events/${event}/availability`, {})
    const states = seatStates(seen.json, seatCount)
    const free = guids.filter((_, i) => states[i] === 0)
    if (free.length === 0) return false
    seat = pick(free)
  }
}

/** From a hold to a ticket in the hand. */
async function pay(buyer, event, server, keys) {
  const placed = await insist(buyer, 'POST', `${api}/events/${event}/orders`, {
    key: randomUUID(),
    json: { hold_id: buyer.hold.id, email: `buyer${buyer.number}@example.org`, name: `Buyer ${buyer.number}` },
  })
  if (placed.status !== 201) return `order: ${placed.status} ${placed.text}`
  let order = placed.json
  buyer.order = order.id
  if (!order.payment?.intent_id) {
    order = await watchOrder(buyer.client, buyer.token, event, order.id, (o) => o.payment?.intent_id)
    if (!order) return 'order: no payment intent'
  }
  const provider = new Client(server.port + 1)
  try {
    // one in ten has a card that is declined first, and keeps the seat
    if (buyer.number % 10 === 3) {
      await confirmPayment(provider, order.payment, 'pm_card_chargeDeclined')
      const declined = await watchOrder(buyer.client, buyer.token, event, order.id, (o) => o.payment?.last_error)
      if (declined?.state !== 'pending') return `declined card: ${declined?.state ?? 'not noticed'}`
      buyer.declined = true
    }
    // everybody with the same test card: in a sandbox it is nobody's in particular, and not limited
    const confirmed = await confirmPayment(provider, order.payment, 'pm_card_visa')
    if (confirmed.status !== 200) return `confirm: ${confirmed.status} ${confirmed.text}`
  } finally {
    provider.close()
  }
  const paid = await watchOrder(buyer.client, buyer.token, event, order.id, (o) => o.state === 'paid', {
    patienceMs: livenessMs,
  })
  if (!paid) return `order ${order.id} was not paid`
  buyer.paidAt = performance.now()
  buyer.seats = paid.tickets.map((ticket) => ticket.seat)
  for (const { id } of paid.tickets) {
    const ticket = await insist(buyer, 'GET', `${api}/tickets/${id}`, {})
    if (ticket.status !== 200) return `ticket: ${ticket.status} ${ticket.text}`
    const says = verifyTicket(ticket.json.token, keys.map)
    if (!says) return `ticket ${id} does not verify`
    if (keys.event !== undefined && says.event !== keys.event) return `ticket ${id} is of another event`
    if (guids[says.ordinal] !== ticket.json.seat) return `ticket ${id} says seat ${says.ordinal}, not ${ticket.json.seat}`
    buyer.tokens.push(ticket.json.token)
  }
  return null
}

async function pool(items, width, work) {
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < items.length) await work(items[next++])
    }),
  )
}

function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

async function bookOf(server) {
  const provider = new Client(server.port + 1)
  const answer = await provider.request('GET', '/sandbox/books')
  provider.close()
  return answer.json.intents
}

async function rush(report, server) {
  const desk = new Client(server.port)
  const event = await createEvent(desk, {
    plan: gridPlan(rows, columns),
    blocked: gridGuids(rows, columns).slice(seatCount),
    limits: { per_buyer: 4, per_hold: 4 },
  })
  const keyAnswer = (await desk.request('GET', `${api}/events/${event}/keys`)).json
  const keys = { map: readKeys(keyAnswer), event: keyAnswer.event }

  const buyers = Array.from({ length: buyerCount }, (_, number) => ({
    number,
    client: new Client(server.port, { timeoutMs: livenessMs }),
    latencies: [],
    tokens: [],
    seats: [],
    lost: 0,
    putOff: 0,
    verdict: null,
    last: null,
  }))

  let began = performance.now()
  await pool(buyers, 256, async (buyer) => (buyer.token = await createSession(buyer.client)))
  console.log(`${buyerCount} sessions, each on its own connection: ${seconds(performance.now() - began)} s`)
  report.check(
    'every buyer has a session of their own',
    new Set(buyers.map((buyer) => buyer.token)).size === buyerCount,
  )

  began = performance.now()
  await Promise.all(
    buyers.map(async (buyer) => {
      buyer.won = await rushForSeat(buyer, event)
      buyer.decidedAt = performance.now()
      if (!buyer.won) return buyer.client.close()
      buyer.trouble = await pay(buyer, event, server, keys)
      buyer.client.close()
    }),
  )
  const winners = buyers.filter((buyer) => buyer.won)
  const losers = buyers.filter((buyer) => !buyer.won)
  const decided = Math.max(...buyers.map((buyer) => buyer.decidedAt)) - began
  const paid = Math.max(...winners.map((buyer) => buyer.paidAt ?? 0)) - began
  const latencies = Float64Array.from(buyers.flatMap((buyer) => buyer.latencies)).sort()
  console.log(
    `${latencies.length} answers, p50 ${percentile(latencies, 0.5).toFixed(0)} ms, ` +
      `p99 ${percentile(latencies, 0.99).toFixed(0)} ms; put off ${buyers.reduce((n, b) => n + b.putOff, 0)}, ` +
      `lost ${buyers.reduce((n, b) => n + b.lost, 0)}`,
  )
  report.check('everyone knew whether they had a seat in good time', decided < livenessMs, `after ${seconds(decided)} s`)
  report.check('everyone who had one paid in good time', paid > 0 && paid < livenessMs, `after ${seconds(paid)} s`)

  const troubles = winners.filter((buyer) => buyer.trouble)
  report.check(
    `${seatCount} buyers have a paid order and a ticket that verifies`,
    winners.length === seatCount && troubles.length === 0,
    `${winners.length} won` + (troubles.length ? `; ${troubles.length} in trouble, first: ${troubles[0].trouble}` : ''),
  )
  const seats = winners.flatMap((buyer) => buyer.seats)
  report.check(
    'no seat was sold twice, by the buyers’ own account',
    seats.length === seatCount && new Set(seats).size === seatCount,
    `${seats.length} sold, ${seats.length - new Set(seats).size} twice`,
  )
  report.check('no two tickets carry one token', new Set(winners.flatMap((b) => b.tokens)).size === seatCount)
  report.check(
    'each got the seat they held',
    winners.every((buyer) => buyer.seats.length === 1 && buyer.seats[0] === buyer.hold.items[0].seat),
  )
  report.check(
    'declined cards kept their seats and paid with another',
    winners.filter((buyer) => buyer.number % 10 === 3).every((buyer) => buyer.declined),
    `${winners.filter((buyer) => buyer.declined).length} cards were declined first`,
  )

  const told = losers.filter((buyer) => buyer.verdict?.status === 409 && buyer.verdict.code === 'seat_unavailable')
  const others = new Map()
  for (const { verdict } of losers) {
    const name = verdict ? `${verdict.status} ${verdict.code}` : 'no answer'
    others.set(name, (others.get(name) ?? 0) + 1)
  }
  report.check(
    'the others were told that the seat is taken',
    told.length >= Math.min(buyerCount * 0.9, buyerCount - seatCount),
    [...others].map(([name, count]) => `${count} x ${name}`).join(', '),
  )
  report.check('nobody was left with nothing but "too many requests"', !losers.some((b) => b.verdict?.status === 429))
  report.check('no answer was a server error', !buyers.some((buyer) => buyer.verdict?.status >= 500))

  const summary = (await desk.request('GET', `${api}/organiser/events/${event}/summary`, { token: adminToken })).json
  report.check(
    'the box office’s own count agrees',
    summary.total.sold === seatCount && summary.total.held === 0 && summary.total.available === 0,
    JSON.stringify({ sold: summary.total.sold, held: summary.total.held, available: summary.total.available }),
  )
  report.check(
    'the ledger adds up to zero',
    Object.values(summary.ledger).reduce((sum, money) => sum + money.amount, 0) === 0,
  )
  const states = await settledStates(desk, event)
  report.check('the map shows every seat as sold', states.every((state) => state === 2))

  const book = (await bookOf(server)).filter((intent) => intent.amount_captured > 0)
  const price = winners[0]?.hold.total.amount
  report.check(
    'the payment provider captured each order once, and nothing else',
    book.length === seatCount &&
      book.every((intent) => intent.amount_captured === price && intent.amount_refunded === 0) &&
      new Set(book.map((intent) => intent.metadata.order_id)).size === seatCount,
    `${book.length} captured`,
  )
  desk.close()
}

/** The public picture follows the box office within a moment: waits for it, at most 5 s. */
async function settledStates(desk, event) {
  for (let look = 0; ; look++) {
    const states = seatStates((await desk.request('GET', `${api}/events/${event}/availability`)).json, seatCount)
    if (states.every((state) => state === 2) || look === 50) return states
    await sleep(100)
  }
}

await runReport(async (report) => {
  const server = await Server.create({ name: 'rush' })
  try {
    await server.start()
    await rush(report, server)
    const { code } = await server.stop()
    report.check('the server ended in order', code === 0, `exit status ${code}`)
  } finally {
    await server.stop()
    server.remove(report.failed > 0)
  }
})
