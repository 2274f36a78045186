// Signing in as the store keeps it: what a password is compared with, the links that set one, and sessions. Secrets come here
// as hashes; the limits are counted by the database's clock (migration 0012).
import { assert } from '../lib/assert.ts'
import { type CodeUsed, PERSON_COLUMNS, type Person, type PersonRow, personOfRow } from './people.ts'
import { ms } from './rows.ts'
import type { Whole } from './whole.ts'

/** `password` null: nobody has the address, or nobody has set a password for it. */
export type SignInBegun =
  | { readonly kind: 'locked'; readonly waitMs: number }
  | {
      readonly kind: 'go'
      readonly tryNo: bigint
      readonly personId: string | null
      readonly password: string | null
    }

export interface NewSession {
  /** `se_` and twelve characters. */
  readonly sessionId: string
  readonly personId: string
  /** SHA-256 of the secret, 32 bytes. */
  readonly hash: Uint8Array
  /** As it was found: where another one was set since, no session begins. */
  readonly password: string
}

export interface FoundSession {
  readonly sessionId: string
  readonly person: Person
  readonly email: string
  readonly expiresAtMs: number
}

export interface NewLink {
  readonly hash: Uint8Array
  readonly personId: string
  /** Null: the one that the person has. In small letters. */
  readonly email: string | null
  readonly by: string
}

export type LinkMade =
  | { readonly kind: 'made'; readonly email: string }
  | { readonly kind: 'unknown' | 'no_address' | 'taken' }

export interface LinkUse {
  readonly hash: Uint8Array
  /** Null: the code is none of this person's at this time. */
  readonly codeStep: number | null
  readonly password: string
}

export type LinkUsed =
  | { readonly kind: 'set'; readonly personId: string; readonly email: string }
  | { readonly kind: 'not_open' | 'taken' }
  | { readonly kind: 'code'; readonly said: Exclude<CodeUsed, 'ok'> }

export async function beginSignIn(whole: Whole, email: string): Promise<SignInBegun> {
  const [row] = await whole.rows<{
    said: 'locked' | 'go'
    wait_ms: bigint
    try_no: bigint | null
    person_id: string | null
    password: string | null
  }>({ name: 'begin_sign_in', text: 'select * from begin_sign_in($1)' }, [email])
  assert(row !== undefined, 'the begin of a sign-in answers')
  if (row.said === 'locked' || row.try_no === null) return { kind: 'locked', waitMs: Number(row.wait_ms) }
  return { kind: 'go', tryNo: row.try_no, personId: row.person_id, password: row.password }
}

export async function refuseSignIn(whole: Whole, email: string, personId: string | null): Promise<void> {
  await whole.rows({ name: 'refuse_sign_in', text: 'select refuse_sign_in($1, $2)' }, [email, personId])
}

export async function passSignIn(whole: Whole, tryNo: bigint): Promise<void> {
  await whole.rows({ name: 'pass_sign_in', text: 'select pass_sign_in($1)' }, [tryNo])
}

export async function needsFactor(whole: Whole, personId: string): Promise<boolean> {
  const [row] = await whole.rows<{ needed: boolean }>(
    {
      name: 'needs_factor',
      text: `select not coalesce(bool_and(role = 'viewer'), false) as needed from person_role where person_id = $1`,
    },
    [personId],
  )
  return row?.needed ?? true
}

export async function beginSession(whole: Whole, session: NewSession): Promise<boolean> {
  const [row] = await whole.rows<{ begun: boolean }>(
    { name: 'begin_session', text: 'select begin_session($1, $2, $3, $4) as begun' },
    [session.sessionId, session.personId, session.hash, session.password],
  )
  return row?.begun ?? false
}

export async function findSession(whole: Whole, hash: Uint8Array): Promise<FoundSession | null> {
  const [row] = await whole.rows<PersonRow & { session_id: string; email: string; expires_at_ms: number }>(
    FIND_SESSION,
    [hash],
  )
  if (row === undefined) return null
  const { session_id: sessionId, email, expires_at_ms: expiresAtMs } = row
  return { sessionId, person: personOfRow(row), email, expiresAtMs }
}

export async function endSession(whole: Whole, sessionId: string): Promise<boolean> {
  const [row] = await whole.rows<{ ended: boolean }>(
    { name: 'end_session', text: 'select end_session($1) as ended' },
    [sessionId],
  )
  return row?.ended ?? false
}

export async function makeLink(whole: Whole, { hash, personId, email, by }: NewLink): Promise<LinkMade> {
  const [row] = await whole.rows<{ verdict: LinkMade['kind']; email: string | null }>(
    { name: 'make_sign_in_link', text: 'select * from make_sign_in_link($1, $2, $3, $4)' },
    [hash, personId, email, by],
  )
  assert(row !== undefined, 'the making of a link answers')
  if (row.verdict !== 'made') return { kind: row.verdict }
  assert(row.email !== null, 'a link is for an address')
  return { kind: 'made', email: row.email }
}

/** Whom an open link is for. */
export async function findLink(whole: Whole, hash: Uint8Array): Promise<string | null> {
  const [row] = await whole.rows<{ person_id: string }>(
    {
      name: 'find_sign_in_link',
      text: 'select person_id from sign_in_link where hash = $1 and used_at is null and expires_at > now()',
    },
    [hash],
  )
  return row?.person_id ?? null
}

export async function useLink(whole: Whole, { hash, codeStep, password }: LinkUse): Promise<LinkUsed> {
  const [row] = await whole.rows<{
    verdict: 'set' | 'not_open' | 'taken' | Exclude<CodeUsed, 'ok'>
    person_id: string | null
    email: string | null
  }>({ name: 'use_sign_in_link', text: 'select * from use_sign_in_link($1, $2, $3)' }, [
    hash,
    codeStep,
    password,
  ])
  assert(row !== undefined, 'the use of a link answers')
  switch (row.verdict) {
    case 'set':
      assert(row.person_id !== null && row.email !== null, 'a password is set for somebody')
      return { kind: 'set', personId: row.person_id, email: row.email }
    case 'not_open':
    case 'taken':
      return { kind: row.verdict }
    case 'wrong':
    case 'used':
    case 'locked':
      return { kind: 'code', said: row.verdict }
  }
}

/** For the demo alone: the database takes it for no other address than those of the sandbox. */
export async function putSandboxPassword(
  whole: Whole,
  of: { readonly personId: string; readonly email: string; readonly password: string },
): Promise<void> {
  await whole.rows({ name: 'put_sandbox_password', text: 'select put_sandbox_password($1, $2, $3)' }, [
    of.personId,
    of.email,
    of.password,
  ])
}

/** Who signs in by this address. */
export async function findByEmail(whole: Whole, email: string): Promise<string | null> {
  const [row] = await whole.rows<{ person_id: string }>(
    { name: 'find_sign_in', text: 'select person_id from sign_in where email = $1' },
    [email],
  )
  return row?.person_id ?? null
}

/** Whether the demo gave anybody a password here. */
export async function holdsSandboxPeople(whole: Whole): Promise<boolean> {
  const [row] = await whole.rows<{ held: boolean }>(
    {
      name: 'holds_sandbox_people',
      text: `select exists (select from sign_in where email like '%@sandbox.local') as held`,
    },
    [],
  )
  return row?.held ?? false
}

const FIND_SESSION = {
  name: 'find_session',
  text: `select f.session_id, f.email, ${ms('f.expires_at')} as expires_at_ms, ${PERSON_COLUMNS}
    from find_session($1) f join person p on p.person_id = f.person_id`,
}
