// Writes docs/openapi.json from the routes that are served. `--check` compares instead and fails where the file is
// stale; `--print` prints the fresh text.
import { readFile, writeFile } from 'node:fs/promises'
import { mountApi } from '../src/api/api.ts'
import type { ApiNeeds } from '../src/api/needs.ts'
import { createServer } from '../src/http/server.ts'
import { systemClock } from '../src/lib/clock.ts'
import { createLog } from '../src/lib/log.ts'
import { systemRandom } from '../src/lib/random.ts'

const FILE = new URL('../docs/openapi.json', import.meta.url)

const fresh = await openapiText()
const [mode] = process.argv.slice(2)
if (mode === '--print') process.stdout.write(fresh)
else if (mode === '--check') {
  if ((await readFile(FILE, 'utf8').catch(() => '')) !== fresh) {
    console.error('docs/openapi.json is stale: node tools/generate.ts')
    process.exitCode = 1
  }
} else await writeFile(FILE, fresh)

async function openapiText(): Promise<string> {
  const log = createLog({ level: 'silent' })
  const server = createServer({ log, clock: systemClock, random: systemRandom })
  mountApi(server, { desk: nobody(), directory: nobody(), clock: systemClock, log, livemode: false })
  const { body } = await server.inject('/openapi.json')
  await server.close()
  return body
}

/** The document is made from the routes alone: whoever is called while it is made was called by mistake. */
function nobody<Part extends ApiNeeds['desk'] | ApiNeeds['directory']>(): Part {
  const empty: Partial<Part> = {}
  return new Proxy(empty, {
    get() {
      throw new Error('nothing is served while the document is made')
    },
  }) as Part // no member of it is ever reached
}
