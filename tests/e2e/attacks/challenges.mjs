// Challenges that were not solved, not asked for, or used before.

import { flood, requestBytes, told } from '../lib/flood.mjs'
import { createSession } from '../lib/house.mjs'
import { cpuSeconds, residentBytes } from '../lib/process.mjs'
import { Visitor, api, createRoom, pool, publicStatus, solve, until } from '../lib/room.mjs'

const forgedCount = 100_000

/** Strangers who make a rush at an event when one is wanted: then everybody is asked. */
class Crowd {
  #strangers

  static async create(port, event) {
    const crowd = new Crowd()
    crowd.#strangers = await pool(Array.from({ length: 24 }), 24, () => Visitor.create(port, event))
    return crowd
  }

  /** From now on, for the better part of a second, joining takes a challenge. */
  async rush() {
    await until(async () => {
      const answers = await Promise.all(this.#strangers.map((stranger) => stranger.join()))
      // whoever was let in before it was a rush leaves again
      await Promise.all(this.#strangers.filter((_, i) => answers[i].status < 300).map((stranger) => stranger.leave()))
      return answers.some(({ status }) => status === 428)
    }, 'a rush')
  }

  /** Everybody tries, whatever comes of it. */
  shove() {
    return Promise.all(this.#strangers.map((stranger) => stranger.join()))
  }

  close() {
    for (const stranger of this.#strangers) stranger.close()
  }
}

const said = ({ status, json }) => `${status} ${json.code ?? 'joined'}${json.reason ? ` ${json.reason}` : ''}`

/** What is asked of a visitor in a rush. */
async function asked(crowd, visitor, json = {}) {
  await crowd.rush()
  const answer = await visitor.join(json)
  if (answer.status !== 428) throw new Error(`no challenge in a rush: ${answer.status} ${answer.text}`)
  return answer.json.challenge
}

/** Shows a challenge in a rush, and says what came of it. */
async function show(crowd, visitor, challenge, solution) {
  await crowd.rush()
  return said(await visitor.join({ challenge: challenge.challenge, ...(solution && { solution }) }))
}

async function once(report, server, crowd, event, other) {
  const visitor = await Visitor.create(server.port, event)
  const thief = await Visitor.create(server.port, event)
  const challenge = await asked(crowd, visitor)
  const wrong = await show(crowd, visitor, challenge, Buffer.alloc(challenge.puzzles * 4, 7).toString('base64url'))
  report.check('a challenge with numbers that solve nothing', wrong === '428 challenge_required wrong', wrong)
  const none = await show(crowd, visitor, challenge)
  report.check('a challenge without its solution', none === '428 challenge_required malformed', none)

  const began = performance.now()
  const solution = await solve(challenge)
  const took = ((performance.now() - began) / 1000).toFixed(1)
  const work = `${challenge.puzzles} puzzles of ${challenge.bits} bits, solved in ${took} s of plain JavaScript`
  const stolen = await show(crowd, thief, challenge, solution)
  report.check('a solution for another session', stolen === '428 challenge_required forged', stolen)
  const there = await Crowd.create(server.port, other)
  const elsewhere = await show(there, visitor.at(other), challenge, solution)
  there.close()
  report.check('a solution for another event', elsewhere === '428 challenge_required forged', elsewhere)
  const solved = await show(crowd, visitor, challenge, solution)
  report.check('the solution of its own', solved === '201 joined', `${solved}; ${work}`)
  await visitor.leave()
  const again = await show(crowd, visitor, challenge, solution)
  report.check('a solution used a second time', again === '428 challenge_required repeated', again)

  let taken = 0
  for (let at = 0; at < challenge.challenge.length; at++) {
    const text = challenge.challenge
    const other64 = text[at] === 'A' ? 'B' : 'A'
    const answer = await show(crowd, thief, { challenge: text.slice(0, at) + other64 + text.slice(at + 1) }, solution)
    if (!/^428 challenge_required (forged|malformed)$/.test(answer)) taken++
  }
  report.check('a challenge altered in each of its characters', taken === 0, `${taken} of ${challenge.challenge.length} were taken`)
  visitor.close()
  thief.close()
}

/** No attack, but nobody should work twice for it: the disk is full when the solution comes. */
async function unspent(report, server, crowd, clock, event) {
  const visitor = await Visitor.create(server.port, event)
  const challenge = await asked(crowd, visitor)
  const solution = await solve(challenge)
  clock.fill(true)
  await until(async () => (await crowd.shove()).every(({ status }) => status === 503), 'a full disk')
  for (let i = 0; i < 3; i++) await crowd.shove()
  const full = said(await visitor.join({ challenge: challenge.challenge, solution }))
  clock.fill(false)
  await until(async () => (await crowd.shove()).every(({ status }) => status !== 503), 'room on the disk')
  const room = await show(crowd, visitor, challenge, solution)
  report.check('a solution that came while the disk was full counts later', full.startsWith('503') && room === '201 joined', `${full}, then ${room}`)
  await visitor.leave()
  visitor.close()
}

/** Who would rather wait than compute cannot leave out the waiting. */
async function patience(report, server, crowd, event) {
  const visitor = await Visitor.create(server.port, event)
  const wait = await asked(crowd, visitor, { without_work: true })
  const early = await show(crowd, visitor, wait)
  report.check(
    'a wait instead of work, shown at once',
    wait.kind === 'wait' && early === '428 challenge_required too_early',
    `${early} of ${wait.wait_seconds} s`,
  )
  // to a program a wait costs nothing, so one network gets few of them
  const waiters = await pool(Array.from({ length: 60 }), 20, () => Visitor.create(server.port, event))
  await crowd.rush()
  const answers = await Promise.all(waiters.map((waiter) => waiter.join({ without_work: true })))
  const waits = answers.filter(({ status }) => status === 428).length
  const refused = answers.filter(({ status, headers }) => status === 429 && headers['retry-after']).length
  report.check(
    '60 sessions of one network that would all rather wait',
    refused > 0 && waits + refused === 60,
    `${waits} may wait, ${refused} were told 429 with Retry-After`,
  )
  for (const one of [visitor, ...waiters]) one.close()
}

/** A challenge made up while none is asked for must not spare anybody from being counted. */
async function uncounted(report, server, desk) {
  const event = await createRoom(desk, { target_active: 1 })
  const visitors = await pool(Array.from({ length: 150 }), 20, () => Visitor.create(server.port, event))
  const answers = await Promise.all(visitors.map((visitor) => visitor.join({ challenge: 'A'.repeat(48) })))
  const joined = answers.filter(({ status }) => status === 201).length
  const asked = answers.filter(({ status }) => status === 428).length
  report.check(
    '150 sessions that come with made-up challenges before any is asked for',
    asked > 0 && joined + asked === 150,
    `${joined} joined, then ${asked} were asked for work`,
  )
  for (const visitor of visitors) visitor.close()
}

async function late(report, server, crowd, clock, event) {
  const visitor = await Visitor.create(server.port, event)
  const challenge = await asked(crowd, visitor)
  // connections that were idle for so long end; new ones come
  crowd.close()
  visitor.close()
  clock.pass(121)
  const answer = await show(crowd, visitor, challenge, Buffer.alloc(challenge.puzzles * 4).toString('base64url'))
  report.check('a challenge after two minutes', answer === '428 challenge_required expired', answer)
  visitor.close()
}

async function forged(report, server, desk, crowd, event) {
  const token = await createSession(desk)
  const solution = Buffer.alloc(64).toString('base64url')
  const path = `${api}/events/${event}/queue`
  const genuine = Buffer.from((await asked(crowd, new Visitor(server.port, event, token))).challenge, 'base64url')
  const plain = requestBytes('POST', path, { token, json: {} })
  const request = (i) => {
    if (i % 100 === 0) return plain // it goes on being a rush
    genuine.writeUInt32BE(i, genuine.length - 4) // another tag each time
    return requestBytes('POST', path, { token, json: { challenge: genuine.toString('base64url'), solution } })
  }
  await flood(server.port, 5000, request) // what a warm server needs it has now
  const memory = residentBytes(server.pid)
  const cpu = cpuSeconds(server.pid)
  const result = await flood(server.port, forgedCount, request)
  const grown = (residentBytes(server.pid) - memory) / 1048576
  const each = ((cpuSeconds(server.pid) - cpu) / forgedCount) * 1e6
  report.check(
    `${forgedCount} forged challenges`,
    result.byStatus.get(428) === forgedCount && result.lost === 0,
    `${told(result.byStatus)}; ${Math.round(forgedCount / result.seconds)} a second, ${each.toFixed(0)} us of CPU each`,
  )
  report.check('no memory for them', grown < 16, `${grown.toFixed(1)} MiB more than before`)
  const { count } = await publicStatus(desk, event)
  const joined = (await new Visitor(server.port, event, token).position()).status
  report.check('no place for them', joined === 404, `position of the forger: ${joined}, ${count} places`)
}

export async function attackChallenges(report, server, desk, clock) {
  const event = await createRoom(desk, { target_active: 1 })
  const other = await createRoom(desk, { target_active: 1 })
  const crowd = await Crowd.create(server.port, event)
  await once(report, server, crowd, event, other)
  await unspent(report, server, crowd, clock, event)
  await uncounted(report, server, desk)
  await patience(report, server, crowd, event)
  await forged(report, server, desk, crowd, event)
  await late(report, server, crowd, clock, event)
  crowd.close()
}
