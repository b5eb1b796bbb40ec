// What tests say to the box office: events, sessions, orders, payment. Written against api/openapi.yaml.

import { setTimeout as sleep } from 'node:timers/promises'

import { adminToken } from './server.mjs'

const api = '/api/v1'

/** A hall of `rows` x `columns` seats in pretix's format; guids are `R<row>-<seat>`. */
export function gridPlan(rows, columns, { name = 'Grid', category = 'Stalls' } = {}) {
  return {
    name,
    size: { width: columns * 25 + 100, height: rows * 25 + 100 },
    categories: [{ name: category, color: '#0072B2' }],
    zones: [
      {
        name: 'Hall',
        position: { x: 50, y: 50 },
        rows: Array.from({ length: rows }, (_, r) => ({
          row_number: String(r + 1),
          position: { x: 0, y: r * 25 },
          seats: Array.from({ length: columns }, (_, c) => ({
            seat_guid: `R${r + 1}-${c + 1}`,
            seat_number: String(c + 1),
            position: { x: c * 25, y: 0 },
            category,
          })),
        })),
        areas: [],
      },
    ],
  }
}

export function gridGuids(rows, columns) {
  return Array.from({ length: rows * columns }, (_, i) => `R${Math.floor(i / columns) + 1}-${(i % columns) + 1}`)
}

/** An event that is on sale now; returns its id. */
export async function createEvent(client, changes = {}) {
  const answer = await client.request('POST', `${api}/organiser/events`, {
    token: adminToken,
    key: `event-${Math.random()}`,
    json: {
      name: 'The last night',
      starts_at: new Date(Date.now() + 30 * 86400_000).toISOString().slice(0, 19) + 'Z',
      timezone: 'Europe/Berlin',
      venue: { name: 'Test hall', city: 'Berlin', country: 'DE' },
      performers: ['The Testers'],
      category: 'concert',
      currency: 'EUR',
      price_categories: [{ name: 'Stalls', price: 4500, fee: 350 }],
      ...changes,
    },
  })
  if (answer.status !== 201) throw new Error(`no event: ${answer.status} ${answer.text}`)
  return answer.json.id
}

export async function createSession(client) {
  const answer = await client.request('POST', `${api}/sessions`)
  if (answer.status !== 201 && answer.status !== 200) throw new Error(`no session: ${answer.status} ${answer.text}`)
  return answer.json.token
}

/** Each seat's state out of an availability answer: 0 available, 1 held, 2 sold, 3 blocked. */
export function seatStates(availability, count) {
  const bytes = Buffer.from(availability.seats, 'base64')
  return Uint8Array.from({ length: count }, (_, i) => (bytes[i >> 2] >> ((i & 3) * 2)) & 3)
}

/** A card that pays and that nobody else has: one card buys no more than one buyer may. */
export const ownCard = () => `pm_card_visa_${Math.floor(Math.random() * 1e15)}`

/** Confirms the intent as the browser would, at the provider. */
export async function confirmPayment(provider, payment, method = ownCard()) {
  return provider.request('POST', `/v1/payment_intents/${payment.intent_id}/confirm`, {
    token: payment.publishable_key,
    type: 'application/x-www-form-urlencoded',
    body: `client_secret=${encodeURIComponent(payment.client_secret)}&payment_method=${method}`,
  })
}

/**
 * Looks at an order until `done(order)`; returns the last look, or null when patience ran out. A
 * server that is away or busy is waited for.
 */
export async function watchOrder(client, token, event, order, done, { patienceMs = 60_000, everyMs = 100 } = {}) {
  for (const began = performance.now(); performance.now() - began < patienceMs; ) {
    const answer = await client.request('GET', `${api}/events/${event}/orders/${order}`, { token }).catch(() => null)
    if (answer?.status === 200 && done(answer.json)) return answer.json
    await sleep(everyMs * (0.5 + Math.random()))
  }
  return null
}
