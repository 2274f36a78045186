// P4: what an accepted payout waits for its answer when nobody is in its way: a hundred calls in a second, each measured
// from the moment at which it should have been sent. The database has it on its disk before the answer.
import { acceptedOf, checkAnswers, checkIntake, readBooks } from './books.ts'
import { collector, type Part } from './figures.ts'
import { meter, openLab, perItem } from './lab.ts'
import { REFERENCE_SCHEMA } from './reference-plan.ts'

const RATE = 100
const CONNECTIONS = 32

export const latency: Part = {
  name: 'latency',
  about: 'answer to an accepted payout at 100/s offered (P4)',
  async run(options) {
    await using lab = await openLab({ profileFolder: options.profileFolder })
    await lab.pool.query(REFERENCE_SCHEMA)
    const alone = 'one statement, one client'
    const into = collector('latency', 'native at 100/s', 'ms (p99)', {
      ...{ against: alone, goal: 'P4: p50 3 ms, p99 10 ms' },
    })
    const reference = collector('latency', alone, 'ms (mean)')
    const at = await lab.startSwitch({})
    await lab.load(at, { kind: 'native', connections: 8, seconds: 3 })
    for (let run = 1; run <= options.runs; run += 1) {
      const { perSecond } = await lab.reference({ how: 'statement', merchants: 1, clients: 1, seconds: 3 })
      reference.add(1000 / perSecond)
      const before = await readBooks(lab.pool)
      const read = await meter(lab, [at])
      const { seconds } = options
      const result = await lab.load(at, { kind: 'native', connections: CONNECTIONS, seconds, rate: RATE })
      const cost = await read()
      checkAnswers(result, ['201'])
      checkIntake(result, before, await readBooks(lab.pool))
      into.add(
        result.p99Ms,
        { p50Ms: result.p50Ms, p99Ms: result.p99Ms, residentMiB: cost.residentMiB },
        perItem(cost, Number(acceptedOf(result))),
      )
      options.say(`run ${run}  p50 ${result.p50Ms.toFixed(1)} ms  p99 ${result.p99Ms.toFixed(1)} ms`)
    }
    await at.stop()
    return [into.figure(), reference.figure()]
  },
}
