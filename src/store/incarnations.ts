// One run of one process. The database numbers it, so that a lease or a send right names who holds it.
import { assert } from '../lib/assert.ts'
import type { Whole } from './whole.ts'

export async function beginIncarnation(
  whole: Whole,
  process: { kind: string; host: string; pid: number },
): Promise<bigint> {
  const [row] = await whole.rows<{ incarnation: bigint }>(
    {
      name: 'begin_incarnation',
      text: 'insert into incarnation (kind, host, pid) values ($1, $2, $3) returning incarnation',
    },
    [process.kind, process.host, process.pid],
  )
  assert(row !== undefined, 'an incarnation has its number')
  return row.incarnation
}

export async function touchIncarnation(whole: Whole, incarnation: bigint): Promise<void> {
  await whole.rows(
    { name: 'touch_incarnation', text: 'update incarnation set seen_at = now() where incarnation = $1' },
    [incarnation],
  )
}

export async function endIncarnation(whole: Whole, incarnation: bigint): Promise<void> {
  await whole.rows(
    {
      name: 'end_incarnation',
      text: 'update incarnation set seen_at = now(), ended_at = now() where incarnation = $1',
    },
    [incarnation],
  )
}
