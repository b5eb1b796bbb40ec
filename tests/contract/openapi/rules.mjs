// The rules of the box office over HTTP: kinds, groups and companions, single seats, best places with needs,
// swaps, access codes, allocations, quotas and limits; each refusal with what it names.

import { createEvent, createSession } from '../../e2e/lib/house.mjs'
import { adminToken } from '../../e2e/lib/server.mjs'

const api = '/api/v1'
const columns = 10

/** Three rows: plain seats and one with a bad view; accessible, companion and a group; VIP. */
function hall() {
  const extras = {
    'R1-10': { x_kind: 'restricted_view' },
    'R2-1': { x_kind: 'accessible' },
    'R2-2': { x_kind: 'companion', x_companion_of: 'R2-1' },
    'R2-3': { x_group: 'loge' },
    'R2-4': { x_group: 'loge' },
  }
  return {
    name: 'Rules', size: { width: 400, height: 200 },
    categories: [{ name: 'Stalls', color: '#0072B2' }, { name: 'VIP' }],
    zones: [{
      name: 'Hall', position: { x: 0, y: 0 }, areas: [],
      rows: [1, 2, 3].map((row) => ({
        row_number: String(row), position: { x: 0, y: row * 25 },
        seats: Array.from({ length: columns }, (_, c) => ({
          seat_guid: `R${row}-${c + 1}`, seat_number: String(c + 1), position: { x: c * 25, y: 0 },
          category: row === 3 ? 'VIP' : 'Stalls', ...extras[`R${row}-${c + 1}`],
        })),
      })),
    }],
  }
}

const definition = {
  plan: hall(),
  areas: [{ id: 'floor', name: 'Floor', capacity: 20, price_category: 'Floor' }],
  price_categories: [
    { name: 'Stalls', price: 3000, fee: 300 },
    { name: 'VIP', price: 9000, fee: 500, per_buyer: 2 },
    { name: 'Floor', price: 2000, fee: 200 },
  ],
  limits: { per_buyer: 12, per_hold: 8, single_seats: 'refused' },
  quotas: [{ categories: ['Floor'], limit: 9 }],
  allocations: [
    { id: 'fans', name: 'Fan club', seats: ['R1-1', 'R1-2', 'R1-3'], area: 'floor', quantity: 4, code: 'fan-2031', code_limit: 3 },
    { id: 'press', kind: 'holdback', seats: ['R3-9', 'R3-10'] },
  ],
}

const seatsOf = (hold) => hold.json.items.map((item) => item.seat).join(' ')

class Hall {
  constructor(walk, event) {
    this.walk = walk
    this.event = event
    this.holds = `${api}/events/${event}/holds`
    this.organiser = `${api}/organiser/events/${event}`
  }

  /** A session of its own, so that no limit of another case is in the way. */
  async hold(name, json, expected) {
    const token = await createSession(this.walk.client)
    const answer = await this.walk.call(name, 201, 'POST', this.holds, { token, json })
    if (expected) this.walk.report.check(`${name}: the places`, seatsOf(answer) === expected, answer.text)
    return { token, ...answer }
  }

  async give(hold) {
    await this.walk.client.request('DELETE', `${this.holds}/${hold.json.id}`, { token: hold.token })
  }

  async refused(name, code, json, culprits) {
    const token = await createSession(this.walk.client)
    const answer = await this.walk.refused(name, code, 'POST', this.holds, { token, json })
    if (culprits) this.walk.report.check(`${name}: what it names`, answer.json.seats?.join(' ') === culprits, answer.text)
    return answer
  }

  patch(name, json, status = 200) {
    return this.walk.call(name, status, 'PATCH', this.organiser, { token: adminToken, json })
  }

  refusedPatch(name, code, json) {
    return this.walk.refused(name, code, 'PATCH', this.organiser, { token: adminToken, json })
  }

  async summary() {
    return (await this.walk.call('a summary', 200, 'GET', `${this.organiser}/summary`, { token: adminToken })).json
  }
}

async function together(hall) {
  await hall.refused('half of a group', 'group_incomplete', { seats: ['R2-3', 'R2-5', 'R2-6'] }, 'R2-4')
  await hall.refused('a companion alone', 'companion_alone', { seats: ['R2-2'] }, 'R2-2')
  await hall.refused('a single seat left', 'single_seat_left', { seats: ['R2-8', 'R2-9'] }, 'R2-10')
  const hold = await hall.hold('a seat with its companion and the group beside it', { seats: ['R2-1', 'R2-2', 'R2-3', 'R2-4'] })
  const kinds = hold.json.items.map((item) => item.kind ?? '-').join(' ')
  hall.walk.report.check('kinds are told', kinds === 'accessible companion - -', hold.text)
  await hall.give(hold)
}

async function choosing(hall) {
  const { report } = hall.walk
  const best = await hall.hold('the best four', { best: { quantity: 4, categories: ['Stalls'] } })
  report.check('why these four', best.json.choice?.reason === 'adjacent' && !best.json.choice.restricted_view, best.text)
  const again = await hall.walk.call('the same hold, looked at', 200, 'GET', `${hall.holds}/${best.json.id}`, { token: best.token })
  report.check('the reason stays', again.json.choice?.reason === 'adjacent', again.text)
  await hall.give(best)
  const cheap = await hall.hold('the best within a price range', { best: { quantity: 2, price_min: { amount: 2000, currency: 'EUR' }, price_max: 2500 } })
  report.check('that is the floor', cheap.json.choice?.reason === 'area' && cheap.json.items[0].area === 'floor', cheap.text)
  await hall.give(cheap)
  const access = await hall.hold('an accessible place and its companion', { best: { quantity: 2, accessible: 1, section: 's0' } }, 'R2-1 R2-2')
  await hall.give(access)
  await hall.refused('no price within the range', 'not_enough_available', { best: { quantity: 2, price_min: 1, price_max: 2 } })
  await hall.refused('only what is free of charge', 'not_enough_available', { best: { quantity: 2, price_max: 0 } })
  await hall.give(await hall.hold('no bound of the price', { best: { quantity: 2, price_max: null } }))
  await hall.refused('a range the wrong way round', 'bad_value', { best: { quantity: 2, price_min: 3, price_max: 2 } })
  await hall.refused('more accessible places than places', 'bad_value', { best: { quantity: 1, accessible: 2 } })
  await hall.refused('no such section', 'unknown_section', { best: { quantity: 1, section: 's9' } })
  await hall.refused('no such category', 'unknown_category', { best: { quantity: 1, categories: ['Gold'] } })
  await hall.refused('one category and several', 'bad_value', { best: { quantity: 1, category: 0, categories: [1] } })
}

async function swapping(hall) {
  const { walk } = hall
  const hold = await hall.hold('a hold to change', { seats: ['R2-9', 'R2-10'] })
  const path = `${hall.holds}/${hold.json.id}`
  const swap = (seats) => ({ token: hold.token, json: { seats } })
  const changed = await walk.call('swapped for others, one of them its own', 200, 'PATCH', path, swap(['R2-8', 'R2-9', 'R2-10']))
  walk.report.check('its time stays', changed.json.expires_at === hold.json.expires_at && seatsOf(changed) === 'R2-8 R2-9 R2-10', changed.text)
  const other = await hall.hold("somebody's", { seats: ['R2-7'] })
  await walk.refused('swapped for a taken one', 'seat_unavailable', 'PATCH', path, swap(['R2-6', 'R2-7']))
  const same = await walk.call('it is as it was', 200, 'GET', path, { token: hold.token })
  walk.report.check('nothing of it was lost', seatsOf(same) === 'R2-8 R2-9 R2-10', same.text)
  await walk.refused('swapped for nothing', 'empty_request', 'PATCH', path, swap([]))
  await walk.refused('swapped for no such seat', 'unknown_seat', 'PATCH', path, swap(['R9-9']))
  await walk.refused("somebody's hold swapped", 'hold_not_found', 'PATCH', path, { token: other.token, json: { seats: ['R2-6'] } })
  const area = await hall.hold('a place of the floor', { areas: [{ id: 'floor', quantity: 1 }] })
  await walk.refused('places of an area swapped', 'hold_not_changeable', 'PATCH', `${hall.holds}/${area.json.id}`, { token: area.token, json: { seats: ['R2-6'] } })
  for (const held of [hold, other, area]) await hall.give(held)
  await walk.refused('a hold that was given back', 'hold_ended', 'PATCH', path, swap(['R2-9', 'R2-10']))
}

/** Seats set in a 1-bit vector. */
const bits = (answer) => [...Buffer.from(answer.json.seats, 'base64')].flatMap((byte, i) =>
  [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte >> bit & 1).map((bit) => i * 8 + bit)).join(' ')

async function codes(hall) {
  const { walk } = hall
  const path = `${api}/events/${hall.event}/codes`
  const token = await createSession(walk.client)
  const event = await walk.call('an event with codes', 200, 'GET', `${api}/events/${hall.event}`)
  walk.report.check('it says so', event.json.access_codes === true && event.json.limits.single_seats === 'refused'
    && event.json.price_categories[1].per_buyer === 2 && event.json.price_categories[0].per_buyer === null, event.text)
  await hall.refused('kept seats without the code', 'seat_unavailable', { seats: ['R1-1', 'R1-2', 'R1-3'] }, 'R1-1 R1-2 R1-3')
  await hall.refused('kept seats with a wrong code', 'code_unknown', { seats: ['R1-1', 'R1-2', 'R1-3'], code: 'fun-2031' })
  await walk.refused('a wrong code looked at', 'code_unknown', 'POST', path, { token, json: { code: 'fun-2031' } })
  await walk.refused('an empty code', 'bad_value', 'POST', path, { token, json: { code: ' ' } })
  const opens = await walk.call('what the code opens', 200, 'POST', path, { token, json: { code: ' Fan-2031 ' } })
  walk.report.check('its seats, places and uses', opens.json.name === 'Fan club' && opens.json.open && bits(opens) === '0 1 2'
    && opens.json.left === 3 && opens.json.areas[0]?.available === 4, opens.text)
  const hold = await hall.hold('kept seats with the code', { seats: ['R1-1', 'R1-2', 'R1-3'], code: 'FAN-2031' })
  await hall.refused('the code used up', 'code_limit_reached', { areas: [{ id: 'floor', quantity: 1 }], code: 'fan-2031' })
  const left = await walk.call('what is left of the code', 200, 'POST', path, { token, json: { code: 'fan-2031' } })
  walk.report.check('nothing, but its seats are still told', left.json.left === 0 && bits(left) === '0 1 2', left.text)
  const organiser = { token: adminToken, json: { code: 'fan-2031' } }
  const use = await walk.call('what the code was used for, to the organiser', 200, 'POST', path, organiser)
  walk.report.check('its limit and its use', use.json.limit === 3 && use.json.used === 3 && use.json.left === 0, use.text)
  walk.report.check('buyers are not told', !('used' in left.json) && !('limit' in left.json), left.text)
  const used = (await hall.summary()).allocations[0]
  walk.report.check('the summary counts it', used.codes === 1 && used.codes_used === 1, JSON.stringify(used))
  const swapped = await walk.call('swapped within what the code opens', 200, 'PATCH', `${hall.holds}/${hold.json.id}`, {
    token: hold.token, json: { seats: ['R1-1', 'R1-2'] },
  })
  walk.report.check('the code went on with it', seatsOf(swapped) === 'R1-1 R1-2', swapped.text)
  await hall.give(hold)
}

async function limits(hall) {
  const much = await hall.refused('more of a category than a buyer may have', 'category_limit_reached', { seats: ['R3-1', 'R3-2', 'R3-3'] })
  hall.walk.report.check('the category is named', String(much.json.categories) === 'VIP', much.text)
  const floor = await hall.hold('most of the quota', { areas: [{ id: 'floor', quantity: 8 }] })
  await hall.refused('over the quota', 'quota_reached', { areas: [{ id: 'floor', quantity: 2 }] })
  await hall.give(floor)
}

async function allocations(hall) {
  const { report } = hall.walk
  const before = await hall.summary()
  const fans = before.allocations[0]
  report.check('allocations and quotas are summed up', fans.id === 'fans' && fans.kind === 'presale' && fans.capacity === 7
    && fans.available === 7 && fans.codes === 1 && before.total.allocated === 9 && before.quotas[0].limit === 9
    && before.quotas[0].used === 0 && before.quotas[0].categories[0] === 'Floor', JSON.stringify(before))
  await hall.refusedPatch('half of a change that fits', 'unknown_seat', {
    allocations: [{ id: 'press', remove_seats: ['R3-9'] }, { id: 'vip', seats: ['R9-1'] }],
  })
  const held = await hall.hold('a seat in the way', { seats: ['R3-1'] })
  const refused = await hall.refusedPatch('a held seat moved, after a pause', 'seat_not_free', {
    sale: { state: 'paused' }, allocations: [{ id: 'press', remove_seats: ['R3-9'] }, { id: 'vip', seats: ['R3-1', 'R3-2'] }],
  })
  report.check('the seat in the way is named', refused.json.seats?.join() === 'R3-1', refused.text)
  const after = await hall.summary()
  report.check('nothing of it was done', after.allocations.length === 2 && after.allocations[1].capacity === 2, JSON.stringify(after))
  await hall.give(held)
  await hall.patch('two new allocations, one moved, quotas and limits anew', {
    limits: { per_hold: 6, single_seats: 'allowed' }, quotas: [], price_categories: [{ name: 'VIP', per_buyer: 0 }],
    block_areas: [{ id: 'floor', quantity: 2 }],
    allocations: [
      { id: 'press', name: 'Press and guests', remove_seats: ['R3-9'], releases_at: '2099-01-01T00:00:00Z' },
      { id: 'vip', kind: 'vip', seats: ['R3-1', 'R3-2'], codes: ['gold', 'GOLD-2'] },
      { id: 'partner', kind: 'partner', seats: ['R3-9'], opens_at: '2098-01-01T00:00:00Z', code: 'later' },
    ],
  })
  const now = await hall.summary()
  const told = now.allocations.map((a) => `${a.id} ${a.kind} ${a.available} ${a.codes}`).join(', ')
  report.check('all of it was done', told === 'fans presale 7 1, press holdback 1 0, vip vip 2 2, partner partner 1 1'
    && now.allocations[1].name === 'Press and guests' && now.quotas.length === 0 && now.total.blocked === 2, JSON.stringify(now))
  await hall.give(await hall.hold('three of what two were allowed', { seats: ['R3-4', 'R3-5', 'R3-6'] }))
  const token = await createSession(hall.walk.client)
  const later = await hall.walk.call('a code whose time has not come', 200, 'POST', `${api}/events/${hall.event}/codes`, { token, json: { code: 'later' } })
  report.check('says when', later.json.open === false && later.json.opens_at === '2098-01-01T00:00:00.000Z' && later.json.seats === '', later.text)
  await hall.refused('held with it', 'seat_unavailable', { seats: ['R3-9'], code: 'later' }, 'R3-9')
  await hall.patch('a code revoked, an allocation released, places on sale again', {
    unblock_areas: [{ id: 'floor', quantity: 2 }], allocations: [{ id: 'vip', revoke: ['gold'] }, { id: 'fans', release: true }],
  })
  await hall.refused('a revoked code', 'code_unknown', { seats: ['R3-1'], code: 'gold' })
  await hall.give(await hall.hold('released seats, without a code', { seats: ['R1-1', 'R1-2'] }))
  await hall.refusedPatch('a released allocation', 'unknown_allocation', { allocations: [{ id: 'fans', seats: ['R1-5'] }] })
  await hall.refusedPatch('a hold smaller than a group', 'bad_change', { limits: { per_hold: 1 } })
  await hall.refusedPatch('more places than there are', 'not_enough_available', { block_areas: [{ id: 'floor', quantity: 21 }] })
}

/** Before the public sale a code sells what it opens, and nothing else. */
async function presale(walk) {
  const hall = new Hall(walk, await createEvent(walk.client, {
    ...definition, sale: { opens_at: '2099-01-01T00:00:00Z' }, starts_at: '2099-06-01T20:00:00Z', quotas: [],
    allocations: [{ id: 'fans', seats: ['R1-1', 'R1-2', 'R1-3'], codes: ['early'], opens_at: '2020-01-01T00:00:00Z' }],
  }))
  const refused = await hall.refused('before the sale', 'sale_not_open', { seats: ['R1-5', 'R1-6'] })
  walk.report.check('it says when', refused.json.opens_at === '2099-01-01T00:00:00.000Z', refused.text)
  await hall.refused("everybody's seats before the sale, with a code", 'seat_unavailable', { seats: ['R1-5', 'R1-6'], code: 'early' })
  await hall.give(await hall.hold('kept seats before the sale', { seats: ['R1-1', 'R1-2', 'R1-3'], code: 'early' }))
  await hall.give(await hall.hold('the best of them', { best: { quantity: 2 }, code: 'early' }))
}

/** What a change says about codes, and what it leaves unsaid; a refused one of several is named. */
async function codeLimits(walk) {
  const hall = new Hall(walk, await createEvent(walk.client, definition))
  const token = await createSession(walk.client)
  const left = async (code) => (await walk.call(`a look at ${code}`, 200, 'POST', `${api}/events/${hall.event}/codes`, { token, json: { code } })).json
  await hall.patch('codes without a limit, one of them known', { allocations: [{ id: 'fans', codes: ['fan-2031', 'fan-new'] }] })
  walk.report.check('the known code keeps its limit', (await left('fan-2031')).left === 3, '')
  walk.report.check('the new one has none', (await left('fan-new')).left === null, '')
  await hall.patch('a limit for the new one', { allocations: [{ id: 'fans', codes: ['fan-new'], code_limit: 2 }] })
  await hall.patch('no limit, said plainly', { allocations: [{ id: 'fans', codes: ['fan-2031'], code_limit: null }] })
  walk.report.check('each has what was said', (await left('fan-2031')).left === null && (await left('fan-new')).left === 2, '')
  await hall.patch('the allocation opens later', { allocations: [{ id: 'fans', opens_at: '2098-01-01T00:00:00Z' }] })
  const later = await left('fan-new')
  walk.report.check('the limit is told before it opens', later.open === false && later.left === 2, JSON.stringify(later))
  await hall.patch('an allocation released', { allocations: [{ id: 'press', release: true }] })
  const again = await hall.patch('released again', { allocations: [{ id: 'press', release: true }], limits: { per_hold: 7 } })
  walk.report.check('what came with it is done', again.json.limits.per_hold === 7, again.text)
  await hall.refusedPatch('released again, and more', 'unknown_allocation', { allocations: [{ id: 'press', release: true, seats: ['R1-9'] }] })
  const refused = await hall.refusedPatch('one of two allocations is gone', 'unknown_allocation', {
    allocations: [{ id: 'fans', name: 'Friends' }, { id: 'press', name: 'Press' }],
  })
  walk.report.check('the one that is gone is named', refused.json.detail.includes('"press"'), refused.text)
}

/** More places than there are, or can be. */
async function tooMany(walk) {
  const areas = ['a', 'b'].map((id) => ({ id, name: id, capacity: 2, price_category: 0 }))
  const hall = new Hall(walk, await createEvent(walk.client, { plan: null, areas, price_categories: [{ name: 'c', price: 500 }] }))
  const all = (quantity) => areas.map(({ id }) => ({ id, quantity }))
  await hall.refusedPatch('more blocked than an area has', 'not_enough_available', { block_areas: all(3) })
  await hall.refusedPatch('more blocked than any event has', 'not_enough_available', { block_areas: all(1048576) })
  await hall.refusedPatch('more kept than any event has', 'not_enough_available', { allocations: [{ id: 'x', areas: all(1048576) }] })
}

/** Times that cannot be. */
async function times(walk) {
  const hall = new Hall(walk, await createEvent(walk.client, definition))
  const fans = (opens_at, releases_at) => ({ allocations: [{ id: 'fans', opens_at, releases_at }] })
  const never = 'released before it opens'
  await hall.refusedPatch(never, 'bad_change', fans('2098-01-01T00:00:00Z', '2097-01-01T00:00:00Z'))
  await hall.refusedPatch('released when it opens', 'bad_change', fans('2098-01-01T00:00:00Z', '2098-01-01T00:00:00Z'))
  await hall.patch('released after it opened', fans('2098-01-01T00:00:00Z', '2099-01-01T00:00:00Z'))
  const refused = await hall.refusedPatch('opened after its release', 'bad_change', { allocations: [{ id: 'fans', opens_at: '2100-01-01T00:00:00Z' }] })
  walk.report.check('the member is named', refused.json.member === 'allocations.releases_at', refused.text)
  await hall.patch('without a time of its own', fans(null, '2098-01-01T00:00:00Z'))
  for (const time of ['opens_at', 'closes_at']) {
    const fixed = await hall.refusedPatch(`another ${time}`, 'bad_change', { sale: { [time]: '2099-01-01T00:00:00Z' } })
    walk.report.check(`${time} is named`, fixed.json.detail.includes(`"sale.${time}" is set when the event is created`), fixed.text)
  }
  const [first] = definition.allocations
  await walk.refused(`an event with an allocation ${never}`, 'event_invalid', 'POST', `${api}/organiser/events`, {
    token: adminToken,
    json: {
      name: 't', starts_at: '2031-05-01T20:00:00', timezone: 'Europe/Berlin', venue: { name: 'v' }, currency: 'EUR', ...definition,
      allocations: [{ ...first, ...fans('2098-01-01T00:00:00Z', '2097-01-01T00:00:00Z').allocations[0] }],
    },
  })
}

/** What allocations keep is not on sale to everybody: neither its price nor that the event is not sold out. */
async function keptPrices(walk) {
  const areas = ['cheap', 'dear'].map((id) => ({ id, name: id, capacity: 2, price_category: id }))
  const price_categories = [{ name: 'cheap', price: 500 }, { name: 'dear', price: 900, fee: 90 }]
  const keep = (id) => ({ id, area: id, quantity: 2, code: id })
  const hall = new Hall(walk, await createEvent(walk.client, { plan: null, areas, price_categories, allocations: [keep('cheap')] }))
  const item = async () => {
    const list = await walk.call('the list of events', 200, 'GET', `${api}/events?limit=100`)
    return list.json.items.find((each) => each.id === hall.event)
  }
  const shown = async (name, amount, status) => {
    const seen = await item()
    walk.report.check(name, (seen?.price_from?.amount ?? null) === amount && seen?.status === status, JSON.stringify(seen))
  }
  await shown('the price of what is kept is not told', 990, 'on_sale')
  await hall.patch('all is kept', { allocations: [keep('dear')] })
  await shown('nothing is on sale to everybody', null, 'sold_out')
  await hall.patch('the cheap ones are released', { allocations: [{ id: 'cheap', release: true }] })
  await shown('they are now', 500, 'on_sale')
}

/** A group that no buyer, or no hold, may have as a whole could never be sold. */
async function groups(walk) {
  const create = (limits) => walk.refused(`a group of two with ${JSON.stringify(limits)}`, 'event_invalid', 'POST', `${api}/organiser/events`, {
    token: adminToken, json: { name: 'g', starts_at: '2031-05-01T20:00:00', timezone: 'Europe/Berlin', venue: { name: 'v' }, currency: 'EUR', ...definition, quotas: [], limits },
  })
  const named = (answer, limit) => walk.report.check(`names the group's size and ${limit}`,
    answer.json.detail.includes('2 seats') && answer.json.detail.includes('1 at most') && answer.json.detail.includes(limit), answer.text)
  named(await create({ per_hold: 1 }), 'per_hold')
  named(await create({ per_buyer: 1 }), 'per_buyer')
  const hall = new Hall(walk, await createEvent(walk.client, definition))
  named(await hall.refusedPatch('one ticket a buyer, with a group of two', 'bad_change', { limits: { per_buyer: 1 } }), 'per_buyer')
  const ofStalls = (answer) => walk.report.check('names the price category', answer.json.detail.includes('"Stalls"'), answer.text)
  const stalls = (per_buyer) => definition.price_categories.map((c) => (c.name === 'Stalls' ? { ...c, per_buyer } : c))
  const single = await walk.refused('a group of two with one of its price category', 'event_invalid', 'POST', `${api}/organiser/events`, {
    token: adminToken, json: { name: 'g', starts_at: '2031-05-01T20:00:00', timezone: 'Europe/Berlin', venue: { name: 'v' }, currency: 'EUR', ...definition, quotas: [], price_categories: stalls(1) },
  })
  named(single, 'per_buyer')
  ofStalls(single)
  ofStalls(await hall.refusedPatch('one ticket of a price category, with a group of two', 'bad_change', { price_categories: [{ name: 'Stalls', per_buyer: 1 }] }))
  await hall.patch('two of it', { price_categories: [{ name: 'Stalls', per_buyer: 2 }] })
  const large = definition.plan.zones[0].rows[0].seats.map((seat) => ({ ...seat, x_group: 'row' }))
  const plan = structuredClone(definition.plan)
  plan.zones[0].rows[0].seats = large
  const path = `${hall.organiser}/plan`
  const refused = await walk.refused('a plan with a group larger than a hold', 'event_invalid', 'PUT', path, { token: adminToken, json: plan })
  walk.report.check('names the group and the hold', refused.json.detail.includes('10 seats') && refused.json.detail.includes('per_hold') && refused.json.detail.includes('8 at most'), refused.text)
  await hall.patch('holds of ten, buyers of nine', { limits: { per_hold: 10, per_buyer: 9 } })
  await walk.refused('a plan with a group larger than a buyer', 'event_invalid', 'PUT', path, { token: adminToken, json: plan })
  await hall.patch('buyers of ten', { limits: { per_buyer: 10 } })
  ofStalls(await walk.refused('a plan with a group larger than two of a price category', 'event_invalid', 'PUT', path, { token: adminToken, json: plan }))
  await hall.patch('any number of it', { price_categories: [{ name: 'Stalls', per_buyer: 0 }] })
  await walk.call('the plan with the group', 200, 'PUT', path, { token: adminToken, json: plan })
}

async function exported(hall) {
  const path = `${api}/events/${hall.event}/plan?format=pretix`
  const plain = await hall.walk.call('the plan for pretix', 200, 'GET', path)
  const whole = await hall.walk.call('the plan with our extensions', 200, 'GET', `${path}&extensions=true`)
  hall.walk.report.check('pretix gets no key of ours', !plain.text.includes('"x_'), plain.text)
  hall.walk.report.check('the whole plan is what was imported', canonical(whole.json) === canonical(definition.plan), whole.text)
}

/** JSON with its members in one order. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.keys(value).sort().map((key) => `${key}:${canonical(value[key])}`).join()}}`
}

async function guessing(hall) {
  const path = `${api}/events/${hall.event}/codes`
  const token = await createSession(hall.walk.client)
  let last
  for (let i = 0; i < 60 && last?.status !== 429; i++) {
    last = await hall.walk.client.request('POST', path, { token, json: { code: `guess-${i}` } })
  }
  await hall.walk.refused('a right code after too many wrong ones', 'rate_limited', 'POST', path, { token, json: { code: 'gold-2' } })
  const hold = await hall.hold('a hold without a code is not concerned', { seats: ['R2-6'] })
  await hall.give(hold)
}

export async function rules(walk) {
  const hall = new Hall(walk, await createEvent(walk.client, definition))
  await exported(hall)
  await together(hall)
  await choosing(hall)
  await swapping(hall)
  await codes(hall)
  await limits(hall)
  await allocations(hall)
  await presale(walk)
  await codeLimits(walk)
  await tooMany(walk)
  await times(walk)
  await keptPrices(walk)
  await groups(walk)
  await guessing(hall)
}
