// Passwords as they are kept: scrypt (RFC 7914) with a salt of their own, and the parameters beside them, so that stronger ones
// can follow without anybody choosing a password anew. One costs 128 MiB and a third of a second, so two run at once and a
// few wait; whoever comes behind them is told to come again.
import { scrypt } from 'node:crypto'
import { equalConstantTime } from './digest.ts'
import type { Random } from './random.ts'

export interface Passwords {
  /** `scrypt$17$8$1$<salt>$<hash>`, the last two in base64url. */
  hash(password: string): Promise<string>
  /**
   * Whether it is the one that `ask` gives when its turn has come. `stored` null: it is not, and that takes as long. Null
   * alone: it is not to be looked at.
   */
  matches(password: string, ask: () => Promise<{ readonly stored: string | null } | null>): Promise<boolean>
}

/** Too many wait for their turn. */
export class PasswordsBusy extends Error {
  override readonly name = 'PasswordsBusy'
}

interface Cost {
  readonly log2N: number
  readonly r: number
  readonly p: number
}

/** SECURITY.md section 4. */
export const PASSWORD_COST: Cost = { log2N: 17, r: 8, p: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
const AT_ONCE_MAX = 2
const WAITING_MAX = 16

/** @param cost another one for tests that hash often */
export function createPasswords(random: Random, cost: Cost = PASSWORD_COST): Passwords {
  const turns = createTurns()
  // Of nobody: no password hashes to zeros.
  const nobody = written(cost, new Uint8Array(SALT_BYTES), new Uint8Array(HASH_BYTES))
  return {
    async hash(password) {
      const salt = random.bytes(SALT_BYTES)
      return written(cost, salt, await turns(() => derive(password, salt, cost)))
    },
    matches: (password, ask) =>
      turns(async () => {
        const asked = await ask()
        const read = asked === null ? null : readStored(asked.stored ?? nobody)
        if (read === null) return false
        const derived = await derive(password, read.salt, read.cost)
        return equalConstantTime(text(derived), read.hash)
      }),
  }
}

function derive(password: string, salt: Uint8Array, { log2N, r, p }: Cost): Promise<Uint8Array> {
  const N = 2 ** log2N
  // What one costs, and as much again for the arithmetic around it.
  const limits = { N, r, p, maxmem: 256 * N * r }
  return new Promise((done, failed) => {
    // The same letters are the same password, in whichever way a keyboard composes them (RFC 8265 section 4.2.2).
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, limits, (error, key) =>
      error === null ? done(key) : failed(error),
    )
  })
}

function written({ log2N, r, p }: Cost, salt: Uint8Array, hash: Uint8Array): string {
  return ['scrypt', log2N, r, p, text(salt), text(hash)].join('$')
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function readStored(
  stored: string,
): { readonly cost: Cost; readonly salt: Uint8Array; readonly hash: string } | null {
  const parts = /^scrypt\$([0-9]{1,2})\$([0-9]{1,2})\$([0-9]{1,2})\$([\w-]{22})\$([\w-]{43})$/.exec(stored)
  if (parts === null) return null
  const [, log2N = '', r = '', p = '', salt = '', hash = ''] = parts
  const cost = { log2N: Number.parseInt(log2N, 10), r: Number.parseInt(r, 10), p: Number.parseInt(p, 10) }
  return { cost, salt: Buffer.from(salt, 'base64url'), hash }
}

/** Two at once; the others in the order in which they came. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0
  const waiting: (() => void)[] = []
  return async work => {
    if (running >= AT_ONCE_MAX) {
      if (waiting.length >= WAITING_MAX) throw new PasswordsBusy('too many passwords are looked at')
      await new Promise<void>(go => waiting.push(go))
    } else running += 1
    try {
      return await work()
    } finally {
      // A turn is handed on; only where nobody waits does one become free.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
