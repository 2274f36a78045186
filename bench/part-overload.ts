// P9: more than can be done. What is taken stays near what is taken without the flood, what is refused is refused at once
// and told when to come again, memory stands still, and a second merchant beside the flood is served as if alone.
import { acceptedOf, checkAnswers, checkIntake, readBooks } from './books.ts'
import { collector, type Part } from './figures.ts'
import { meter, openLab, perItem } from './lab.ts'
import { usageOf } from './usage.ts'

const CONNECTIONS = 900
const SECOND_RATE = 100

export const overload: Part = {
  name: 'overload',
  about: 'twice what can be taken, and a second merchant beside it; memory under load (P8, P9)',
  async run(options) {
    await using lab = await openLab({ merchants: 2, profileFolder: options.profileFolder })
    const alone = collector('overload', 'what can be taken', 'per second', {})
    const flood = collector('overload', 'taken of twice as much', 'per second', {
      ...{ against: 'what can be taken', goal: 'P9: 0.90 of it' },
    })
    const refusals = collector('overload', 'refused after', 'ms (p99)', { goal: 'P9: 5 ms' })
    const told = collector('overload', 'refusals that say when to come again', '%', { goal: 'P9: all' })
    const second = collector('overload', 'second merchant at 100/s', 'ms (p99)', { goal: 'P9: 100 ms' })
    const memory = collector('overload', 'resident after the first and the last run', 'MiB', {
      goal: 'P8: 250 MiB, flat',
    })
    const at = await lab.startSwitch({})
    const { seconds } = options
    await lab.load(at, { kind: 'native', connections: 256, seconds: 3 })
    for (let run = 1; run <= options.runs; run += 1) {
      const standing = await readBooks(lab.pool)
      const base = await lab.load(at, { kind: 'native', connections: 256, seconds })
      checkAnswers(base, ['201'])
      const perSecond = Number(acceptedOf(base)) / base.seconds
      alone.add(perSecond, { p50Ms: base.p50Ms, p99Ms: base.p99Ms })

      const read = await meter(lab, [at])
      const [flooded, beside] = await Promise.all([
        lab.load(at, { kind: 'native', connections: CONNECTIONS, seconds, rate: Math.round(perSecond * 2) }),
        lab.load(at, { kind: 'native', connections: 32, seconds, rate: SECOND_RATE, firstMerchant: 1 }),
      ])
      const cost = await read()
      checkAnswers(flooded, ['201', '429', '503', 'broken'])
      checkAnswers(beside, ['201', '429', '503'])
      const accepted = acceptedOf(flooded) + acceptedOf(beside) + acceptedOf(base)
      checkIntake(flooded, standing, await readBooks(lab.pool), accepted)
      const refused = (flooded.statuses['429'] ?? 0) + (flooded.statuses['503'] ?? 0)
      flood.add(
        Number(acceptedOf(flooded)) / flooded.seconds,
        { p50Ms: flooded.p50Ms, p99Ms: flooded.p99Ms, residentMiB: cost.residentMiB },
        perItem(cost, Number(acceptedOf(flooded))),
      )
      refusals.add(flooded.refusedP99Ms, { p50Ms: flooded.refusedP50Ms, p99Ms: flooded.refusedP99Ms })
      told.add(refused === 0 ? 100 : (flooded.retryAfter / refused) * 100)
      second.add(beside.p99Ms, { p50Ms: beside.p50Ms, p99Ms: beside.p99Ms })
      memory.add((await usageOf(at.process.pid))?.residentMiB ?? 0)
      options.say(
        `run ${run}  alone ${Math.round(perSecond)}/s  flooded ${Math.round(Number(acceptedOf(flooded)) / flooded.seconds)}/s, ${refused} refused  beside p99 ${beside.p99Ms.toFixed(0)} ms`,
      )
    }
    await at.stop()
    return [alone, flood, refusals, told, second, memory].map(one => one.figure())
  },
}
