// A process whose files may not grow beyond a limit: writes sends one after the other until the disk takes no more.
import { systemClock } from '../lib/clock.ts'
import { journalFolder } from './files.ts'
import { memoryRuns } from './journal.fixture.ts'
import { openJournal } from './journal.ts'

const SENDS = 40
const [folder = ''] = process.argv.slice(2)
// Beyond its limit a write fails, instead of ending the process.
process.on('SIGXFSZ', () => {})
const { begin, find } = memoryRuns()
const log = { warn: () => {}, error: () => {} }
const journal = await openJournal({ files: journalFolder(folder), begin, find, clock: systemClock, log })
let written = 0
for (let number = 1n; number <= SENDS; number += 1n) {
  const isWritten = await journal.write({
    ...{ merchantId: 'm_1', number, attemptNo: 1, step: 'only', incarnation: 1n },
    ...{ providerAccountId: 'pa_1', reference: `r-${number}`, requestHash: 'ab'.repeat(32), atMs: 1 },
  })
  written += isWritten ? 1 : 0
}
console.log(JSON.stringify({ written, refused: SENDS - written }))
process.exit(0)
