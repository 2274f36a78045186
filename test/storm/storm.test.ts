// The storm of every change: a few hundred histories, the bugs that they must find, and a few pauses.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startProgram } from '../program.ts'
import { LINE_FAULT_NAMES } from './line-faults.ts'
import { PLANTED } from './plant.ts'

const STORM = fileURLToPath(new URL('storm.ts', import.meta.url))
const HISTORIES = 80
const PAUSES = 6
/** Each is found within a dozen, as a rule. */
const PLANTED_HISTORIES = 100

interface Told {
  readonly faults: Readonly<Record<string, number>>
  readonly breaches: readonly { readonly says: string }[]
}

/** What the command prints at its end. */
async function storm(...argv: readonly string[]): Promise<Told & Readonly<Record<string, unknown>>> {
  await using program = startProgram(['--fresh', ...argv], {}, STORM)
  await program.ended
  const last = program.out().trim().split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) throw new Error(`the storm ended early: ${program.out()}\n${program.problems()}`)
  // Its own summary, as summary.ts and pause-summary.ts shape it.
  return JSON.parse(last) as Told & Readonly<Record<string, unknown>>
}

test(`${HISTORIES} histories of cuts around COMMIT, cancelled backends and restarts: nothing lost, nothing twice`, {
  timeout: 1_200_000,
}, async () => {
  const told = await storm('--histories', `${HISTORIES}`, '--seed', '1')
  expect(told.breaches).toEqual([])
  expect(told).toMatchObject({ histories: HISTORIES, lost: 0, double: 0 })
  // It is worth what it met.
  for (const fault of LINE_FAULT_NAMES) expect(told.faults[`line ${fault}`], fault).toBeGreaterThan(0)
  expect(Object.keys(told.faults).filter(fault => fault.startsWith('restart'))).not.toEqual([])
  expect(Object.keys(told.faults).filter(fault => fault.startsWith('storm'))).toHaveLength(2)
  console.log(JSON.stringify(told))
})

/** Words of the check that has to find it. */
const FOUND_BY: Readonly<Record<string, RegExp>> = {
  '3': /^double: .* at the socket$/,
  '4': /^double: .* at the socket$/,
  '25a': /payouts of \d+ orders$/,
  '25b': /^lost: /,
}

test.each(Object.entries(PLANTED))('planted bug %s is found', { timeout: 600_000 }, async name => {
  const told = await storm('--histories', `${PLANTED_HISTORIES}`, '--seed', '3', '--planted', name)
  const said = told.breaches.map(({ says }) => says)
  expect(
    said.some(says => FOUND_BY[name]?.test(says) === true),
    said.join('\n'),
  ).toBe(true)
})

test(`${PAUSES} pauses past the lease: who wakes pays nothing a second time`, {
  timeout: 600_000,
}, async () => {
  const told = await storm('--pauses', `${PAUSES}`, '--seed', '1')
  expect(told.breaches).toEqual([])
  expect(told).toMatchObject({ pauses: PAUSES, kind: 'pauses' })
})
