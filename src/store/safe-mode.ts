// Safe mode (SAFETY.md section 10): noticing that the database is not the one it was, and what is asked before anything is
// sent again. Its release by two people is a proposal (stops.ts).
import type { Seal } from '../lib/seal.ts'
import type { Payout } from '../payout/payout.ts'
import type { Claim } from './claim.ts'
import { ms, PAYOUT_COLUMNS, type PayoutRow, rowPayout } from './rows.ts'
import type { Whole } from './whole.ts'

/** What about the server differs from what this installation knows. */
export type SafeModeSign = 'system_identifier' | 'timeline' | 'position'

export interface InstallationCheck {
  /** Null: the server is the one it was. Else safe mode was entered just now. */
  readonly sign: SafeModeSign | null
  /** How far its log is on its disk, such as `0/1A2B3C`. */
  readonly position: string
}

/** One provider account that is in safe mode, or was released. Times are milliseconds since the epoch. */
export interface SafeModeState {
  readonly providerAccountId: string
  readonly sign: SafeModeSign
  readonly enteredAtMs: number
  readonly releasedAtMs: number | null
  readonly proposedBy: string | null
  readonly confirmedBy: string | null
}

export interface ReferenceQuestion {
  readonly payout: Payout
  readonly attemptNo: number
  readonly providerAccountId: string
  /** How often the provider did not know it before. */
  readonly notFound: number
}

export interface ReferenceAnswer {
  readonly merchantId: string
  readonly number: bigint
  readonly attemptNo: number
  readonly providerAccountId: string
  readonly said: 'found' | 'not_found' | 'unclear' | 'unaskable'
  /** Milliseconds until it is asked again; null: never. */
  readonly nextInMs: number | null
}

/** One send as a journal holds it. */
export interface JournaledSend {
  readonly merchantId: string
  readonly number: bigint
  readonly attemptNo: number
  readonly step: 'only' | 'first' | 'second'
  readonly providerAccountId: string
  readonly reference: string
}

export interface Phantom {
  readonly merchantId: string
  /** As the lost part of the database numbered it. */
  readonly number: bigint
  readonly attemptNo: number
  readonly providerAccountId: string
  readonly reference: string
  readonly detail: string
}

export interface SafeModeStore {
  /** Compares the server with what is known, and enters safe mode where it differs. `journals`: those that noted it. */
  checkInstallation(noted: string | null, journals: readonly string[]): Promise<InstallationCheck>
  installationId(): Promise<string>
  /** Ids of journals whose notes were taken into account by an earlier safe mode. */
  sweptJournals(): Promise<readonly string[]>
  /** Those in safe mode, and those that were released within 35 days. */
  safeModes(): Promise<readonly SafeModeState[]>
  /** Of these sends, those of which no attempt is here, or whose second step this database never allowed. */
  unknownSends(
    sends: readonly JournaledSend[],
  ): Promise<readonly { readonly place: number; readonly attemptNo: number }[]>
  claimReferenceQuestions(claim: Claim): Promise<readonly ReferenceQuestion[]>
  answerReferenceQuestion(answer: ReferenceAnswer): Promise<void>
  /** A payment that left and that this database does not know; told once for each reference. */
  recordPhantom(of: Phantom): Promise<void>
  /** Of these payments the place of the first that was told of as a phantom, from 0; null: none was. */
  findPhantom(
    merchantId: string,
    among: readonly Pick<Phantom, 'providerAccountId' | 'reference'>[],
  ): Promise<number | null>
  phantomCount(): Promise<number>
}

export function safeModeStore(whole: Whole, seal: Seal): SafeModeStore {
  return {
    async checkInstallation(noted, journals) {
      const [row] = await whole.rows<{ sign: SafeModeSign | null; at_position: string }>(CHECK, [
        noted,
        [...journals],
      ])
      return { sign: row?.sign ?? null, position: row?.at_position ?? '0/0' }
    },
    async installationId() {
      const [row] = await whole.rows<{ id: string }>(INSTALLATION_ID, [])
      return row?.id ?? ''
    },
    async sweptJournals() {
      return (await whole.rows<{ id: string }>(SWEPT, [])).map(({ id }) => id)
    },
    async safeModes() {
      const rows = await whole.rows<{
        provider_account_id: string
        sign: SafeModeSign
        entered_at_ms: number
        released_at_ms: number | null
        proposed_by: string | null
        confirmed_by: string | null
      }>(STATES, [])
      return rows.map(row => ({
        providerAccountId: row.provider_account_id,
        sign: row.sign,
        enteredAtMs: row.entered_at_ms,
        releasedAtMs: row.released_at_ms,
        proposedBy: row.proposed_by,
        confirmedBy: row.confirmed_by,
      }))
    },
    async unknownSends(sends) {
      const input = sends.map((send, place) => ({
        place,
        merchant_id: send.merchantId,
        payout_number: String(send.number),
        attempt_no: send.attemptNo,
        is_second: send.step === 'second',
        provider_account_id: send.providerAccountId,
        reference: send.reference,
      }))
      const rows = await whole.rows<{ place: number; attempt_no: number }>(UNKNOWN, [JSON.stringify(input)])
      return rows.map(row => ({ place: row.place, attemptNo: row.attempt_no }))
    },
    async claimReferenceQuestions({ limit, leaseMs }) {
      const rows = await whole.rows<
        PayoutRow & { attempt_no: number; provider_account_id: string; not_found: number }
      >(QUESTIONS, [limit, leaseMs])
      return rows.map(row => ({
        payout: rowPayout(row, seal),
        attemptNo: row.attempt_no,
        providerAccountId: row.provider_account_id,
        notFound: row.not_found,
      }))
    },
    async answerReferenceQuestion({ merchantId, number, attemptNo, providerAccountId, said, nextInMs }) {
      await whole.rows(ANSWER, [
        ...[merchantId, number, attemptNo, providerAccountId, said],
        nextInMs === null ? null : Math.round(nextInMs),
      ])
    },
    async recordPhantom({ merchantId, number, attemptNo, detail, ...sent }) {
      await whole.rows(PHANTOM, [merchantId, number, attemptNo, `${named(sent)}${detail}`])
    },
    async findPhantom(merchantId, among) {
      const [row] = await whole.rows<{ place: number | null }>(FIND_PHANTOM, [merchantId, among.map(named)])
      return row?.place ?? null
    },
    async phantomCount() {
      const [row] = await whole.rows<{ count: number }>(PHANTOMS, [])
      return row?.count ?? 0
    },
  }
}

const CHECK = {
  name: 'check_installation',
  text: 'select sign, at_position::text from check_installation($1::pg_lsn, $2::uuid[])',
}
const INSTALLATION_ID = {
  name: 'installation_id',
  text: 'select installation_id::text as id from installation',
}
const SWEPT = { name: 'swept_journals', text: 'select journal_id::text as id from swept_journal' }
const STATES = {
  name: 'safe_modes',
  text: `select provider_account_id, sign, ${ms('entered_at')} as entered_at_ms, ${ms('released_at')} as released_at_ms,
      proposed_by, confirmed_by
    from safe_mode where released_at is null or released_at > now() - interval '35 days'
    order by entered_at desc, provider_account_id`,
}
const UNKNOWN = {
  name: 'unknown_sends',
  text: `select s.place, s.attempt_no from json_to_recordset($1) s (place integer, merchant_id text, payout_number bigint,
      attempt_no smallint, is_second boolean, provider_account_id text, reference text)
    where not exists (select from attempt a where a.merchant_id = s.merchant_id and a.payout_number = s.payout_number
      and a.attempt_no = s.attempt_no and a.provider_account_id = s.provider_account_id and a.reference = s.reference
      and (not s.is_second or a.facts ->> 'stepsSent' = '2'))
    order by s.place`,
}
const QUESTIONS = {
  name: 'claim_reference_questions',
  text: `select (c.asked).attempt_no, (c.asked).provider_account_id, (c.asked).not_found, ${PAYOUT_COLUMNS}
    from claim_reference_questions($1, $2) c cross join lateral (select (c.found).*) p`,
}
const ANSWER = {
  name: 'answer_reference_question',
  text: `update reference_question set said = $5, next_at = now() + $6::bigint * interval '1 millisecond',
      not_found = not_found + case when $5 = 'not_found' then 1 else 0 end
    where merchant_id = $1 and payout_number = $2 and attempt_no = $3 and provider_account_id = $4`,
}
const PHANTOM = {
  name: 'record_phantom',
  text: `insert into incident (merchant_id, payout_number, attempt_no, kind, detail)
    select $1, $2, $3::smallint, 'phantom', $4 where not exists (select from incident i
      where i.merchant_id = $1 and i.payout_number = $2 and i.attempt_no = $3::smallint and i.kind = 'phantom' and i.detail = $4)`,
}
const FIND_PHANTOM = {
  name: 'find_phantom',
  text: `with phantom as materialized (select detail from incident where merchant_id = $1 and kind = 'phantom')
    select min(s.place)::int - 1 as place from unnest($2::text[]) with ordinality s (begins, place)
    where exists (select from phantom p where starts_with(p.detail, s.begins))`,
}
const PHANTOMS = {
  name: 'phantom_count',
  text: `select count(*)::int as count from incident where kind = 'phantom'`,
}

/** How its incident begins, so that it is found again by the reference that a repeat of the payout will have. */
function named({ providerAccountId, reference }: Pick<Phantom, 'providerAccountId' | 'reference'>): string {
  return `${providerAccountId} ${reference}: `
}
