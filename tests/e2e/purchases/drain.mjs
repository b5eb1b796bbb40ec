// Waiting until nothing is on its way any more, neither here nor at the provider.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { api } from './shop.mjs'

/** One figure of /metrics; null when it is not told. */
export async function metric(shop, desk, name) {
  const { text } = await shop.ask(desk, 'GET', '/metrics')
  const found = new RegExp(`^onsale_${name} (\\d+)$`, 'm').exec(text)
  return found ? Number(found[1]) : null
}

/** Orders that wait for something, by what they wait for. */
async function unfinished(shop, desk, orders) {
  const left = []
  for (const { order } of orders) {
    const path = `${api}/organiser/events/${order.event.id}/orders/${order.id}`
    const { json } = await shop.ask(desk, 'GET', path)
    const waits = json.payment.owed_call ?? (/^(pending|processing)$/.test(json.state) && !json.case ? json.reason : null)
    if (waits) left.push({ order, waits, state: json.state })
  }
  return left
}

/** Whose hold was extended for many minutes need not be waited for: they give up. */
async function giveUp(shop, desk, { order }) {
  const buyer = { client: desk.client, token: order.token }
  const path = `${api}/events/${order.event.id}/orders/${order.id}`
  const { json } = await shop.ask(buyer, 'GET', path)
  if (json.state === 'pending' && json.expires_in_ms > 15_000) await shop.ask(buyer, 'POST', `${path}/cancel`, { key: randomUUID() })
}

/** Resolves with how long it took, and what is left when patience ran out. */
export async function drain(shop, desk, { patienceMs }) {
  const began = performance.now()
  let left = [...shop.orders.values()].map((order) => ({ order }))
  for (let next = 10; ; ) {
    left = await unfinished(shop, desk, left)
    const books = await Promise.all(shop.banks.map((bank) => bank.books()))
    const coming = books.reduce((sum, { totals }) => sum + totals.webhooks_pending + totals.still_to_come, 0)
    const seconds = Math.round((performance.now() - began) / 1000)
    if (left.length === 0 && coming === 0) return { done: true, seconds, left: '' }
    const waits = `${left.length} orders (${[...new Set(left.map((one) => one.waits))]}), ${coming} at the provider`
    if (seconds * 1000 > patienceMs) return { done: false, seconds, left: `${waits}: ${left.slice(0, 3).map((one) => one.order.id)}` }
    if (seconds >= next) {
      console.log(`  draining for ${seconds} s: ${waits}`)
      next += 10
    }
    for (const one of left) if (one.state === 'pending') await giveUp(shop, desk, one)
    await sleep(500)
  }
}

const graceMs = 125_000 // what is younger is passed over: its news may be on their way

/** The server's own comparison with the provider, which makes cases of what nobody told it. */
export async function reconcile(shop, desk) {
  await sleep(graceMs)
  const path = `${api}/organiser/reconciliation`
  await shop.ask(desk, 'POST', path, { json: {} })
  for (let waited = 0; waited < 900; waited++) {
    const { json } = await shop.ask(desk, 'GET', path)
    if (json.state === 'done' || json.state === 'failed') {
      for (const one of json.differences) console.log(`  reconciled: ${one.order_id} ${one.words}`)
      return json
    }
    await sleep(1000)
  }
  return null
}
