// The demo as somebody starts it, once for all tests of the console: embedded Postgres, simulated providers, three persons.
import { rm } from 'node:fs/promises'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import {
  createNative,
  findNative,
  type Listed,
  type NativeOrder,
  type PayoutShown,
  readNative,
} from '../client.ts'
import { temporaryFolder } from '../postgres.ts'
import { startProgram } from '../program.ts'

export interface Demo {
  readonly url: string
  /** Of all three persons. */
  readonly password: string
}

declare module 'vitest' {
  interface ProvidedContext {
    demo: Demo
  }
}

export const ADMIN = 'admin@sandbox.local'
export const APPROVER = 'approver@sandbox.local'
export const VIEWER = 'viewer@sandbox.local'

const SANDBOX_KEY = 'qk_test_sandbox'

/** A payout of the sandbox merchant, as one of its programs creates it. @returns its id */
export async function createPayout(order: NativeOrder): Promise<string> {
  const answer = await createNative(theDemo().url, order, SANDBOX_KEY)
  if (answer.status !== 201) throw new Error(answer.text)
  return JSON.parse(answer.text).id
}

export function findPayout(reference: string): Promise<PayoutShown> {
  return findNative(theDemo().url, reference, SANDBOX_KEY)
}

/** Until the last attempt of the payout is asked about next; 0 where nobody asks. */
export async function msToNextInquiry(id: string): Promise<number> {
  const { data } = await readNative<Listed<{ readonly next_check_at: string | null }>>(
    theDemo().url,
    `/payouts/${id}/attempts`,
    SANDBOX_KEY,
  )
  const next = data.at(-1)?.next_check_at ?? null
  return next === null ? 0 : Date.parse(next) - Date.now()
}

const START_MS_MAX = 240_000

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await temporaryFolder()
  const program = startProgram(['demo', '--no-color', '--port', '0', '--payouts', '12', '--data-dir', folder])
  const stop = async () => {
    program.signal('SIGINT')
    await program.ended
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await program.until(/The demo stays up/, START_MS_MAX)
    const url = / is up at (\S+),/.exec(program.out())?.[1]
    const password = /password\s+(\S+)/.exec(program.out())?.[1]
    if (url === undefined || password === undefined) throw new Error(program.out())
    project.provide('demo', { url, password })
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

export function theDemo(): Demo {
  return inject('demo')
}
