// What tests say to a waiting room, and what it says back. Written against api/openapi.yaml.

import { createHash } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

import { Client, Lost } from './client.mjs'
import { createEvent, createSession, gridPlan } from './house.mjs'

export const api = '/api/v1'
export const iso = (ms) => new Date(ms).toISOString()

/** An event of 1,000 seats that cost nothing, with a waiting room; `queue` as in openapi's QueueRequest. */
export function createRoom(client, queue = {}, changes = {}) {
  return createEvent(client, {
    plan: gridPlan(20, 50),
    price_categories: [{ name: 'Stalls', price: 0, fee: 0 }],
    limits: { per_buyer: 1000, per_hold: 8 },
    queue: { enabled: true, target_active: 5000, per_minute: 600_000, claim_seconds: 120, ...queue },
    ...changes,
  })
}

/** One session at one event: a browser with one tab. */
export class Visitor {
  constructor(port, event, token) {
    this.client = new Client(port)
    this.event = event
    this.token = token
  }

  static async create(port, event) {
    const visitor = new Visitor(port, event)
    visitor.token = await createSession(visitor.client)
    return visitor
  }

  /** Another tab of the same browser. */
  tab() {
    return new Visitor(this.client.port, this.event, this.token)
  }

  /** The same session at another event. */
  at(event) {
    return new Visitor(this.client.port, event, this.token)
  }

  ask(method, path, options = {}) {
    return this.client.request(method, `${api}/events/${this.event}${path}`, { token: this.token, ...options })
  }

  join(json = {}, options = {}) {
    return this.ask('POST', '/queue', { json, ...options })
  }

  position(options) {
    return this.ask('GET', '/queue/position', options)
  }

  claim(options) {
    return this.ask('POST', '/queue/claim', options)
  }

  leave() {
    return this.ask('DELETE', '/queue')
  }

  hold(admission) {
    return this.ask('POST', '/holds', {
      key: `hold-${Math.random()}`,
      json: { best: { category: 'Stalls', quantity: 1 } },
      headers: admissionHeader(admission),
    })
  }

  changeHold(admission, hold, seat) {
    return this.ask('PATCH', `/holds/${hold}`, {
      key: `change-${Math.random()}`,
      json: { seats: [seat] },
      headers: admissionHeader(admission),
    })
  }

  order(admission, hold) {
    return this.ask('POST', '/orders', {
      key: `order-${Math.random()}`,
      json: { hold_id: hold, email: `${Math.random().toString(36).slice(2)}@example.org` },
      headers: admissionHeader(admission),
    })
  }

  /** Joins, waits for its turn and comes in: the admission's token. */
  async comeIn() {
    const joined = await this.join()
    if (joined.status !== 201 && joined.status !== 200) throw new Error(`join: ${joined.status} ${joined.text}`)
    await until(async () => (await this.position()).json.state === 'called', 'nobody was called')
    const claimed = await this.claim()
    if (claimed.status !== 201) throw new Error(`claim: ${claimed.status} ${claimed.text}`)
    return claimed.json.admission
  }

  close() {
    this.client.close()
  }
}

function admissionHeader(admission) {
  return admission === undefined ? {} : { 'Onsale-Admission': admission }
}

export const publicStatus = async (client, event) => (await client.request('GET', `${api}/events/${event}/queue`)).json

/** Looks until `done()`; throws with `what` when 20 s were not enough. */
export async function until(done, what) {
  for (const began = performance.now(); performance.now() - began < 20_000; ) {
    const value = await done()
    if (value) return value
    await sleep(60) // a session may ask 20 times a second
  }
  throw new Error(`waited too long: ${what}`)
}

/** Sends the same request until it is answered by a server that may be away. */
export async function insist(send, isGone = () => null) {
  for (let attempt = 0; attempt < 3000; attempt++) {
    try {
      const answer = await send()
      if (answer.status !== 503 && answer.status !== 429) return answer
    } catch (error) {
      if (!(error instanceof Lost)) throw error
    }
    if (isGone()) throw new Error(isGone())
    await sleep(5 + Math.random() * 10)
  }
  throw new Error('a request is not answered')
}

/** Runs `work` over `items`, `width` at a time; resolves with the results in order. */
export async function pool(items, width, work) {
  const results = new Array(items.length)
  let next = 0
  const one = async () => {
    while (next < items.length) {
      const i = next++
      results[i] = await work(items[i], i)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, one))
  return results
}

/** Solves a challenge as the page does, and lets others run in between; the solution as base64url. */
export async function solve({ challenge, puzzles, bits }) {
  const input = Buffer.alloc(37)
  createHash('sha256').update(challenge).digest().copy(input)
  const solution = Buffer.alloc(puzzles * 4)
  for (let puzzle = 0; puzzle < puzzles; puzzle++) {
    input[32] = puzzle
    await nextTurn()
    for (let n = 0; ; n++) {
      input.writeUInt32BE(n, 33)
      if (createHash('sha256').update(input).digest().readUInt32BE() >>> (32 - bits) === 0) {
        solution.writeUInt32BE(n, puzzle * 4)
        break
      }
    }
  }
  return solution.toString('base64url')
}
