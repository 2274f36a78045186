// What a process costs, as the system counts it. Where there is no /proc nothing is known, and nothing is said.
import { readdir, readFile } from 'node:fs/promises'

export interface Usage {
  /** Milliseconds of processor time since its start. */
  readonly cpuMs: number
  readonly residentMiB: number
}

/** The second of Linux has a hundred of them. */
const TICK_MS = 10
const PAGE_MIB = 4 / 1024

export async function usageOf(pid: number): Promise<Usage | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null)
  if (stat === null) return null
  // The name stands in brackets and may hold anything; what follows it is numbers.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number.parseInt(fields[number - 3] ?? '0', 10)
  return { cpuMs: (field(14) + field(15)) * TICK_MS, residentMiB: field(24) * PAGE_MIB }
}

/** A server and its sessions. What a session used that has ended is counted with its parent. */
export async function usageOfTree(pid: number): Promise<Usage | null> {
  const own = await usageOf(pid)
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null)
  if (own === null || stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ended = (Number.parseInt(fields[13] ?? '0', 10) + Number.parseInt(fields[14] ?? '0', 10)) * TICK_MS
  let cpuMs = own.cpuMs + ended
  for (const child of await childrenOf(pid)) cpuMs += (await usageOf(child))?.cpuMs ?? 0
  return { cpuMs, residentMiB: own.residentMiB }
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = tasks.map(task => readFile(`/proc/${pid}/task/${task}/children`, 'latin1').catch(() => ''))
  const text = (await Promise.all(lists)).join(' ')
  return text
    .split(' ')
    .filter(word => word !== '')
    .map(word => Number.parseInt(word, 10))
}
