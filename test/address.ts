// One address for a database that moves, as a proxy, a floating address or a name gives it: whoever moves it points it there.
import { connect, createServer, type Socket } from 'node:net'
import { freePort } from './program.ts'

export interface Address extends AsyncDisposable {
  readonly port: number
  /** New connections go there. Those that are open stay where they are. */
  pointTo(port: number): void
}

export async function openAddress(first: number): Promise<Address> {
  let target = first
  const port = await freePort()
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const database = connect({ host: '127.0.0.1', port: target })
    const end = (): void => {
      client.destroy()
      database.destroy()
    }
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    client.pipe(database)
    database.pipe(client)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve())
  })
  return {
    port,
    pointTo(next) {
      target = next
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
