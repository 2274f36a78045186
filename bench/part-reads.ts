// P5: status reads in a second, by the native API and at the Avanor door.
import { checkAnswers } from './books.ts'
import { collector, type Part } from './figures.ts'
import { meter, openLab, perItem } from './lab.ts'
import { orders } from './orders.ts'

const STANDING = 5_000
const KINDS = [
  { kind: 'native-read', name: 'native status' },
  { kind: 'avanor-status', name: 'avanor withdraw/status' },
  { kind: 'native-list', name: 'native list of 50' },
] as const

export const reads: Part = {
  name: 'reads',
  about: 'status reads and list pages per second (P5)',
  async run(options) {
    await using lab = await openLab({ profileFolder: options.profileFolder })
    const standing = await orders(lab, STANDING, 'avanor', 'queued')
    const all = KINDS.map(one => {
      const goal = one.kind === 'native-list' ? {} : { goal: 'P5: 15,000/s' }
      return { ...one, into: collector('reads', one.name, 'per second', goal) }
    })
    const at = await lab.startSwitch({})
    for (let run = 1; run <= options.runs; run += 1)
      for (const { kind, name, into } of all) {
        const read = await meter(lab, [at])
        const result = await lab.load(at, { kind, seconds: options.seconds, orders: standing })
        const cost = await read()
        checkAnswers(result, ['200'])
        into.add(
          result.perSecond,
          { p50Ms: result.p50Ms, p99Ms: result.p99Ms },
          perItem(cost, result.answers),
        )
        options.say(`run ${run}  ${name.padEnd(24)} ${Math.round(result.perSecond)}/s`)
      }
    await at.stop()
    return all.map(({ into }) => into.figure())
  },
}
