// The box office of the test: a server and its providers, events with prices, packages and promo codes, and
// how everybody here talks to them, again and again until there is an answer.

import { setTimeout as sleep } from 'node:timers/promises'

import { Client, Lost } from '../lib/client.mjs'
import { createEvent, gridGuids, gridPlan } from '../lib/house.mjs'
import { adminToken } from '../lib/server.mjs'

export const api = '/api/v1'

/** What buyers and the organiser know; the judge asks for the rest. */
export class Shop {
  events = []
  orders = new Map() // id -> what the buyer was told
  counts = {}

  constructor({ server, banks, findings }) {
    this.server = server
    this.banks = banks
    this.findings = findings
  }

  count(what) {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }

  /** Sends until answered by a server that may be away; an answer that was lost means the same request again. */
  async ask(caller, method, path, options = {}) {
    for (let attempt = 0; ; attempt++) {
      let answer = null
      try {
        answer = await caller.client.request(method, path, { token: caller.token, ...options })
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        this.count('answers lost')
      }
      const away = answer?.status === 503 && answer.json?.code === 'payment_unavailable'
      if (answer && (away || (answer.status !== 503 && answer.status !== 429))) {
        if (answer.status >= 500 && !away) this.findings.add('error', `${method} ${path}: ${answer.status} ${answer.text}`)
        return answer
      }
      if (this.server.crashed) throw new Error(this.server.crashed)
      if (attempt > 2000) throw new Error(`${method} ${path} is not answered: ${answer?.status ?? 'lost'} ${answer?.text ?? ''}`)
      await sleep(10 + Math.random() * 40)
    }
  }

  organiser() {
    return { client: new Client(this.server.port), token: adminToken }
  }

  /** All items of a list that comes in pages. */
  async list(caller, path) {
    const items = []
    for (let cursor = null; ; ) {
      const answer = await this.ask(caller, 'GET', `${path}?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`)
      items.push(...answer.json.items)
      cursor = answer.json.next_cursor
      if (!cursor) return { ...answer.json, items }
    }
  }

  /** A bank by the address that an order's payment names. */
  bankOf(payment) {
    return this.banks.find((bank) => payment.api_base === bank.base || payment.publishable_key === bank.keys.publishable)
  }
}

const columns = 40

/** One event in euros with every way to pay, one in yen for cards alone whose fees the organiser bears. */
export async function openEvents(shop, desk, purchases) {
  const make = async ({ currency, share, prices, promos, ...changes }) => {
    const rows = Math.max(4, Math.ceil((purchases * share * 2) / columns))
    const id = await createEvent(desk.client, {
      name: `Money in ${currency}`,
      plan: gridPlan(rows, columns),
      areas: [{ id: 'floor', name: 'Floor', capacity: Math.max(40, purchases), price_category: 'Floor' }],
      currency,
      price_categories: prices,
      limits: { per_buyer: 16, per_hold: 8 },
      packages: [{ name: 'Four for three', categories: ['Floor'], size: 4, paid: 3 }],
      price_rules: [{ category: 'Stalls', price: Math.floor(prices[0].price * 0.8), sold_below: Math.ceil(purchases / 4) }],
      price_ceilings: [{ category: 'Stalls', price: prices[0].price }],
      hold_seconds: 12,
      pay_seconds: 12,
      ...changes,
    })
    const event = { id, currency, guids: gridGuids(rows, columns), share, promos: [] }
    for (const promo of promos) {
      const answer = await shop.ask(desk, 'POST', `${api}/organiser/events/${id}/promo_codes`, {
        key: `${id}-${promo.code}`,
        json: promo,
      })
      if (answer.status !== 200) throw new Error(`promo: ${answer.status} ${answer.text}`)
      event.promos.push(promo.code)
    }
    shop.events.push(event)
    return event
  }
  await make({
    currency: 'EUR',
    share: 0.75,
    prices: [
      { name: 'Stalls', price: 4500, fee: 350, tax_bp: 700 },
      { name: 'Floor', price: 2999, fee: 251, tax_bp: 1900 },
    ],
    payment_methods: ['card', 'ideal', 'bancontact', 'sepa_debit'],
    processing_seconds: 60,
    promos: [
      { code: 'TENTH', kind: 'percent', value: 1000, uses: Math.ceil(purchases / 20) },
      { code: 'FIVER', kind: 'amount', value: 500, budget: Math.ceil(purchases / 10) * 1000 },
      { code: 'FLAT', kind: 'fixed', value: 1500, uses: 3, max_units: 2 },
      { code: 'GUEST', kind: 'percent', value: 10000, uses: Math.ceil(purchases / 25) },
    ],
  })
  await make({
    currency: 'JPY',
    share: 0.25,
    prices: [
      { name: 'Stalls', price: 7000, fee: 300, tax_bp: 1000 },
      { name: 'Floor', price: 3333, fee: 111, tax_bp: 1000 },
    ],
    fee_bearer: 'organiser',
    promos: [{ code: 'MATSURI', kind: 'percent', value: 3333, uses: Math.ceil(purchases / 30), budget: purchases * 200 }],
  })
}
