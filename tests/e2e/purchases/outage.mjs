// The provider is away for a while. Alone: who comes to pay is told when to come back, with the seats kept once
// longer, and what is owed waits without growing. With a second provider: new orders go there, and no order ever
// to both. The server is killed meanwhile. In the end all drains, and the judge looks.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from '../lib/client.mjs'
import { ownCard, confirmPayment } from '../lib/house.mjs'
import { Buyer } from './buyer.mjs'
import { drain, metric } from './drain.mjs'
import { Judge, judgeJournal } from './judge.mjs'
import { api, openEvents } from './shop.mjs'

const perSecond = 8
const width = 80 // at once: an order may wait 8 s for its payment
const beforehand = 24

/** Somebody who comes while the provider is away. */
class Visitor {
  constructor(shop, seen) {
    this.shop = shop
    this.seen = seen
    this.event = shop.events[0]
    this.client = new Client(shop.server.port)
  }

  ask(method, path, options) {
    return this.shop.ask(this, method, `${api}/events/${this.event.id}${path}`, options)
  }

  async come() {
    this.token = (await this.shop.ask(this, 'POST', `${api}/sessions`)).json.token
    const hold = await this.ask('POST', '/holds', { key: randomUUID(), json: { best: { category: 'Stalls', quantity: 1 } } })
    if (hold.status !== 201) return this.client.close()
    const refused = []
    for (let tries = 0; tries < 3 && !this.shop.isOver; tries++) {
      const answer = await this.ask('POST', '/orders', { key: randomUUID(), json: { hold_id: hold.json.id, email: `${randomUUID()}@example.org` } })
      this.seen.asked++
      if (answer.status === 201) {
        await this.placed(answer.json)
        break
      }
      if (answer.status !== 503) {
        this.shop.findings.add('unexpected', `order: ${answer.status} ${answer.text}`)
        break
      }
      refused.push(answer.json)
      this.seen.refused++
      await this.refused(hold.json, refused, answer)
    }
    // who is not served leaves, and the seats go to somebody else
    await this.ask('DELETE', `/holds/${hold.json.id}`)
    this.client.close()
  }

  async placed(order) {
    this.shop.orders.set(order.id, { id: order.id, event: this.event, token: this.token, told: order, promo: null, ways: ['card'] })
    this.seen.placed.push(order)
    if (!order.payment.intent_id) return
    const at = this.shop.bankOf(order.payment)
    const bank = new Client(at.port)
    await confirmPayment(bank, order.payment, ownCard()).catch(() => null)
    bank.close()
    this.seen.startedAt.set(at.name, (this.seen.startedAt.get(at.name) ?? 0) + 1)
  }

  async refused(hold, refused, answer) {
    const seconds = Number(answer.headers['retry-after'])
    const blame = (what) => this.shop.findings.add('unavailable', `${what}: ${answer.text}`)
    if (!(seconds >= 1)) blame('no Retry-After')
    if (answer.json.code !== 'payment_unavailable') blame('another code')
    const now = await this.ask('GET', `/holds/${hold.id}`)
    if (now.status !== 200 || !now.json.extended) return blame(`the hold was not extended: ${now.text}`)
    const gained = Date.parse(now.json.expires_at) - Date.parse(hold.expires_at)
    if (gained < 60_000) blame(`the hold gained ${gained} ms`)
    // an outage of the server is given back to holds; a second extension would be minutes
    if (gained > 700_000 || Math.abs(Date.parse(now.json.expires_at) - Date.parse(refused[0].expires_at)) > 30_000) blame('extended twice')
    await sleep(200)
  }
}

/** They come one by one, whether or not those before were served. */
async function visit(shop, seen) {
  const here = new Set()
  while (!shop.isOver) {
    if (here.size < width) {
      const visit = new Visitor(shop, seen).come().finally(() => here.delete(visit))
      here.add(visit)
    }
    await sleep(1000 / perSecond)
  }
  await Promise.all(here)
}

/** While it lasts: the server is killed, and what is owed is looked at. */
async function last(shop, desk, seconds) {
  let owed = 0
  let kills = 0
  const until = performance.now() + seconds * 1000
  for (let second = 1; performance.now() < until; second++) {
    await sleep(1000)
    owed = Math.max(owed, (await metric(shop, desk, 'payment_calls_owed')) ?? 0)
    if (second % Math.ceil(seconds / (seconds > 100 ? 10 : 2)) !== 1) continue
    await shop.server.kill()
    kills++
    await shop.server.start()
  }
  return { owed, kills }
}

async function untilServed(shop, seen) {
  const before = seen.startedAt.get(shop.banks[0].name) ?? 0
  for (const began = performance.now(); performance.now() - began < 90_000; await sleep(100)) {
    if ((seen.startedAt.get(shop.banks[0].name) ?? 0) > before) return (performance.now() - began) / 1000
  }
  return null
}

export async function tryOutage(report, shop, desk, { seconds, seed }) {
  const [bank, second] = shop.banks
  await openEvents(shop, desk, 1000)
  for (const one of shop.banks) await one.insist('POST', '/sandbox/settings', { processing_ms: 1500, refund_ms: 500, dispute_ms: 500, payout_ms: 500 })
  const seen = { asked: 0, refused: 0, placed: [], startedAt: new Map() }
  // some are in the middle of their payment when it goes
  const early = Promise.all(Array.from({ length: beforehand }, (_, number) => new Buyer(shop, number, seed).buy()))
  await sleep(600)
  await bank.kill()
  await sleep(200)
  const visitors = visit(shop, seen)
  const { owed, kills } = await last(shop, desk, seconds)
  const placed = seen.placed.length
  const elsewhere = second ? (seen.startedAt.get(second.name) ?? 0) : 0
  await bank.start()
  const servedAfter = await untilServed(shop, seen)
  shop.isOver = true
  await visitors
  await early
  console.log(`  ${seconds} s away, ${kills} kills: ${seen.asked} came to pay, ${seen.refused} were sent away, ${placed} placed an order; at most ${owed} calls owed`)
  if (second) {
    report.check('while the first provider is away, the second takes new orders', elsewhere > 0, `${elsewhere} payments`)
  } else {
    report.check('while the provider is away, who comes is told to come back', seen.refused > 0, `${seen.refused} of ${seen.asked}`)
    // a breaker opens after 8 unknown answers, again after each start, and lets a probe through now and then
    const most = (kills + 1) * (8 + 2 * perSecond) + seconds
    report.check('nothing is queued without bound', placed <= most && owed <= most + 3 * beforehand, `${placed} orders of ${most} that are possible, ${owed} calls owed`)
  }
  report.check('new orders go to the provider again once it is back', servedAfter !== null, `after ${servedAfter?.toFixed(1)} s`)
  const drained = await drain(shop, desk, { patienceMs: 180_000 })
  report.check('all drains after it', drained.done, drained.left || `in ${drained.seconds} s`)
  // what a webhook has answered meanwhile, the outbox looks at once more
  let left = null
  for (let looks = 0; looks < 40 && left !== 0; looks++, await sleep(500)) left = await metric(shop, desk, 'payment_calls_owed')
  report.check('no call is owed any more', left === 0, `${left}`)
  await new Judge(shop, report).judge()
  await judgeJournal(report, shop.server, 'after it')
}
