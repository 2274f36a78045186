import type { Terminal } from './terminal.ts'

/**
 * Resolves with the first SIGINT or SIGTERM. From then on a second one ends the process at once: whoever asks twice
 * does not want to wait, and nothing is lost that a crash would not lose.
 */
export function stopSignal(terminal: Pick<Terminal, 'problem'>, waitsFor = ''): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let count = 0
  const onSignal = (): void => {
    count += 1
    if (count > 1) process.exit(1)
    if (waitsFor !== '') terminal.problem(`Stopping: ${waitsFor}. Ask again to end at once.`)
    resolve()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  return promise
}
