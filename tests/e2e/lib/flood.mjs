// Requests by the hundred thousand: each connection keeps a few under way, prepared as bytes, and
// only the status of an answer is read. What is asked and how often is the caller's.

import net from 'node:net'

/** A request as bytes. */
export function requestBytes(method, path, { token, json, headers = {} } = {}) {
  const body = json === undefined ? '' : JSON.stringify(json)
  let head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`
  if (token) head += `Authorization: Bearer ${token}\r\n`
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`
  if (body) head += 'Content-Type: application/json\r\n'
  if (method !== 'GET') head += `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(`${head}\r\n${body}`)
}

/**
 * Sends requestOf(0) to requestOf(count - 1) over `connections`, `depth` under way on each. A
 * connection that the server closes is opened again; what was under way on it counts as lost.
 * @returns {Promise<{byStatus: Map<number, number>, lost: number, withRetryAfter: number, seconds: number}>}
 */
export async function flood(port, count, requestOf, { connections = 8, depth = 8 } = {}) {
  const result = { byStatus: new Map(), lost: 0, withRetryAfter: 0, seconds: 0 }
  const began = performance.now()
  let next = 0
  const take = () => (next < count ? requestOf(next++) : null)
  await Promise.all(Array.from({ length: connections }, () => runConnection(port, take, depth, result)))
  result.seconds = (performance.now() - began) / 1000
  return result
}

async function runConnection(port, take, depth, result) {
  while (await runSocket(port, take, depth, result));
}

/** Until there is nothing more to send (false) or the server has closed (true). */
function runSocket(port, take, depth, result) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    let pending = 0
    let rest = ''
    let done = false
    const fill = () => {
      const parts = []
      while (pending < depth) {
        const bytes = take()
        if (!bytes) {
          done = true
          break
        }
        parts.push(bytes)
        pending++
      }
      if (parts.length) socket.write(Buffer.concat(parts))
      if (done && pending === 0) socket.end()
    }
    socket.once('connect', fill)
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1')
      for (let answer; (answer = cutAnswer(rest)); rest = answer.rest) {
        pending--
        result.byStatus.set(answer.status, (result.byStatus.get(answer.status) ?? 0) + 1)
        if (answer.retryAfter) result.withRetryAfter++
        if (answer.last) return void socket.end()
      }
      fill()
    })
    socket.on('error', (error) => {
      if (error.code === 'ECONNREFUSED') reject(new Error('nobody listens: the server is gone'))
    })
    socket.once('close', () => {
      result.lost += pending
      resolve(!done)
    })
  })
}

/** The first whole answer of a text; bodies have a length. */
function cutAnswer(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (text.length < end + 4 + length) return null
  return {
    status: Number(head.slice(9, 12)),
    last: /\r\nconnection: close/i.test(head),
    retryAfter: /\r\nretry-after: \d+/i.test(head),
    rest: text.slice(end + 4 + length),
  }
}

export const told = (byStatus) =>
  [...byStatus].sort().map(([status, count]) => `${count} x ${status}`).join(', ') || 'no answer'
