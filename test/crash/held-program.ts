// `serve` over a folder of journals that stops at one moment of the first send and says so: before its entry is written
// (`HELD_AT=intent`), or after it is on the disk and before the first byte (`HELD_AT=journal`). Whoever started it kills it.
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { journalFolder } from '../../src/journal/files.ts'
import { createLog } from '../../src/lib/log.ts'

const read = readConfig({ ...process.env, HELD_AT: undefined }, 'serve')
if (!read.ok || read.config.databaseUrl === null) throw new Error(JSON.stringify(read))
const { config } = read
const folder = journalFolder(join(config.dataDir, 'journal'))
const never = new Promise<void>(() => {})

const app = await createApp({
  config,
  databaseUrl: read.config.databaseUrl,
  log: createLog({ level: 'warn' }),
  roles: { gateway: true, worker: true },
  journalFiles: {
    ...folder,
    async create(name) {
      const file = await folder.create(name)
      return {
        ...file,
        async append(text) {
          if (!text.includes('"kind":"send"')) return file.append(text)
          if (process.env.HELD_AT === 'journal') await file.append(text)
          console.log('held')
          await never
        },
      }
    },
  },
})
console.log(JSON.stringify({ url: app.url, up: true }))
