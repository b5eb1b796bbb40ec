// How much one card may buy, over HTTP: whoever orders, with whatever address, and when several pay at once.

import { confirmPayment, createEvent, createSession, watchOrder } from '../../e2e/lib/house.mjs'

const api = '/api/v1'

export async function cards(walk, provider) {
  const event = await createEvent(walk.client, {
    areas: [{ id: 'floor', name: 'Floor', capacity: 40, price_category: 'Floor' }],
    price_categories: [{ name: 'Floor', price: 2000, fee: 200 }],
    limits: { per_buyer: 4, per_hold: 4 },
  })
  const orders = `${api}/events/${event}/orders`
  let people = 0

  const order = async (quantity) => {
    const token = await createSession(walk.client)
    const hold = await walk.call('a hold', 201, 'POST', `${api}/events/${event}/holds`, { token, json: { areas: [{ id: 'floor', quantity }] } })
    const body = { hold_id: hold.json.id, email: `card${(people += 1)}@example.org`, name: 'Ada' }
    const made = await walk.call('an order', 201, 'POST', orders, { token, json: body })
    return { token, id: made.json.id, payment: made.json.payment }
  }
  const pay = (one, method) => confirmPayment(provider, one.payment, method)
  const ended = (one) => watchOrder(walk.client, one.token, event, one.id, (o) => o.state === 'paid' || o.state === 'failed')

  const first = await order(3)
  await pay(first, 'pm_card_visa')
  walk.report.check('three of four are paid', (await ended(first))?.state === 'paid')

  // Three buyers, three addresses, one card, one after the other without waiting: one place is left for it.
  const several = [await order(1), await order(1), await order(1)]
  for (const one of several) await pay(one, 'pm_card_visa')
  const outcomes = []
  for (const one of several) outcomes.push(await ended(one))
  const failed = outcomes.filter((o) => o?.state === 'failed')
  walk.report.check('of three orders at once one card pays one', failed.length === 2 && outcomes.filter((o) => o?.state === 'paid').length === 1,
    JSON.stringify(outcomes))
  walk.report.check('the others are told why', failed.every((o) => o.payment.last_error?.code === 'card_limit_reached' && o.tickets.length === 0),
    JSON.stringify(failed))
  const one = several[outcomes.findIndex((o) => o?.state === 'failed')]
  await walk.call('an order whose card had enough', 200, 'GET', `${orders}/${one.id}`, { token: one.token })

  const other = await order(4)
  await pay(other, 'pm_card_mastercard')
  walk.report.check('another card pays', (await ended(other))?.state === 'paid')
  const seats = await walk.call('what is left', 200, 'GET', `${api}/events/${event}/availability`)
  walk.report.check('the seats of the failed orders are free', JSON.stringify(seats.json).includes('32'), seats.text)
}
