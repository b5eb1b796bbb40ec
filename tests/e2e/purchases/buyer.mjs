// One purchase: hold, promo code, order, a way to pay, and what the buyer is told of it. What becomes of a
// purchase under faults is left open here; what was told is kept, and the judge compares.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client, Lost } from '../lib/client.mjs'
import { dice } from './weather.mjs'
import { api } from './shop.mjs'

const back = 'return_url=https%3A%2F%2Ftickets.example%2Forder'
const debit = 'mandate_data[customer_acceptance][type]=online'
const card = (kind) => (own) => ({ form: `payment_method=pm_card_${kind}_${own}&${back}` })

/** name -> how it is confirmed; `outcome` is what the buyer says at the bank. */
const methods = {
  card: card('visa'),
  declined: card('chargeDeclined'),
  proof: (own) => ({ ...card('authenticationRequired')(own), outcome: 'succeed' }),
  'proof failed': (own) => ({ ...card('authenticationRequired')(own), outcome: 'fail' }),
  ideal: () => ({ form: `payment_method_data[type]=ideal&${back}`, outcome: 'succeed' }),
  'ideal refused': () => ({ form: `payment_method_data[type]=ideal&${back}`, outcome: 'fail' }),
  bancontact: () => ({
    form: `payment_method_data[type]=bancontact&payment_method_data[billing_details][name]=Ada&${back}`,
    outcome: 'succeed',
  }),
  debit: () => ({ form: `payment_method=pm_success_de&${debit}` }),
  'debit failed': () => ({ form: `payment_method=pm_failed_de&${debit}` }),
  'debit disputed': () => ({ form: `payment_method=pm_disputed_de&${debit}` }),
  disputed: card('createDispute'),
  inquired: card('createDisputeInquiry'),
  'refund fails': card('refundFail'),
  'refund pends': card('pendingRefund'),
}

/** share, ways to pay one after the other, what the buyer does beside paying. */
const stories = [
  [24, ['card']],
  [8, ['declined', 'card']],
  [8, ['proof']],
  [3, ['proof failed', 'card']],
  [10, ['ideal'], { euros: true }],
  [3, ['ideal refused', 'bancontact'], { euros: true }],
  [4, ['bancontact'], { euros: true }],
  [8, ['debit'], { euros: true }],
  [3, ['debit failed', 'card'], { euros: true }],
  [2, ['debit disputed'], { euros: true }],
  [2, ['disputed']],
  [1, ['inquired']],
  [3, ['refund fails']],
  [3, ['refund pends']],
  [3, [], { leaves: true }],
  [3, [], { cancels: true }],
  [3, ['card'], { cancels: true }], // both at once
  [3, ['ideal'], { late: true, euros: true }],
  [2, ['card'], { late: true }],
]

function choose(random, list) {
  let left = random() * list.reduce((sum, [share]) => sum + share, 0)
  return list.find(([share]) => (left -= share) < 0) ?? list[0]
}

export class Buyer {
  constructor(shop, number, seed) {
    this.shop = shop
    this.number = number
    this.random = dice(seed * 1_000_003 + number)
    this.event = shop.events[this.random() < shop.events[0].share ? 0 : 1]
    const possible = stories.filter(([, , beside]) => !beside?.euros || this.event.currency === 'EUR')
    const [, ways, beside] = choose(this.random, possible)
    this.ways = ways
    this.beside = beside ?? {}
    this.client = new Client(shop.server.port)
  }

  ask(method, path, options) {
    return this.shop.ask(this, method, `${api}/events/${this.event.id}${path}`, options)
  }

  /** The whole story; resolves with what is known of the order, or null when there was none. */
  async buy() {
    try {
      this.token = (await this.shop.ask(this, 'POST', `${api}/sessions`)).json.token
      const placed = await this.placeOrder()
      if (!placed) return null
      this.order = { id: placed.id, event: this.event, token: this.token, promo: this.promo, told: placed, ways: this.ways }
      this.shop.orders.set(placed.id, this.order)
      await this.pay(placed)
      return this.order
    } finally {
      this.client.close()
    }
  }

  // ---- until there is an order ----

  wish() {
    const roll = this.random()
    const count = 1 + Math.floor(this.random() * 4)
    if (roll < 0.3) return { areas: [{ id: 'floor', quantity: this.random() < 0.4 ? 4 : count }] }
    if (roll < 0.5) return { best: { category: 'Stalls', quantity: count } }
    const from = Math.floor(this.random() * (this.event.guids.length - count))
    return { seats: this.event.guids.slice(from, from + count) }
  }

  async hold() {
    for (let tries = 0; tries < 40; tries++) {
      const answer = await this.ask('POST', '/holds', { key: randomUUID(), json: this.wish() })
      if (answer.status === 201) return answer.json
      if (answer.status !== 409) {
        this.shop.findings.add('unexpected', `hold: ${answer.status} ${answer.text}`)
        return null
      }
    }
    this.shop.count('found no seats')
    return null
  }

  /** A promo code for the hold; codes may be used up. */
  async usePromo(hold, code) {
    const answer = await this.ask('POST', `/holds/${hold.id}/promo_code`, { key: randomUUID(), json: { code } })
    if (answer.status === 200) return answer.json
    if (!this.isPromoRefusal(answer) && !this.isHoldOver(answer)) {
      this.shop.findings.add('unexpected', `promo code: ${answer.status} ${answer.text}`)
    }
    return null
  }

  isPromoRefusal = (answer) => /^promo_(used_up|not_applicable)$/.test(answer.json?.code ?? '')

  isHoldOver = (answer) => /^hold_(expired|ended)$/.test(answer.json?.code ?? '')

  async placeOrder() {
    const wanted = this.random() < 0.35 ? this.event.promos[Math.floor(this.random() * this.event.promos.length)] : null
    const beforehand = this.random() < 0.5
    for (let tries = 0; tries < 12; tries++) {
      const hold = await this.hold()
      if (!hold) return null
      let code = wanted
      if (code && beforehand) code = (await this.usePromo(hold, code)) ? wanted : null
      const order = await this.order(hold, code, code && !beforehand)
      if (order) {
        this.promo = order.promo_code ? wanted : null
        return order
      }
    }
    this.shop.count('gave up ordering')
    return null
  }

  async order(hold, code, named) {
    const email = `${this.number}-${randomUUID().slice(0, 8)}@example.org`
    const request = { key: randomUUID(), json: { hold_id: hold.id, email, ...(named ? { promo_code: code } : {}) } }
    for (let tries = 0; ; tries++) {
      const answer = await this.ask('POST', '/orders', request)
      if (answer.status === 201) return answer.json
      if (answer.status === 503) {
        await this.waitForProvider(answer)
        request.key = randomUUID()
        if (tries < 60) continue
      }
      if (this.isPromoRefusal(answer)) {
        delete request.json.promo_code
        request.key = randomUUID()
        continue
      }
      if (!this.isHoldOver(answer) && answer.status !== 503) {
        this.shop.findings.add('unexpected', `order: ${answer.status} ${answer.text}`)
      }
      return null
    }
  }

  async waitForProvider(answer) {
    this.shop.count('told that payments cannot be started')
    const seconds = Number(answer.headers['retry-after'])
    if (!(seconds >= 1)) this.shop.findings.add('unavailable', `no Retry-After: ${answer.text}`)
    await sleep(Math.min(seconds || 1, 2) * 1000)
  }

  // ---- paying ----

  async look() {
    const answer = await this.ask('GET', `/orders/${this.order.id}`)
    if (answer.status !== 200) {
      this.shop.findings.add('lost', `order ${this.order.id}: ${answer.status} ${answer.text}`)
      return this.order.told
    }
    this.order.told = answer.json
    if (answer.json.state === 'paid') this.order.wasPaid = true
    return answer.json
  }

  /** Looks until `done`, at most so long; the last look either way. */
  async watch(done, patienceMs) {
    for (const began = performance.now(); ; ) {
      const order = await this.look()
      if (done(order) || performance.now() - began > patienceMs) return order
      await sleep(120 + this.random() * 200)
    }
  }

  async cancel(tab = this) {
    const path = `${api}/events/${this.event.id}/orders/${this.order.id}/cancel`
    const answer = await this.shop.ask(tab, 'POST', path, { key: randomUUID() })
    const fine = answer.status === 200 || answer.json?.code === 'order_not_cancellable'
    if (!fine) this.shop.findings.add('unexpected', `cancel: ${answer.status} ${answer.text}`)
    this.shop.count('cancelled by the buyer')
  }

  async pay(placed) {
    if (placed.total.amount === 0) return this.watch((o) => o.state === 'paid', 5000)
    const order = await this.watch((o) => o.payment?.intent_id || o.state !== 'pending', 60_000)
    if (order.state !== 'pending' || this.beside.leaves) return order
    if (this.beside.cancels && this.ways.length === 0) return this.cancel()
    if (this.beside.late) await sleep(Math.max(0, (order.expires_in_ms ?? 0) - 700 + this.random() * 1400))
    const both = this.beside.cancels ? sleep(this.random() * 300).then(() => this.cancelElsewhere()) : null
    for (const way of this.ways) {
      await this.confirm(order.payment, way)
      this.shop.count(way)
      const isLast = way === this.ways.at(-1)
      const answered = (o) => (isLast ? !['pending', 'processing'].includes(o.state) : o.payment?.last_error || o.state !== 'pending')
      const seen = await this.watch((o) => answered(o) && o.reason !== 'bank_takes_time', isLast ? 12_000 : 6000)
      if (!['pending', 'processing'].includes(seen.state)) break
    }
    await both
  }

  /** In another tab, while the payment goes on in this one. */
  async cancelElsewhere() {
    const tab = { client: new Client(this.shop.server.port), token: this.token }
    await this.cancel(tab)
    tab.client.close()
  }

  /** As the browser would; it is tried again while nothing sensible is answered. */
  async confirm(payment, way) {
    const { form, outcome } = methods[way](this.number)
    const bank = new Client(this.shop.bankOf(payment).port, { timeoutMs: 15_000 })
    const type = 'application/x-www-form-urlencoded'
    const send = async (where, options) => {
      for (let tries = 0; tries < 12; tries++) {
        const answer = await bank.request('POST', where, options).catch((error) => {
          if (!(error instanceof Lost)) throw error
          return null
        })
        if (answer && answer.status < 500 && answer.status !== 429) return answer
        this.shop.count('confirmed again')
        await sleep(100 + this.random() * 300)
      }
      return null
    }
    const answer = await send(`/v1/payment_intents/${payment.intent_id}/confirm`, {
      token: payment.publishable_key,
      type,
      body: `client_secret=${encodeURIComponent(payment.client_secret)}&${form}`,
    })
    const code = answer?.status >= 400 ? answer.json.error : null
    const declined = code?.type === 'card_error' || code?.code.startsWith('payment_')
    if (code && !declined) {
      this.shop.findings.add('unexpected', `confirm ${way}: ${answer.status} ${answer.text}`)
    }
    if (outcome) await send(`/sandbox/authenticate/${payment.intent_id}`, { json: { outcome } })
    bank.close()
  }
}
