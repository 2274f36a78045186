// `quittance key`: the keys that sign receipts. A change takes effect with the next batch of receipts, in every process.
import { userInfo } from 'node:os'
import { readConfig } from '../config.ts'
import { isoTime } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { createSeal } from '../lib/seal.ts'
import { newReceiptKey } from '../receipts/issuer.ts'
import { receiptKeySet } from '../receipts/keys.ts'
import { publishedKeys } from '../receipts/log.ts'
import { openPool } from '../store/postgres.ts'
import { openReceiptStore, type ReceiptStore, type StoredReceiptKey } from '../store/receipt-store.ts'
import type { Environment } from './configured.ts'
import { tableLines } from './table.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface KeyListOptions {
  readonly jwks?: boolean
}

export function listKeys(
  options: KeyListOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  return withReceipts(environment, terminal, async store => {
    if (options.jwks === true) {
      terminal.line(receiptKeySet(await publishedKeys(store)).trimEnd())
      return 0
    }
    const keys = await store.receiptKeys()
    if (keys.length === 0) terminal.line('There is no key yet; the first worker makes one.')
    for (const line of keyLines(keys)) terminal.line(line)
    return 0
  })
}

export function rotateKey(environment: Environment, terminal: Terminal): Promise<ExitCode> {
  return withReceipts(environment, terminal, async store => {
    const old = await store.signingKey()
    const key = newReceiptKey()
    const by = `host:${hostUser()}`
    if (!(await store.changeReceiptKey({ insteadOf: old?.keyId ?? null, key, by }))) {
      terminal.problem(
        'quittance key: somebody else changed the key at the same moment; look with quittance key',
      )
      return 1
    }
    terminal.line(`Receipts are signed by ${key.keyId} from now on.`)
    if (old !== null)
      terminal.line(`${old.keyId} has ended: its private half is gone, its public half stays published.`)
    terminal.line('Whoever keeps the keys as a file needs a new one: quittance key --jwks')
    return 0
  })
}

function keyLines(keys: readonly StoredReceiptKey[]): readonly string[] {
  return tableLines<StoredReceiptKey>(
    [
      { title: 'key', text: one => one.keyId },
      { title: 'since', text: one => isoTime(one.sinceMs) },
      { title: 'until', text: one => (one.untilMs === null ? 'signs' : isoTime(one.untilMs)) },
      { title: 'by', text: one => one.madeBy },
    ],
    keys,
  )
}

async function withReceipts(
  environment: Environment,
  terminal: Terminal,
  work: (store: ReceiptStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const read = readConfig(environment, 'worker')
  if (!read.ok || read.config.databaseUrl === null) {
    terminal.problem('quittance key: the settings are not right, nothing was tried.')
    for (const { variable, why } of read.ok ? [] : read.problems) terminal.problem(`  ${variable} ${why}`)
    return 2
  }
  const { databaseUrl, logLevel, masterKeys } = read.config
  const log = createLog({ level: logLevel, destination: process.stderr })
  const pool = openPool({ url: databaseUrl, size: 1, applicationName: 'quittance key', log })
  try {
    return await work(openReceiptStore({ pool, seal: createSeal(masterKeys) }))
  } catch (error) {
    terminal.problem(`quittance key: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await pool.end()
  }
}

function hostUser(): string {
  try {
    return userInfo().username.slice(0, 64)
  } catch {
    // Where the system has no name for the user that runs this.
    return 'unknown'
  }
}
