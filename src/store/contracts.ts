// The capabilities that judge an attempt are stored once and shared by all attempts that were judged by them; an
// attempt keeps their hash. Read back, they are found in memory after the first time.
import { sha256Hex } from '../lib/digest.ts'
import type { Whole } from './whole.ts'

export interface Contracts {
  /** The stored id of these terms. */
  idOf(terms: unknown): Promise<string>
  termsOf(id: string): Promise<unknown>
}

/** Terms are few: one set for each provider account and version of its protocol. */
const KEPT_MAX = 1000

export function contractsOf(whole: Whole): Contracts {
  const ids = new WeakMap<object, string>()
  const terms = new Map<string, unknown>()
  return {
    async idOf(contract) {
      const known = typeof contract === 'object' && contract !== null ? ids.get(contract) : undefined
      if (known !== undefined) return known
      const text = JSON.stringify(contract)
      const id = sha256Hex(text).slice(0, 32)
      await whole.rows(
        {
          name: 'put_contract',
          text: 'insert into contract (contract_id, terms) values ($1, $2) on conflict do nothing',
        },
        [id, text],
      )
      if (typeof contract === 'object' && contract !== null) ids.set(contract, id)
      return id
    },
    async termsOf(id) {
      if (terms.has(id)) return terms.get(id)
      const [row] = await whole.rows<{ terms: unknown }>(
        { name: 'find_contract', text: 'select terms from contract where contract_id = $1' },
        [id],
      )
      if (terms.size < KEPT_MAX) terms.set(id, row?.terms ?? null)
      return row?.terms ?? null
    },
  }
}
