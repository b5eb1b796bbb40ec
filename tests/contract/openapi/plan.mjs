// Another seating plan while the event is on sale: what is held and sold stays, new seats are sold, lost ones are not.

import { confirmPayment, createEvent, createSession, gridPlan, seatStates, watchOrder } from '../../e2e/lib/house.mjs'
import { adminToken } from '../../e2e/lib/server.mjs'

const api = '/api/v1'

/** Two rows of four with a seat more in front of the first row, and without the last of the second. */
function widened() {
  const plan = gridPlan(2, 4)
  plan.zones[0].rows[0].seats.unshift({ seat_guid: 'R1-0', seat_number: '0', position: { x: -25, y: 0 }, category: 'Stalls' })
  plan.zones[0].rows[1].seats.pop()
  return plan
}

/** New seats that nobody can buy before they are in the allocation they were built for. */
async function keptSeats(walk, restart) {
  const event = await createEvent(walk.client, { plan: gridPlan(1, 4) })
  const path = `${api}/organiser/events/${event}`, holds = `${api}/events/${event}/holds`
  const put = (name, query, plan) => walk.call(name, 200, 'PUT', `${path}/plan${query}`, { token: adminToken, json: plan })
  const patch = (name, json) => walk.call(name, 200, 'PATCH', path, { token: adminToken, json })
  const states = async (name, wanted) => {
    const answer = await walk.call(name, 200, 'GET', `${api}/events/${event}/availability`)
    const seen = [...seatStates(answer.json, wanted.length)].join('')
    walk.report.check(`${name}: states`, seen === wanted, seen)
    return answer.json.version
  }
  const token = await createSession(walk.client)
  await walk.refused('new seats of no kind', 'bad_value', 'PUT', `${path}/plan?new_seats=kept`, { token: adminToken, json: gridPlan(2, 4) })
  await put('a second row, blocked', '?new_seats=blocked', gridPlan(2, 4))
  const version = await states('the new row is not on sale', '00003333')
  await walk.refused('a new seat', 'seat_unavailable', 'POST', holds, { token, json: { seats: ['R2-1', 'R2-2'] } })
  await put('the plan that is in force', '', gridPlan(2, 4))
  const same = await states('the plan in force, again', '00003333')
  walk.report.check('nothing was changed', same === version, `${version} ${same}`)
  const row = ['R2-1', 'R2-2', 'R2-3', 'R2-4']
  await patch('the new row put aside and unblocked', { unblock: row, allocations: [{ id: 'club', seats: row, code: 'club' }] })
  await walk.refused('without the code', 'seat_unavailable', 'POST', holds, { token, json: { seats: ['R2-1', 'R2-2'] } })
  const hold = await walk.call('with the code', 201, 'POST', holds, { token, json: { seats: ['R2-1', 'R2-2'], code: 'club' } })
  await walk.call('given back', 204, 'DELETE', `${holds}/${hold.json.id}`, { token })
  await put('a third row, on sale', '?new_seats=on_sale', gridPlan(3, 4))
  await restart()
  await states('after a restart', '000033330000')
  await put('the kept row removed', '', gridPlan(1, 4))
  await put('and here again', '', gridPlan(2, 4))
  await states('a seat that comes back is a new one', '00000000')
}

export async function planChange(walk, provider, restart) {
  const event = await createEvent(walk.client, { plan: gridPlan(2, 4) })
  const path = `${api}/organiser/events/${event}/plan`, holds = `${api}/events/${event}/holds`
  const put = (plan) => ({ token: adminToken, json: plan })
  const [buyer, other] = [await createSession(walk.client), await createSession(walk.client)]
  const held = await walk.call('a hold before the plan changes', 201, 'POST', holds, { token: buyer, json: { seats: ['R1-2', 'R1-3'] } })
  const last = await walk.call("somebody on the seat that shall go", 201, 'POST', holds, { token: other, json: { seats: ['R2-4'] } })
  const refused = await walk.refused('a plan without a held seat', 'seat_not_free', 'PUT', path, put(widened()))
  walk.report.check('it names the seat', refused.json.seats?.join() === 'R2-4', refused.text)
  walk.report.check('and what cannot be done to it', refused.json.detail.includes('removed, changed in price or split from'), refused.text)
  await walk.call('which is given back', 204, 'DELETE', `${holds}/${last.json.id}`, { token: other })
  await walk.refused('a plan that is none', 'plan_invalid', 'PUT', path, put({ name: 'p' }))
  await walk.refused('a plan with a category nobody priced', 'event_invalid', 'PUT', path, put(gridPlan(2, 4, { category: 'Gold' })))
  const changed = await walk.call('the plan is changed', 200, 'PUT', path, put(widened()))
  const again = await walk.call('the same plan again', 200, 'PUT', path, put(widened()))
  walk.report.check('the answer is the same', again.text === changed.text, again.text)

  const seen = async (name) => {
    const answer = await walk.call(name, 200, 'GET', `${api}/events/${event}/availability`)
    return [...seatStates(answer.json, 8)].join('')
  }
  const states = await seen('availability in the new order')
  walk.report.check('held seats are where the new plan has them', states === '00110000', states)
  const geometry = await walk.call('the new geometry', 200, 'GET', `${api}/events/${event}/plan`)
  walk.report.check('it has the new seat and not the old one', geometry.json.sections[0].rows.map((row) => row.n).join() === '5,3', geometry.text)
  await walk.refused('a seat that was removed', 'unknown_seat', 'POST', holds, { token: other, json: { seats: ['R2-4'] } })
  const fresh = await walk.call('the new seat and its neighbour', 201, 'POST', holds, { token: other, json: { seats: ['R1-0', 'R1-1'] } })
  walk.report.check('by their names', fresh.json.items.map((i) => i.seat).sort().join() === 'R1-0,R1-1', fresh.text)
  const order = await walk.call('the old hold is ordered', 201, 'POST', `${api}/events/${event}/orders`, {
    token: buyer, json: { hold_id: held.json.id, email: 'ada@example.org' },
  })
  await confirmPayment(provider, order.json.payment)
  await watchOrder(walk.client, buyer, event, order.json.id, (o) => o.state === 'paid')
  await restart()
  walk.report.check('after a restart it is as it was', (await seen('availability after a restart')) === '11220000', '')
  const paid = await walk.call('the order after a restart', 200, 'GET', `${api}/events/${event}/orders/${order.json.id}`, { token: buyer })
  walk.report.check('its seats bear their names', paid.json.items.map((i) => i.seat).join() === 'R1-2,R1-3', paid.text)
  await walk.refused('a plan without a sold seat', 'seat_not_free', 'PUT', path, put(gridPlan(1, 2)))
  const areas = await createEvent(walk.client, {
    plan: null, price_categories: [{ name: 'c', price: 1000 }],
    areas: [{ id: 'floor', name: 'Floor', capacity: 4, price_category: 'c' }],
  })
  await walk.refused('a plan for an event without one', 'no_plan', 'PUT', `${api}/organiser/events/${areas}/plan`, put(gridPlan(1, 2)))
  await keptSeats(walk, restart)
}
