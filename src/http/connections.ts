import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Cuts connections of one address beyond its share, so that one stranger cannot take them all. */
export function limitConnections(server: Server, perAddress: number): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress
    // Without an address it is a local socket, or gone already.
    if (address === undefined) return
    const count = (open.get(address) ?? 0) + 1
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
    if (count > perAddress) socket.destroy()
  })
}
