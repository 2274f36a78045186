// The model's rows as the database would show them.

import type { ModelStore } from '../simulation/model/model-store.ts'
import type { Dossier } from '../simulation/model/rows.ts'
import { type Plain, plain, sorted } from './plain.ts'
import { FUNDING_NUMBER, type Rows } from './rows.ts'

type Tables = ReturnType<ModelStore['tables']>

export function modelRows(tables: Tables, claimLabel: (claim: number) => string): Rows {
  const dossiers = [...tables.dossiers.values()]
  const all: Record<string, unknown[]> = {
    configuration: [{ only_row: true, version: Number(tables.configurationVersion) }],
    ...setUpRows(tables),
    ...ledgerRows(tables, dossiers),
    payout: dossiers.map(payoutRow),
    queue: dossiers.flatMap(({ payout, queue }) =>
      queue === null
        ? []
        : [
            {
              ...of(payout),
              due_at: queue.dueAtMs,
              claim: queue.claim === null ? null : claimLabel(Number(queue.claim)),
              tries: queue.tries,
              why: queue.why,
            },
          ],
    ),
    payout_event: dossiers.flatMap(({ payout, events }) =>
      events.map(event => ({
        ...of(payout),
        sequence: event.sequence,
        state: event.state,
        wait_reason: event.waitReason,
        why: event.why,
        attempt_no: event.attemptNo,
        at: event.atMs,
      })),
    ),
    ...attemptRows(dossiers),
    ...tellingRows(dossiers),
    ...proofRows(dossiers),
    incident: tables.incidents.map(({ number, merchantId, attemptNo, kind, detail, atMs }) => ({
      ...of({ merchantId, number }),
      ...{ attempt_no: attemptNo, kind, detail, at: atMs },
    })),
    one_time_use: [...tables.oneTimeUses.values()].map(use => ({
      ...{ door: use.door, public_id: use.publicId, key: use.key, answer: use.answer },
      ...{ fingerprint: `\\x${use.fingerprint}`, expires_at: use.expiresAtMs },
    })),
  }
  return Object.fromEntries(
    Object.entries(all).map(([table, rows]) => [table, sorted(rows.map(plain)) as readonly Plain[]]),
  )
}

function of({ merchantId, number }: { readonly merchantId: string; readonly number: bigint }) {
  return { merchant_id: merchantId, payout_number: Number(number) }
}

function payoutRow({ payout, intake }: Dossier) {
  return {
    ...of(payout),
    ...{ state: payout.state, version: payout.version, attempts: payout.attempts, why: payout.why },
    ...{ wait_reason: payout.waitReason, state_since: payout.stateSinceMs, paid_at: payout.paidAtMs },
    ...{ tag: payout.tag, reference: payout.reference, idempotency_key: intake.idempotencyKey },
    ...{ fingerprint: `\\x${intake.fingerprint}`, first_answer: intake.firstAnswer },
    ...{ currency: payout.amount.currency, minor: Number(payout.amount.minor), method: payout.method },
    ...{ beneficiary: JSON.stringify(payout.beneficiary), beneficiary_fingerprint: 'of the beneficiary' },
    ...{ description: payout.description, metadata: payout.metadata, door: payout.door },
    ...{ door_credential_id: payout.doorCredentialId, request_id: payout.requestId },
    ...{ notify_url: payout.notifyUrl, created_at: payout.createdAtMs },
  }
}

function ledgerRows(tables: Tables, dossiers: readonly Dossier[]) {
  const fundings = [...tables.fundings.values()]
  const postings = [...fundings.map(({ posting }) => posting), ...dossiers.flatMap(one => one.postings)]
  return {
    posting: postings.map(posting => ({
      merchant_id: posting.merchantId,
      number: posting.recipe === 'fund' ? FUNDING_NUMBER : Number(posting.number),
      sequence: posting.sequence,
      leg: posting.leg,
      recipe: posting.recipe,
      debit: posting.debit,
      credit: posting.credit,
      currency: posting.amount.currency,
      minor: Number(posting.amount.minor),
      at: posting.atMs,
    })),
    balance: [...tables.balances.values()].map(({ merchantId, account, currency, minor }) => ({
      ...{ merchant_id: merchantId, account, currency, minor: Number(minor) },
    })),
    account_opening: [...tables.openings].map(opening => {
      const [merchantId, currency] = opening.split(' ')
      return { merchant_id: merchantId, currency }
    }),
    funding: fundings.map(({ merchantId, reference, providerAccountId, note, posting, atMs }) => ({
      ...{ merchant_id: merchantId, reference, number: FUNDING_NUMBER },
      ...{ provider_account_id: providerAccountId, currency: posting.amount.currency },
      ...{ minor: Number(posting.amount.minor), note, at: atMs },
    })),
  }
}

function attemptRows(dossiers: readonly Dossier[]) {
  return {
    attempt: dossiers.flatMap(({ payout, attempts }) =>
      attempts.map(({ attempt, facts, contractId, requestHash, incarnation, learned }) => ({
        ...of(payout),
        ...{ state: attempt.state, inquiries: attempt.inquiries, revision: attempt.revision },
        ...{ next_look_at: attempt.nextInquiryAtMs, their_id: attempt.theirId, doubt: attempt.doubt },
        ...{ proof_kind: attempt.proof, facts, learned, attempt_no: attempt.attemptNo },
        ...{ provider_account_id: attempt.providerAccountId, reference: attempt.reference },
        ...{ request_hash: `\\x${requestHash}`, contract_id: contractId },
        ...{ incarnation: Number(incarnation), created_at: attempt.createdAtMs },
      })),
    ),
    proof: dossiers.flatMap(({ payout, proofs }) =>
      proofs.map(({ attemptNo, kind, premises, atMs }) => ({
        ...of(payout),
        ...{ attempt_no: attemptNo, kind, premises, at: atMs },
      })),
    ),
    exchange: dossiers.flatMap(({ payout, exchanges }) =>
      exchanges.map(one => ({
        ...of(payout),
        ...{ exchange_no: one.exchangeNo, attempt_no: one.attemptNo, kind: one.kind },
        ...{ started_at: one.startedAtMs, duration_ms: one.durationMs, status: one.status },
        ...{ row_name: one.row, verdict: one.verdict, request: one.request, answer: one.answer },
      })),
    ),
  }
}

function tellingRows(dossiers: readonly Dossier[]) {
  return {
    callback: dossiers.flatMap(({ payout, callbacks }) =>
      callbacks.map(({ attemptNo, hash, raw, verified, said, receivedAtMs }) => ({
        ...of(payout),
        ...{ attempt_no: attemptNo, hash: `\\x${hash}`, raw, verified, said, received_at: receivedAtMs },
      })),
    ),
    confirmation: dossiers.flatMap(({ payout, confirmation }) =>
      confirmation === null ? [] : [{ ...of(payout), answer: confirmation.answer, at: confirmation.atMs }],
    ),
    notice: dossiers.flatMap(({ payout, notices }) =>
      notices.map(({ sequence, target, url, state, tries, ...notice }) => ({
        ...of(payout),
        ...{ sequence, target, url, state, tries, due_at: notice.dueAtMs },
        ...{ last_status: notice.lastStatus, last_said: notice.lastSaid },
        acknowledged_at: notice.acknowledgedAtMs,
      })),
    ),
  }
}

function proofRows(dossiers: readonly Dossier[]) {
  return {
    proof_search: dossiers.flatMap(({ payout, searches }) =>
      searches.map(search => ({
        ...of(payout),
        ...{ attempt_no: search.attemptNo, provider_account_id: search.providerAccountId },
        ...{ reference: search.reference, paid_at: search.paidAtMs, tries: search.tries },
        ...{ next_at: search.nextAtMs, said: search.said },
      })),
    ),
    proof_image: dossiers.flatMap(({ payout, images }) =>
      images.map(({ source, hashHex, mediaType, bytes, place, atMs }) => ({
        ...of(payout),
        ...{ source, hash: `\\x${hashHex}`, media_type: mediaType, place, at: atMs },
        sealed: Buffer.from(bytes).toString('base64'),
      })),
    ),
  }
}

function setUpRows(tables: Tables) {
  return {
    merchant: [...tables.merchants.values()].map(({ merchantId, name, active }) => ({
      ...{ merchant_id: merchantId, name, active },
    })),
    api_key: [...tables.apiKeys.values()].map(({ keyId, merchantId, live, hash, scopes, active }) => ({
      ...{ key_id: keyId, merchant_id: merchantId, live, scopes, active },
      hash: `\\x${Buffer.from(hash).toString('hex')}`,
    })),
    door_credential: [...tables.credentials.values()].map(({ door, publicId, merchantId, ...one }) => ({
      ...{ door, public_id: publicId, merchant_id: merchantId },
      ...{ secret: one.secret, settings: one.settings, active: one.active },
    })),
    provider_account: [...tables.providerAccounts.values()].map(account => ({
      ...{ provider_account_id: account.id, protocol: account.protocol, name: account.name },
      ...{ base_url: account.baseUrl, settings: JSON.stringify(account.settings) },
      ...{ callback_secret: account.callbackSecret, rate_per_second: account.ratePerSecond },
      ...{ concurrency: account.concurrency, active: account.active },
      proof_account_id: account.proofAccountId ?? null,
    })),
    route: [...tables.routes.values()].map(({ merchantId, providerAccountId, ...route }) => ({
      ...{ merchant_id: merchantId, provider_account_id: providerAccountId, method: route.method ?? '*' },
      ...{ currency: route.currency, priority: route.priority, active: route.active },
    })),
    incarnation: [...tables.incarnations].map(([incarnation, row]) => ({
      ...{ incarnation: Number(incarnation), kind: row.kind, host: row.host, pid: row.pid },
      ...{ started_at: row.startedAtMs, seen_at: row.seenAtMs, ended_at: row.endedAtMs },
    })),
    contract: [...tables.contracts].map(([contract_id, terms]) => ({ contract_id, terms })),
  }
}
