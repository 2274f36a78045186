// People as the store keeps them: who they are, what they may, by which keys they come, and which codes they used.
import { assert } from '../lib/assert.ts'
import type { Seal } from '../lib/seal.ts'
import type { Role } from '../payout/role.ts'
import type { NewProposal } from './proposals.ts'
import { proposalInput } from './proposals.ts'
import type { Whole } from './whole.ts'

/** `merchantId` null: the role holds for every merchant. */
export interface Grant {
  readonly merchantId: string | null
  readonly role: Role
}

export interface Person {
  /** `pe_` and twelve characters. */
  readonly personId: string
  readonly name: string
  readonly grants: readonly Grant[]
  readonly active: boolean
}

export interface NewPerson {
  readonly personId: string
  readonly name: string
  /** The seed of the one-time codes, in clear here; the store seals it. */
  readonly factor: Uint8Array
  readonly grants: readonly Grant[]
  readonly keys: readonly NewPersonKey[]
  /** What a second person confirms, unless this is one of the first two of the installation. */
  readonly proposal: NewProposal
}

export interface NewPersonKey {
  /** The public half, `qp_live_<id>` or `qp_test_<id>`. */
  readonly keyId: string
  readonly live: boolean
  /** SHA-256 of the whole key, 32 bytes. */
  readonly hash: Uint8Array
}

/** A person as found by one of its keys. */
export interface KeyedPerson {
  readonly person: Person
  readonly keyId: string
  readonly live: boolean
  readonly hash: Uint8Array
  /** Key and person both. */
  readonly active: boolean
}

export type PersonAdded = 'let_in' | 'proposed' | 'too_many'
/** `locked`: so many wrong ones came that somebody is guessing. */
export type CodeUsed = 'ok' | 'wrong' | 'used' | 'locked'

export async function addPerson(whole: Whole, seal: Seal, person: NewPerson): Promise<PersonAdded> {
  const factor = Buffer.from(person.factor).toString('base64')
  const [row] = await whole.rows<{ said: PersonAdded }>(
    { name: 'add_person', text: 'select add_person($1) as said' },
    [
      JSON.stringify({
        person_id: person.personId,
        name: person.name,
        factor: seal.seal(factor, factorContext(person.personId)),
        roles: person.grants.map(({ merchantId, role }) => ({
          merchant_id: merchantId ?? EVERY_MERCHANT,
          role,
        })),
        keys: person.keys.map(({ keyId, live, hash }) => ({
          key_id: keyId,
          live,
          hash: Buffer.from(hash).toString('hex'),
        })),
        proposal: proposalInput(seal, person.proposal),
      }),
    ],
  )
  assert(row !== undefined, 'adding a person answers')
  return row.said
}

export async function stopPerson(whole: Whole, personId: string, by: string): Promise<boolean> {
  const [row] = await whole.rows<{ stopped: boolean }>(
    { name: 'stop_person', text: 'select stop_person($1, $2) as stopped' },
    [personId, by],
  )
  return row?.stopped ?? false
}

export async function listPersons(whole: Whole): Promise<readonly Person[]> {
  return (await whole.rows<PersonRow>(LIST, [])).map(personOfRow)
}

export async function findPersonByKey(whole: Whole, keyId: string): Promise<KeyedPerson | null> {
  const [row] = await whole.rows<PersonRow & { key_active: boolean; live: boolean; hash: Buffer }>(BY_KEY, [
    keyId,
  ])
  if (row === undefined) return null
  const person = personOfRow(row)
  return { person, keyId, live: row.live, hash: row.hash, active: row.key_active && person.active }
}

/** The seed of a person's codes. */
export async function findFactor(whole: Whole, seal: Seal, personId: string): Promise<Uint8Array | null> {
  const [row] = await whole.rows<{ factor: string }>(
    { name: 'find_factor', text: 'select factor from person where person_id = $1 and active' },
    [personId],
  )
  return row === undefined ? null : Buffer.from(seal.open(row.factor, factorContext(personId)), 'base64')
}

/** Uses a code up; `step` is null where it is none of this person's at this time. */
export async function useCode(
  whole: Whole,
  personId: string,
  credential: string,
  step: number | null,
): Promise<CodeUsed> {
  const [row] = await whole.rows<{ said: CodeUsed }>(
    { name: 'use_code', text: 'select use_code($1, $2, $3) as said' },
    [personId, credential, step],
  )
  assert(row !== undefined, 'the use of a code answers')
  return row.said
}

const EVERY_MERCHANT = '*'

function factorContext(personId: string): string {
  return `person.factor:${personId}`
}

export interface PersonRow {
  person_id: string
  name: string
  active: boolean
  roles: { merchant_id: string; role: Role }[]
}

export function personOfRow(row: PersonRow): Person {
  return {
    personId: row.person_id,
    name: row.name,
    active: row.active,
    grants: row.roles.map(({ merchant_id, role }) => ({
      merchantId: merchant_id === EVERY_MERCHANT ? null : merchant_id,
      role,
    })),
  }
}

/** Columns of a person as `personOfRow` reads them; `p` is the table's name in the query. */
export const PERSON_COLUMNS = `p.person_id, p.name, p.active, (select coalesce(json_agg(json_build_object('merchant_id', r.merchant_id,
    'role', r.role) order by r.merchant_id, r.role), '[]') from person_role r where r.person_id = p.person_id) as roles`
const LIST = {
  name: 'list_persons',
  text: `select ${PERSON_COLUMNS} from person p order by p.created_at, p.person_id`,
}
const BY_KEY = {
  name: 'find_person_by_key',
  text: `select ${PERSON_COLUMNS}, k.active as key_active, k.live, k.hash
    from person_key k join person p on p.person_id = k.person_id where k.key_id = $1`,
}
