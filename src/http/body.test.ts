import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type BodyRead, readBody } from './body.ts'

let server: Server | null = null
afterEach(() => server?.close())

/** What is read of the body that follows these headers, when the client ends after it. */
async function read(text: string, limitBytes: number): Promise<BodyRead> {
  const { promise, resolve } = Promise.withResolvers<BodyRead>()
  const created = createServer(request => {
    void readBody(request, limitBytes).then(resolve)
  })
  server = created
  await new Promise<void>(listening => created.listen(0, '127.0.0.1', listening))
  const { port } = created.address() as AddressInfo // a server that listens on a port has one
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${text}`)
    socket.end()
  })
  socket.on('error', () => {})
  return promise
}

test('a whole body is given as it came', async () => {
  expect(await read('Content-Length: 3\r\n\r\nabc', 3)).toEqual({ kind: 'whole', body: Buffer.from('abc') })
  expect(await read('\r\n', 3)).toMatchObject({ kind: 'whole', body: new Uint8Array(0) })
})

test('a body over the limit is said to be too large, and whether its rest was read', async () => {
  expect(await read('Content-Length: 4\r\n\r\nabcd', 3)).toEqual({ kind: 'too_large', ended: true })
  expect(await read('Content-Length: 900000\r\n\r\nab', 3)).toEqual({ kind: 'too_large', ended: false })
})

test('a client that goes away in the middle ends the reading', async () => {
  expect(await read('Content-Length: 9\r\n\r\nabc', 9)).toEqual({ kind: 'gone' })
})
