// Captchas in place of work: tokens that were made up, used before, solved elsewhere; a provider that does
// not answer, or not sensibly; visitors who leave in between.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from '../lib/client.mjs'
import { adminToken } from '../lib/server.mjs'
import { siteKey } from '../lib/verifier.mjs'
import { Visitor, createRoom, pool, publicStatus, solve, until } from '../lib/room.mjs'

const origin = 'https://challenges.cloudflare.com'

/** Strangers who come and go all the time, so that whoever joins is asked. */
class Rush {
  #strangers = []
  #ended = false
  #running

  static async begin(port, event) {
    const rush = new Rush()
    rush.#strangers = await pool(Array.from({ length: 16 }), 16, () => Visitor.create(port, event))
    rush.#running = rush.#run()
    await until(() => rush.asks, 'a rush')
    return rush
  }

  async #run() {
    const nothing = { status: 0 } // a connection ends when the server's clock jumps
    while (!this.#ended) {
      const answers = await Promise.all(this.#strangers.map((stranger) => stranger.join().catch(() => nothing)))
      this.asks = answers.every(({ status }) => status === 428)
      const inside = this.#strangers.filter((_, i) => answers[i].status === 201)
      await Promise.all(inside.map((stranger) => stranger.leave().catch(() => nothing)))
      await sleep(150)
    }
  }

  async end() {
    this.#ended = true
    await this.#running
    for (const stranger of this.#strangers) stranger.close()
  }
}

const said = ({ status, json }) =>
  [status, json.code ?? 'joined', json.challenge?.kind, json.reason].filter(Boolean).join(' ')

/** What a token got, shown by a visitor of its own. */
async function shown(port, event, token) {
  const visitor = await Visitor.create(port, event)
  const answer = await visitor.join({ captcha: token })
  visitor.close()
  return answer
}

async function verdicts(report, server, event, verifier) {
  const visitor = await Visitor.create(server.port, event)
  const asked = await visitor.join()
  const { challenge } = asked.json
  report.check(
    'who comes in a rush is asked for a captcha',
    asked.status === 428 && challenge.kind === 'captcha' && challenge.provider === 'turnstile' && challenge.site_key === siteKey,
    asked.text,
  )
  const solved = await visitor.join({ captcha: 'yes-1' })
  report.check('a person joins', said(solved) === '201 joined', said(solved))
  const last = verifier.asked.at(-1)
  report.check(
    'the provider is told token and secret, and nothing of the visitor',
    last.response === 'yes-1' && last.secret === verifier.secret && Object.keys(last).length === 2,
    Object.keys(last).join(' '),
  )
  await visitor.leave()
  const again = await visitor.join({ captcha: 'yes-1' })
  report.check('the same token again', said(again) === '428 challenge_required captcha captcha_refused', said(again))
  visitor.close()
  for (const [name, token] of [
    ['a token of another session', 'yes-1'],
    ['a token that was made up', 'no-1'],
    ['a token that was solved on another site', 'elsewhere-1'],
    ['a token that is no token', 'yes 1'],
  ]) {
    const answer = await shown(server.port, event, token)
    report.check(name, said(answer) === '428 challenge_required captcha captcha_refused', said(answer))
  }
  const long = await shown(server.port, event, 'x'.repeat(5000))
  report.check('a token that is too long', said(long) === '400 bad_value', said(long))
}

/** Shown in two requests at once it counts once. */
async function twice(report, server, event) {
  const answers = await Promise.all(Array.from({ length: 20 }, () => shown(server.port, event, 'yes-raced')))
  const joined = answers.filter(({ status }) => status === 201).length
  report.check('20 sessions with one token at once', joined === 1, `${joined} joined`)
}

async function accessible(report, server, event) {
  const visitor = await Visitor.create(server.port, event)
  const answer = await visitor.join({ without_work: true })
  report.check('who cannot use the widget may wait instead', said(answer) === '428 challenge_required wait', said(answer))
  const early = await visitor.join({ challenge: answer.json.challenge.challenge })
  report.check('the wait cannot be left out', said(early) === '428 challenge_required too_early', said(early))
  visitor.close()
}

/** The provider's failures: never a yes, and our own challenge instead. */
async function failures(report, server, event) {
  let n = 0
  const sane = async () => {
    const answer = await shown(server.port, event, `yes-between-${n++}`)
    return answer.status === 201
  }
  for (const kind of ['broken', 'garbage', 'endless', 'cut', 'silent']) {
    const visitor = await Visitor.create(server.port, event)
    const answer = await visitor.join({ captcha: `${kind}-1` })
    report.check(`a provider whose answer is ${kind}`, said(answer) === '428 challenge_required work captcha_unavailable', said(answer))
    if (kind === 'broken') {
      const { challenge } = answer.json
      const joined = await visitor.join({ challenge: challenge.challenge, solution: await solve(challenge) })
      report.check('our own challenge, solved, lets in', joined.status === 201, said(joined))
    }
    visitor.close()
    report.check('the next person joins', await sane())
  }
}

/** The loop goes on while the provider thinks; who left meanwhile does no harm. */
async function leavers(report, server, event, verifier) {
  const leavers = await pool(Array.from({ length: 30 }), 10, () => Visitor.create(server.port, event))
  const joins = leavers.map((visitor, i) => visitor.join({ captcha: `held-${i}` }))
  await until(() => verifier.held === 30, 'the provider to be asked')
  const desk = new Client(server.port)
  const began = performance.now()
  const status = await publicStatus(desk, event)
  report.check('others are answered meanwhile', Boolean(status.phase), `${(performance.now() - began).toFixed(1)} ms`)
  for (const visitor of leavers.slice(0, 20)) visitor.close()
  await sleep(50)
  verifier.release()
  const answers = await Promise.all(joins.slice(20)) // of the others' no answer comes
  const joined = answers.filter(({ status }) => status === 201).length
  report.check('30 wait for the provider, 20 leave: the others join', joined === 10, `${joined} joined`)
  const back = await leavers[0].join()
  report.check('whoever left has its place all the same', back.status === 200, said(back))
  for (const visitor of leavers) visitor.close()
  desk.close()
}

/** More than can be looked at: the rest is asked for work, at once. */
async function crowded(report, server, event, verifier) {
  const visitors = await pool(Array.from({ length: 300 }), 20, () => Visitor.create(server.port, event))
  const answers = visitors.map((visitor, i) => visitor.join({ captcha: `held-crowd-${i}` }))
  await until(() => verifier.held >= 256, 'a full house at the provider')
  verifier.release()
  const all = await Promise.all(answers)
  const joined = all.filter(({ status }) => status === 201).length
  const work = all.filter((answer) => said(answer) === '428 challenge_required work captcha_unavailable').length
  report.check('300 tokens at once', joined === 256 && work === 44, `${joined} joined, ${work} were asked for work`)
  for (const visitor of visitors) visitor.close()
}

/** After failures in a row nobody is sent to the provider for a while. */
async function outage(report, server, event, verifier, clock) {
  for (let i = 0; i < 3; i++) await shown(server.port, event, `broken-outage-${i}`)
  const before = verifier.asked.length
  const visitor = await Visitor.create(server.port, event)
  const answer = await visitor.join()
  report.check('while the provider is out, work is asked for at once', said(answer) === '428 challenge_required work', said(answer))
  const late = await visitor.join({ captcha: 'yes-late' })
  report.check(
    'a captcha from before is not shown then',
    said(late) === '428 challenge_required work captcha_unavailable' && verifier.asked.length === before,
    said(late),
  )
  visitor.close()
  clock.pass(16)
  const asked = async () => {
    const { status, json } = await visitor.join()
    if (status === 201) await visitor.leave() // the rush had to come back first
    return json.challenge?.kind === 'captcha'
  }
  await until(asked, 'the end of the rest')
  report.check('a quarter of a minute later captchas are asked for again', true)
  visitor.close()
}

async function policies(report, server, event, open) {
  const desk = new Client(server.port)
  for (const path of ['/', `/events/${event}/queue`]) {
    const policy = (await desk.request('GET', path)).headers['content-security-policy'] ?? ''
    const allowed = policy.includes(`script-src 'self'`) && policy.includes(origin)
    report.check(`${path === '/' ? 'pages' : 'the waiting page'} may ${open ? '' : 'not '}load the widget`, allowed === open && policy !== '', policy)
  }
  desk.close()
}

async function told(report, server) {
  const desk = new Client(server.port)
  const { text } = await desk.request('GET', '/metrics', { token: adminToken })
  const counts = Object.fromEntries([...text.matchAll(/^onsale_captchas_shown_total\{verdict="(\w+)"\} (\d+)$/gm)].map(([, k, n]) => [k, Number(n)]))
  report.check('what became of captchas is counted', counts.human > 0 && counts.refused > 5 && counts.unavailable >= 8, JSON.stringify(counts))
  const log = readFileSync(server.logFile, 'utf8')
  const lines = log.split('\n').filter((line) => line.includes('captcha_unavailable')).length
  report.check('an outage is logged, but not each time', lines > 0 && lines < 4, `${lines} lines`)
  return desk.close()
}

export async function attackCaptchas(report, server, desk, clock, verifier) {
  const event = await createRoom(desk, { target_active: 1 })
  await policies(report, server, event, true)
  const rush = await Rush.begin(server.port, event)
  await verdicts(report, server, event, verifier)
  await twice(report, server, event)
  await accessible(report, server, event)
  await leavers(report, server, event, verifier)
  await crowded(report, server, event, verifier)
  await failures(report, server, event)
  await outage(report, server, event, verifier, clock)
  // Somebody still waits for the provider when the server is told to end.
  const last = await Visitor.create(server.port, event)
  void last.join({ captcha: 'silent-last' }).then(() => last.close(), () => {})
  await until(() => verifier.asked.at(-1).response === 'silent-last', 'the last to be asked')
  await rush.end()
  await told(report, server)
  const log = readFileSync(server.logFile, 'utf8')
  report.check('neither secret nor tokens are in the log', !log.includes(verifier.secret) && !log.includes('yes-'))
}

/** Without settings nothing of it is there. */
export async function withoutCaptchas(report, server, desk) {
  const event = await createRoom(desk, { target_active: 1 })
  await policies(report, server, event, false)
  const rush = await Rush.begin(server.port, event)
  const answer = await shown(server.port, event, 'yes-1')
  report.check('a captcha that nobody asked for', said(answer) === '428 challenge_required work captcha_unavailable', said(answer))
  await rush.end()
  const { text } = await desk.request('GET', '/metrics', { token: adminToken })
  report.check('no captchas are counted', !text.includes('captcha'))
}
