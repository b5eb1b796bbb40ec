// The nginx configuration of deploy/, as it stands in the file, on loopback with a self-signed
// certificate, in front of a real server.

import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from './lib/client.mjs'
import { createEvent, gridPlan } from './lib/house.mjs'
import { runReport } from './lib/report.mjs'
import { Server, adminToken, freePorts, top } from './lib/server.mjs'

const api = '/api/v1'

/** Fills in the marks of deploy/nginx.conf; a mark that is not expected is an error. */
function fillIn(text, values) {
  return text.replace(/<([^<>\n]+)>/g, (mark, name) => {
    if (!(name in values)) throw new Error(`deploy/nginx.conf: unexpected ${mark}`)
    return values[name]
  })
}

class Edge {
  static async start(server) {
    const edge = new Edge()
    const folder = path.join(server.folder, 'edge')
    mkdirSync(folder)
    edge.port = await freePorts()
    const certificate = path.join(folder, 'certificate.pem')
    const key = path.join(folder, 'key.pem')
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
        .concat(['-subj', '/CN=localhost', '-keyout', key, '-out', certificate]),
      { stdio: 'ignore' },
    )
    const site = fillIn(readFileSync(path.join(top, 'deploy/nginx.conf'), 'utf8').replace(/^\s*#.*$/gm, ''), {
      '127.0.0.1:8080': `127.0.0.1:${server.port}`,
      '/var/cache/nginx/onsale': path.join(folder, 'cache'),
      '/opt/onsale/deploy/away.html': path.join(top, 'deploy/away.html'),
      80: `127.0.0.1:${edge.port + 1}`,
      443: `127.0.0.1:${edge.port}`,
      'tickets.example.org': 'localhost',
      '/etc/letsencrypt/live/tickets.example.org/fullchain.pem': certificate,
      '/etc/letsencrypt/live/tickets.example.org/privkey.pem': key,
    })
    writeFileSync(path.join(folder, 'site.conf'), site)
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${path.join(folder, name)};`)
      .join('\n')
    writeFileSync(
      path.join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;\n` +
        `events { worker_connections 512; }\nhttp { access_log off; ${temp} include site.conf; }\n`,
    )
    edge.process = spawn('/usr/sbin/nginx', ['-e', path.join(folder, 'error.log'), '-p', folder, '-c', 'nginx.conf'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    edge.ended = new Promise((resolve) => edge.process.once('close', resolve))
    for (let look = 0; look < 200; look++) {
      const answer = await edge.request('GET', '/health').catch(() => null)
      if (answer) return edge
      await sleep(50)
    }
    throw new Error(`nginx did not start: ${readFileSync(path.join(folder, 'error.log'), 'utf8')}`)
  }

  connect() {
    return new Promise((resolve, reject) => {
      const session = http2.connect(`https://localhost:${this.port}`, { rejectUnauthorized: false })
      session.once('connect', () => resolve(session))
      session.once('error', reject)
    })
  }

  /** One request over HTTP/2; {status, headers, text, protocol}. */
  async request(method, path, { body, headers = {} } = {}) {
    const session = await this.connect()
    try {
      return await new Promise((resolve, reject) => {
        const stream = session.request({ ':method': method, ':path': path, ...headers })
        let text = ''
        let answer
        stream.on('response', (fields) => (answer = fields))
        stream.on('data', (chunk) => (text += chunk))
        stream.on('end', () =>
          resolve({ status: answer?.[':status'], headers: answer ?? {}, text, protocol: session.alpnProtocol }),
        )
        stream.on('error', reject)
        stream.end(body)
      })
    } finally {
      session.close()
    }
  }

  /** The first bytes of an endless answer, or null when none come in time. */
  async firstBytes(path, patienceMs = 10_000) {
    const session = await this.connect()
    try {
      return await new Promise((resolve) => {
        const stream = session.request({ ':path': path })
        const timer = setTimeout(() => resolve(null), patienceMs)
        stream.once('data', (chunk) => {
          clearTimeout(timer)
          resolve(String(chunk))
        })
        stream.on('error', () => {})
      })
    } finally {
      session.destroy()
    }
  }

  async stop() {
    this.process.kill('SIGTERM')
    await this.ended
  }
}

async function examine(report, server, edge) {
  const desk = new Client(server.port)
  const event = await createEvent(desk, { plan: gridPlan(4, 10) })
  desk.close()
  const { plan_url: planUrl } = JSON.parse((await edge.request('GET', `${api}/events/${event}`)).text)

  await pages(report, edge, event)

  const health = await edge.request('GET', '/health')
  report.check('speaks HTTP/2 over TLS', health.protocol === 'h2' && health.status === 200, `${health.protocol} ${health.status}`)
  const plain = await new Client(edge.port + 1).request('GET', '/events/x')
  report.check('sends plain HTTP to HTTPS', plain.status === 301 && plain.headers.location === 'https://127.0.0.1/events/x')
  report.check('keeps the node’s figures to itself', (await edge.request('GET', '/metrics')).status === 404)

  const first = await edge.request('GET', planUrl)
  const second = await edge.request('GET', planUrl)
  report.check(
    'serves a plan from its cache the second time',
    first.status === 200 && second.headers['x-cache'] === 'HIT' && second.text === first.text,
    `${first.headers['x-cache']}, then ${second.headers['x-cache']}`,
  )

  const session = await edge.request('POST', `${api}/sessions`)
  const { token } = JSON.parse(session.text)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'edge-1' }
  const wish = JSON.stringify({ seats: ['R1-1'] })
  const held = await edge.request('POST', `${api}/events/${event}/holds`, { headers, body: wish })
  const again = await edge.request('POST', `${api}/events/${event}/holds`, { headers, body: wish })
  report.check(
    'passes a purchase on, and its repetition',
    held.status === 201 && again.status === 201 && JSON.parse(again.text).id === JSON.parse(held.text).id,
    `${held.status}, ${again.status}`,
  )
  const own = await edge.request('GET', `${api}/events/${event}/holds/${JSON.parse(held.text).id}`, { headers })
  report.check('caches nothing that belongs to one buyer', own.status === 200 && own.headers['x-cache'] === undefined)

  const accepted = async () => Number(/http_accepted_total (\d+)/.exec((await new Client(server.port).request('GET', '/metrics')).text)?.[1])
  const before = await accepted()
  for (let i = 0; i < 20; i++) await edge.request('GET', `${api}/events?page=${i}`)
  const more = (await accepted()) - before
  report.check('asks for what it does not have over connections that stay open', more < 10, `${more} new ones for 20 requests`)

  await wait(report, server, edge, headers)

  const message = await edge.firstBytes(`${api}/events/${event}/stream`)
  report.check('passes events on as they come', message !== null && /(^|\n)(event|data|retry|id)?:/.test(message))

  const long = await edge.request('POST', `${api}/events/${event}/holds`, { headers, body: 'x'.repeat(100_000) })
  report.check('refuses a body that is too large', long.status === 413, `${long.status}`)
  const upload = await edge.request('POST', `${api}/organiser/events`, {
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ x_padding: 'x'.repeat(300_000) }),
  })
  report.check('lets an organiser’s large plan through to the server', upload.status === 400 || upload.status === 422, `${upload.status}`)
}

/** The shop's own pages, as search engines and previews of links read them. */
async function pages(report, edge, event) {
  const address = `/events/${event}`
  const page = await edge.request('GET', address, { headers: { 'accept-language': 'fr-CH, fr;q=0.9' } })
  const data = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/.exec(page.text)?.[1] ?? '{}')
  report.check(
    'serves an event’s page as HTML with linked data, in the reader’s language',
    page.status === 200 && page.text.includes('<html lang="fr">') && data['@context'] === 'https://schema.org' && data.offers?.length > 0,
    `${page.status} ${data['@type']}`,
  )
  report.check(
    'under the shop’s strict policy',
    /script-src 'self'/.test(page.headers['content-security-policy']) && !/unsafe|\*(?!:)/.test(page.headers['content-security-policy']),
    page.headers['content-security-policy'],
  )
  const again = await edge.request('GET', address, {
    headers: { 'accept-language': 'fr-CH, fr;q=0.9', 'if-none-match': page.headers.etag },
  })
  report.check('and not twice to whoever has it', again.status === 304 && again.text === '', `${again.status}`)
  const named = await edge.request('GET', `${address}?lang=es`, { headers: { 'accept-language': 'fr' } })
  report.check(
    'a language in the address wins, and is kept',
    named.text.includes('<html lang="es">') && String(named.headers['set-cookie']).startsWith('onsale_language=es;'),
    String(named.headers['set-cookie']),
  )
  const kept = await edge.request('GET', '/', { headers: { 'accept-language': 'fr', cookie: 'onsale_language=de' } })
  report.check('the kept one is before the browser’s', kept.text.includes('<html lang="de">') && /Cookie/i.test(kept.headers.vary), kept.headers.vary)
  const map = await edge.request('GET', '/sitemap.xml')
  const robots = await edge.request('GET', '/robots.txt')
  report.check('names its events in a sitemap that robots.txt names', map.text.includes(`${address}</loc>`) && /^Sitemap: http.*\/sitemap\.xml$/m.test(robots.text))
  const legal = await Promise.all(['imprint', 'terms', 'privacy'].map((name) => edge.request('GET', `/${name}`)))
  report.check(
    'has an imprint, terms and a word on privacy that need no script',
    legal.every((one) => one.status === 200 && one.text.includes('<h1>') && !/<script/.test(one.text)),
    legal.map((one) => one.status).join(),
  )
  const missing = await Promise.all(['/nowhere', '/events/evt_none', '/events/evt_none/seats', '/events'].map((where) => edge.request('GET', where)))
  report.check(
    'and says of what is not there that it is not, with a way on',
    missing.every((one) => one.status === 404 && one.text.includes('href="/"') && one.headers['cache-control'] === 'no-cache'),
    missing.map((one) => one.status).join(),
  )
}

/** A waiting room: its status comes from the cache, places and admissions never, and who joins is known. */
async function wait(report, server, edge, headers) {
  const desk = new Client(server.port)
  const event = await createEvent(desk, { plan: gridPlan(4, 10), queue: { enabled: true } })
  desk.close()
  const room = `${api}/events/${event}/queue`
  const status = []
  for (let i = 0; i < 3; i++) status.push(await edge.request('GET', room))
  report.check(
    'serves the status of a waiting room from its cache',
    status.every((answer) => answer.status === 200) && status[2].headers['x-cache'] !== 'MISS' && status[2].headers['x-cache'],
    status.map((answer) => `${answer.status} ${answer.headers['x-cache']}`).join(', '),
  )
  const aside = []
  for (const query of ['?x=1', '?x=2&y', '?']) aside.push(await edge.request('GET', room + query))
  report.check(
    'serves it from there whatever stands behind a question mark',
    aside.every((answer) => answer.status === 200 && !['MISS', undefined].includes(answer.headers['x-cache'])),
    aside.map((answer) => `${answer.status} ${answer.headers['x-cache']}`).join(', '),
  )
  const pages = []
  for (const query of ['?limit=1', '?limit=0', '?limit=1']) pages.push(await edge.request('GET', `${api}/events${query}`))
  report.check('but keeps lists apart', pages.map((answer) => answer.status).join() === '200,400,200', pages.map((answer) => answer.status).join())
  const joined = await edge.request('POST', room, { headers, body: '{}' })
  report.check('passes on who joins at the same address', joined.status === 201, `${joined.status}`)
  let place
  for (let i = 0; i < 100 && place?.state !== 'called'; i++) {
    const answer = await edge.request('GET', `${room}/position`, { headers })
    if (i === 0) report.check('caches no place', answer.status === 200 && answer.headers['x-cache'] === undefined)
    place = JSON.parse(answer.text)
    await sleep(100)
  }
  const claimed = await edge.request('POST', `${room}/claim`, { headers })
  const { admission } = JSON.parse(claimed.text)
  const hold = (more) =>
    edge.request('POST', `${api}/events/${event}/holds`, {
      headers: { ...headers, ...more, 'idempotency-key': `edge-${Math.random()}` },
      body: JSON.stringify({ seats: ['R1-1'] }),
    })
  const [without, within] = [await hold({}), await hold({ 'onsale-admission': admission })]
  report.check('passes an admission on', without.status === 403 && within.status === 201, `${without.status}, ${within.status}`)
  const left = await edge.request('DELETE', room, { headers })
  report.check('passes leaving on', left.status === 204, `${left.status}`)
}

/** The session's cookie where browsers take a secure one, and where they would not. */
async function cookies(report, server, edge) {
  const named = (host, headers = {}) =>
    new Promise((resolve, reject) => {
      const where = { host: '127.0.0.1', port: server.port, path: `${api}/sessions`, method: 'POST', headers: { host, ...headers } }
      http.request(where, (answer) => resolve(answer.resume().headers['set-cookie'][0])).once('error', reject).end()
    })
  const secure = /^__Host-onsale_session=[^;]+; Path=\/;.*; HttpOnly; SameSite=Lax; Secure$/
  const [behind] = (await edge.request('POST', `${api}/sessions`)).headers['set-cookie']
  report.check('the session is a __Host- cookie behind TLS', secure.test(behind), behind.replace(/=[^;]+/, '=...'))
  const token = behind.replace(/^[^=]+=|;.*/g, '')
  const owned = (name) => edge.request('GET', `${api}/events/evt_none/holds/hld_none`, { headers: { cookie: `${name}=${token}` } })
  const [bound, loose] = [await owned('__Host-onsale_session'), await owned('onsale_session')]
  report.check(
    'and one that a neighbour could have set is not looked at there',
    bound.status === 404 && loose.status === 401,
    `${bound.status}, ${loose.status}`,
  )
  const local = await named(`localhost:${server.port}`)
  report.check('and on localhost', secure.test(local), local.replace(/=[^;]+/, '=...'))
  const plain = await named(`192.0.2.7:${server.port}`)
  report.check('and a plain one where a browser would refuse that', /^onsale_session=/.test(plain) && !/Secure/.test(plain), plain.replace(/=[^;]+/, '=...'))
}

async function forge(report, server, edge) {
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      edge.request('POST', `${api}/sessions`, { headers: { 'x-forwarded-for': `203.0.113.${i}` } }),
    ),
  )
  const limited = answers.filter((answer) => answer.status === 429).length
  report.check('a forged X-Forwarded-For does not lift the limit on a network', limited > 0, `${limited} of 60 were put off`)
}

await runReport(async (report) => {
  const server = await Server.create({ name: 'edge', env: { ONSALE_TRUSTED_PROXIES: '127.0.0.1' } })
  let edge
  try {
    await server.start()
    edge = await Edge.start(server)
    await examine(report, server, edge)
    await cookies(report, server, edge)
    await server.stop()
    const away = await edge.request('POST', `${api}/sessions`)
    report.check(
      'says in the API’s words that the server is away',
      away.status === 503 && JSON.parse(away.text).code === 'busy' && Number(away.headers['retry-after']) > 0,
      `${away.status}`,
    )
    const page = await edge.request('GET', '/events/evt_x', { headers: { accept: 'text/html,*/*;q=0.8' } })
    report.check(
      'and to readers in a page that tries again by itself',
      page.status === 503 && page.text.includes('<h1>') && page.headers.refresh === '5' && /^text\/html/.test(page.headers['content-type']),
      `${page.status} ${page.headers['content-type']}`,
    )
    server.env.ONSALE_LIMIT_NETWORK_PER_SECOND = '5'
    await server.start()
    await forge(report, server, edge)
  } finally {
    await edge?.stop()
    await server.stop()
    server.remove(report.failed > 0)
  }
})
