import { expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { createLog } from '../lib/log.ts'
import type { Desk } from '../protocols/protocol.ts'
import { watchedDesk } from './watched-desk.ts'

function failing(error: Error) {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })
  const fail = () => Promise.reject(error)
  const desk: Desk = {
    ...{ credential: () => null, mayAsk: () => true, submit: fail, find: fail, balances: fail },
    ...{ confirm: fail, once: fail, proofImages: fail },
  }
  return { lines, desk: watchedDesk(desk, log) }
}

test('a mistake behind a door reaches the door and the log', async () => {
  const { lines, desk } = failing(new Error('a hold without a payout'))
  await expect(desk.balances('m')).rejects.toThrow('a hold without a payout')
  expect(lines.join('')).toContain('a hold without a payout')
})

test('a database that is away reaches the door alone', async () => {
  const { lines, desk } = failing(new Unavailable('unavailable', 'away'))
  await expect(desk.find('m', { by: 'number', number: 1n })).rejects.toBeInstanceOf(Unavailable)
  expect(lines).toEqual([])
})
