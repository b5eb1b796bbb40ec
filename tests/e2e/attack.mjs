// The attack table: what people and programs try at the front door, and what it got them. One case
// each, with a line that says what happened; on the real server, over HTTP.
//
//   tests/e2e/attack [admissions crowds challenges captchas no-captchas crashes floods spoofs]

import { attackAdmissions } from './attacks/admissions.mjs'
import { attackByCrash } from './attacks/crashes.mjs'
import { attackCaptchas, withoutCaptchas } from './attacks/captchas.mjs'
import { attackByCrowd } from './attacks/crowds.mjs'
import { attackByFlood, attackBySpoof } from './attacks/floods.mjs'
import { attackChallenges } from './attacks/challenges.mjs'
import { Client } from './lib/client.mjs'
import { MovedClock } from './lib/clock.mjs'
import { runReport } from './lib/report.mjs'
import { Server } from './lib/server.mjs'
import { Verifier } from './lib/verifier.mjs'

/** Nothing is limited unless the attack is about limits: else they would hide what is behind them. */
const open = { ONSALE_LIMIT_SESSION_PER_SECOND: '0', ONSALE_CHALLENGE_JOINS_PER_SECOND: '0' }

/** For a server that was built with sanitizers: the moved clock is loaded before them, and memory is judged. */
const sanitizers = { ASAN_OPTIONS: 'verify_asan_link_order=0:quarantine_size_mb=4' }

const attacks = {
  admissions: { run: attackAdmissions, env: open, clock: true },
  crowds: { run: attackByCrowd, env: open },
  challenges: { run: attackChallenges, env: { ...open, ONSALE_CHALLENGE_JOINS_PER_SECOND: '15' }, clock: true },
  captchas: { run: attackCaptchas, env: { ...open, ONSALE_CHALLENGE_JOINS_PER_SECOND: '1' }, clock: true, verifier: true },
  'no-captchas': { run: withoutCaptchas, env: { ...open, ONSALE_CHALLENGE_JOINS_PER_SECOND: '1' } },
  crashes: { run: attackByCrash, env: open },
  floods: {
    run: attackByFlood,
    env: {
      ONSALE_MAX_PENDING: '32',
      ONSALE_MAX_CONNECTIONS: '600',
      ONSALE_CHALLENGE_JOINS_PER_SECOND: '0',
      ONSALE_LIMIT_SESSION_PER_SECOND: '20',
      ONSALE_LIMIT_NETWORK_PER_SECOND: '200',
      ONSALE_TRUSTED_PROXIES: '127.0.0.1',
    },
  },
  spoofs: {
    run: attackBySpoof,
    env: { ...open, ONSALE_LIMIT_SESSION_PER_SECOND: '20', ONSALE_LIMIT_NETWORK_PER_SECOND: '200' },
  },
}

async function attack(report, name) {
  const { run, env, clock: wantsClock, verifier: wantsVerifier } = attacks[name]
  const clock = wantsClock ? new MovedClock() : null
  const verifier = wantsVerifier ? await Verifier.create() : null
  const server = await Server.create({ name: 'attack', env: { ...sanitizers, ...env, ...clock?.env, ...verifier?.env } })
  const failedBefore = report.failed
  console.log(`-- ${name}`)
  try {
    await server.start()
    const desk = new Client(server.port)
    await run(report, server, desk, clock, verifier)
    desk.close()
    const crashed = server.crashed
    const { code } = await server.stop()
    report.check(`the server is well after ${name} and ends in order`, !crashed && code === 0, crashed ?? `exit status ${code}`)
  } catch (error) {
    report.check(`${name} ran to its end`, false, error?.stack ?? String(error))
  } finally {
    await server.stop()
    server.remove(report.failed > failedBefore)
    clock?.remove()
    verifier?.close()
  }
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(attacks)
const unknown = chosen.filter((name) => !attacks[name])
if (unknown.length) {
  console.error(`attack: there is no ${unknown.join(', ')}; there are: ${Object.keys(attacks).join(' ')}`)
  process.exit(2)
}
await runReport(async (report) => {
  for (const name of chosen) await attack(report, name)
})
