// A merchant's own server, as small as one can be: it takes notices and says OK.
import { createServer } from 'node:http'

export interface Receiver {
  readonly url: string
  /** Notices that came, repeats included. */
  count(): number
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  let count = 0
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      count += 1
      response.writeHead(200, { 'content-type': 'text/plain' }).end('OK')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/notify`,
    count: () => count,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
