// What happens to sales afterwards: refunds by the organiser, disputes by buyers' banks, and the desk where
// somebody works through the cases, but for some that stay open to be seen at the end.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { api } from './shop.mjs'

const orderPath = (order) => `${api}/organiser/events/${order.event.id}/orders/${order.id}`

async function refund(shop, desk, order, tickets, block) {
  const json = { reason: 'They asked for it', ...(tickets ? { tickets } : {}), ...(block ? { block } : {}) }
  const answer = await shop.ask(desk, 'POST', `${orderPath(order)}/refunds`, { key: randomUUID(), json })
  const refused = ['order_disputed', 'already_refunded', 'order_not_paid'].includes(answer.json?.code)
  if (answer.status === 202) shop.count('refunds')
  else if (!refused) shop.findings.add('unexpected', `refund of ${order.id}: ${answer.status} ${answer.text}`)
}

async function dispute(shop, order, outcome) {
  const bank = shop.bankOf(order.told.payment ?? {}) ?? shop.banks[0]
  const { intents } = (await bank.insist('GET', `/sandbox/books?order=${order.id}`)).json
  const intent = intents.find((one) => one.amount_captured > 0)
  if (!intent) return
  const opened = await bank.insist('POST', '/sandbox/disputes', { intent: intent.id })
  if (opened.status >= 400) return // refunded meanwhile, or disputed already
  shop.count('disputes')
  await sleep(300)
  await bank.insist('POST', `/sandbox/disputes/${opened.json.id}`, { outcome })
}

/** Something happens to one paid order in three. */
export async function afterwards(shop, desk, order, random) {
  const roll = random()
  const tickets = order.told.tickets.map((ticket) => ticket.id)
  if (order.told.total.amount === 0 || roll > 0.36) return
  if (roll < 0.1) return refund(shop, desk, order, null, random() < 0.2)
  if (roll < 0.18) return refund(shop, desk, order, tickets.slice(0, 1))
  if (roll < 0.22) {
    await refund(shop, desk, order, tickets.slice(0, 1))
    return refund(shop, desk, order)
  }
  if (roll < 0.26) return Promise.all(tickets.map((ticket) => refund(shop, { ...shop.organiser() }, order, [ticket])))
  if (roll < 0.31) return dispute(shop, order, 'won')
  return dispute(shop, order, 'lost')
}

const keptOpen = (id) => [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6 === 0

/** Works through the cases until it is told to stop. */
export class Clerk {
  #stopping = false
  #tried = new Map()
  #work
  #failed = null

  constructor(shop) {
    this.shop = shop
    this.desk = shop.organiser()
    this.#work = this.#loop().catch((error) => (this.#failed = error))
  }

  async stop() {
    this.#stopping = true
    await this.#work
    if (this.#failed) throw this.#failed
    await this.round()
    this.desk.client.close()
  }

  async #loop() {
    while (!this.#stopping) {
      await this.round()
      await sleep(1000)
    }
  }

  async round() {
    for (const event of this.shop.events) {
      const { items } = await this.shop.list(this.desk, `${api}/organiser/events/${event.id}/cases`)
      for (const item of items) if (!keptOpen(item.order_id)) await this.#act(event, item)
    }
  }

  /** Once again where that is possible, and then an end. */
  async #act(event, item) {
    const tries = (this.#tried.get(item.order_id) ?? 0) + 1
    this.#tried.set(item.order_id, tries)
    // a refund that came back is not heard of when it comes back again: that is left to be seen
    if (item.reason === 'refund_failed') return
    if (tries > 6 || item.actions.length === 0) return
    const action = ['retry', 'release', 'refund', 'settle'].find((a) => item.actions.includes(a) && !(a === 'retry' && tries > 1))
    if (!action) return
    const json = { action, note: 'Looked at the dashboard' }
    if (action === 'refund') {
      const bank = await this.#captured(item.order_id)
      if (!bank) return
      json.amount = bank
    }
    const answer = await this.shop.ask(this.desk, 'POST', `${api}/organiser/events/${event.id}/orders/${item.order_id}/case`, {
      key: randomUUID(),
      json,
    })
    this.shop.count(`case ${item.reason}: ${action}`)
    const raced = ['no_open_case', 'case_action_not_possible'].includes(answer.json?.code)
    if (answer.status !== 200 && !raced) this.shop.findings.add('unexpected', `case ${item.reason} ${action}: ${answer.status} ${answer.text}`)
  }

  async #captured(order) {
    for (const bank of this.shop.banks) {
      const { intents } = (await bank.insist('GET', `/sandbox/books?order=${order}`)).json
      const taken = intents.find((intent) => intent.amount_captured > 0)
      if (taken) return taken.amount_captured
    }
    return 0
  }
}
