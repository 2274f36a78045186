// Two processes on one database: each takes requests, sends and tells. They share the two cores with everything else, so
// this is less about speed than about whether the books of both are one.
import { collector, type Figure, type Part } from './figures.ts'
import { meter, openLab, perItem } from './lab.ts'
import { checkLives, runLives, startProvider } from './part-life.ts'

export const two: Part = {
  name: 'two',
  about: 'whole lives with one process and with two on one database, and whether the books agree',
  async run(options) {
    await using lab = await openLab()
    const provider = await startProvider(lab)
    const figures: Figure[] = []
    for (const count of [1, 2]) {
      const at = []
      for (let place = 0; place < count; place += 1) at.push(await lab.startSwitch({ worker: true }))
      const read = await meter(lab, at)
      const lives = await runLives(lab, at, { rate: null, seconds: options.seconds })
      const cost = await read()
      for (const one of at) await one.stop()
      await checkLives(lab, lives, provider)
      const against = count === 1 ? {} : { against: '1 process' }
      const into = collector('two', count === 1 ? '1 process' : `${count} processes`, 'per second', against)
      const { p50Ms, p99Ms } = lives.life
      into.add(
        lives.perSecond,
        { p50Ms, p99Ms, residentMiB: cost.residentMiB },
        perItem(cost, lives.accepted),
      )
      options.say(`${count}: ${Math.round(lives.perSecond)}/s`)
      figures.push(into.figure())
    }
    return figures
  },
}
