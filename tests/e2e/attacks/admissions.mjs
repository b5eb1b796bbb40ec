// Admissions in the wrong hands, at the wrong time, or made up.

import { createSession } from '../lib/house.mjs'
import { Visitor, createRoom, publicStatus, until } from '../lib/room.mjs'

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'

/** All booking calls with this admission: what each was told, as "403 not_admitted missing". */
async function bookingCalls(visitor, admission, holdOfAnother) {
  const answers = [
    await visitor.hold(admission),
    await visitor.changeHold(admission, holdOfAnother, 'R20-50'),
    await visitor.order(admission, holdOfAnother),
  ]
  return answers.map(({ status, json }) => `${status} ${json.code} ${json.reason}`)
}

/** Every call is refused for `reason`. */
async function refusedAll(report, name, visitor, admission, holdOfAnother, ...reasons) {
  const said = await bookingCalls(visitor, admission, holdOfAnother)
  const wanted = reasons.map((reason) => `403 not_admitted ${reason}`)
  return report.check(
    name,
    said.every((text) => wanted.includes(text)),
    [...new Set(said)].join(', ') + ' for making and changing a hold and for ordering',
  )
}

/** Replaces one character by another of the alphabet. */
const altered = (token, at) => token.slice(0, at) + alphabet[(alphabet.indexOf(token[at]) + 1 + (at % 60)) % 64] + token.slice(at + 1)

async function tokens(report, server, desk, clock) {
  const event = await createRoom(desk, { admission_seconds: 900 })
  const other = await createRoom(desk, {})
  const alice = await Visitor.create(server.port, event)
  const mallory = await Visitor.create(server.port, event)
  const admission = await alice.comeIn()
  const hold = (await alice.hold(admission)).json
  report.check(
    'with an admission: holds, changes and orders',
    hold.id !== undefined && (await alice.changeHold(admission, hold.id, 'R20-1')).status === 200,
    `the one who was called made hold ${hold.id ? 'and changed it' : 'nothing'}`,
  )
  await refusedAll(report, 'booking without an admission', mallory, undefined, hold.id, 'missing')
  await refusedAll(report, 'an admission shared with another session', mallory, admission, hold.id, 'other_session')
  const admitted = await mallory.comeIn()
  await refusedAll(report, 'the same when that session is in itself', mallory, admission, hold.id, 'other_session')
  const elsewhere = await alice.at(other).hold(admission)
  report.check(
    'an admission of another event',
    elsewhere.status === 403 && elsewhere.json.reason === 'other_event',
    `${elsewhere.status} ${elsewhere.json.code} ${elsewhere.json.reason}`,
  )
  const theirs = (await mallory.hold(admitted)).json // whoever has a hold may order it: so one of another
  const ticket = (await alice.join()).json.ticket
  await refusedAll(report, 'a ticket shown as an admission', alice, ticket, theirs.id, 'malformed')
  const stranger = alice.tab()
  stranger.token = undefined
  const nobody = await stranger.hold(admission)
  report.check('an admission without a session', nobody.status === 401, `${nobody.status} ${nobody.json.code}`)

  const said = new Map()
  for (let at = 0; at < admission.length; at++) {
    const answer = await alice.hold(altered(admission, at))
    const text = `${answer.status} ${answer.json.code} ${answer.json.reason}`
    said.set(text, (said.get(text) ?? 0) + 1)
  }
  for (const text of [admission.slice(0, -1), `${admission}A`, `${admission}=`, admission.toLowerCase(), '', 'A'.repeat(88)]) {
    const answer = await alice.hold(text)
    const key = `${answer.status} ${answer.json.code} ${answer.json.reason}`
    said.set(key, (said.get(key) ?? 0) + 1)
  }
  report.check(
    'an admission altered in each of its characters, cut and lengthened',
    [...said.keys()].every((text) => text.startsWith('403 not_admitted')),
    [...said].map(([text, count]) => `${count} x ${text}`).join(', '),
  )
  report.check('the unaltered one still counts', (await alice.hold(admission)).status === 201)

  // the end: by leaving, by buying, by time
  await mallory.leave()
  await refusedAll(report, 'an admission replayed after leaving', mallory, admitted, hold.id, 'ended')
  const buyer = await Visitor.create(server.port, event)
  const bought = await buyer.comeIn()
  const seat = (await buyer.hold(bought)).json
  const order = await buyer.order(bought, seat.id)
  await until(async () => (await buyer.position()).json.state === 'over', 'a sale ends an admission')
  report.check('buying ends an admission', order.status === 201 && order.json.state === 'paid', `order ${order.json.state}`)
  await refusedAll(report, 'an admission replayed after buying', buyer, bought, hold.id, 'ended')
  const again = await buyer.claim()
  report.check('claiming a second time on a place that was used', again.json.code === 'admission_over', `${again.status} ${again.json.code}`)

  // time: the house's wall clock is set and nothing happens; time passes and the admission is over
  const before = (await alice.position()).json
  clock.set(3600)
  const ahead = (await alice.position()).json
  const bookedAhead = await alice.changeHold(admission, hold.id, 'R20-2')
  clock.set(-7200)
  const behind = (await alice.position()).json
  const bookedBehind = await alice.changeHold(admission, hold.id, 'R20-3')
  clock.set(3600)
  const spread = Math.max(before.closes_in_ms, ahead.closes_in_ms, behind.closes_in_ms) -
    Math.min(before.closes_in_ms, ahead.closes_in_ms, behind.closes_in_ms)
  report.check(
    'the house’s wall clock set an hour ahead and behind',
    bookedAhead.status === 200 && bookedBehind.status === 200 && spread < 30_000,
    `booking still works (${bookedAhead.status}, ${bookedBehind.status}), the admission's end moved by ${spread} ms`,
  )
  alice.close() // idle for so long, its connection would end
  clock.pass(901)
  await until(async () => (await alice.position()).json.state === 'over', 'an admission ends')
  await refusedAll(report, 'an admission replayed after its time', alice, admission, theirs.id, 'expired', 'ended')
  const anew = await alice.join()
  report.check('joining again after the end', anew.status === 201 && anew.json.number > 0, `a new place at the end, number ${anew.json.number}`)
  for (const visitor of [alice, mallory, buyer]) visitor.close()
}

/** What a client says about its own clock changes nothing: it is not asked. */
async function clientClock(report, server, desk) {
  const event = await createRoom(desk, { target_active: 1 })
  const first = await Visitor.create(server.port, event)
  await first.comeIn()
  const waiting = await Visitor.create(server.port, event)
  const joined = (await waiting.join()).json
  const said = []
  for (const years of [-30, -1, 1, 30]) {
    const at = new Date(Date.now() + years * 365 * 86400_000).toUTCString()
    const headers = { Date: at, 'If-Modified-Since': at, 'If-Unmodified-Since': at, 'X-Date': at, Age: '0' }
    const position = (await waiting.position({ headers })).json
    const claim = await waiting.claim({ headers })
    said.push(`${position.rank} ${position.position} ${claim.status} ${claim.json.code}`)
  }
  report.check(
    'a client whose clock is years ahead or behind',
    new Set(said).size === 1 && said[0] === `${joined.rank} ${joined.position} 409 not_called`,
    `rank, position and claim were always: ${said[0]}`,
  )
  first.close()
  waiting.close()
}

/** A ticket is for its bearer to keep; the house knows the place by the session alone. */
async function tickets(report, server, desk) {
  const event = await createRoom(desk, { target_active: 1 })
  const first = await Visitor.create(server.port, event)
  await first.comeIn()
  const owner = await Visitor.create(server.port, event)
  const ticket = (await owner.join()).json.ticket
  const thief = new Visitor(server.port, event, await createSession(desk))
  const position = await thief.position({ headers: { 'Onsale-Ticket': ticket } })
  const joined = await thief.join({ ticket })
  report.check(
    'a ticket taken along to another session',
    position.status === 404 && joined.status === 400,
    `position ${position.status} ${position.json.code}, joining with it ${joined.status} ${joined.json.code}`,
  )
  const status = await publicStatus(desk, event)
  report.check('nobody came in by it', status.called === 1 && status.count === 2, `${status.called} called of ${status.count}`)
  for (const visitor of [first, owner, thief]) visitor.close()
}

export async function attackAdmissions(report, server, desk, clock) {
  await clientClock(report, server, desk)
  await tickets(report, server, desk)
  await tokens(report, server, desk, clock)
}
