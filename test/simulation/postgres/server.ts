// The server on which a run from the command line plays: an embedded one that vanishes afterwards, or that of
// TEST_DATABASE_URL.
import { rm } from 'node:fs/promises'
import { startEmbedded } from '../../../src/store/embedded.ts'
import { makeDatabasesOn, temporaryFolder } from '../../postgres.ts'

export interface RunServer {
  stop(): Promise<void>
}

export async function startRunServer(): Promise<RunServer> {
  const given = process.env.TEST_DATABASE_URL ?? ''
  if (given !== '') {
    makeDatabasesOn(given)
    return { stop: async () => {} }
  }
  const dataDir = await temporaryFolder()
  const started = await startEmbedded({ dataDir, log: () => {} })
  if (!started.ok) {
    await rm(dataDir, { recursive: true })
    throw new Error(started.why)
  }
  makeDatabasesOn(started.server.url)
  return {
    async stop() {
      await started.server.stop()
      await rm(dataDir, { recursive: true })
    },
  }
}
