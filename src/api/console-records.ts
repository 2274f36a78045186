// Who did what, and by what somebody may come: `/v1/acts` and `/v1/keys`.
import { isoTime } from '../lib/clock.ts'
import type { Act, StoredCredential } from '../store/console-store.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { readPageQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { listPage, readCursor, wholeList, writeCursor } from './page.ts'
import { NOTHING } from './proposals-read.ts'
import { listOf } from './schema.ts'
import {
  type ActShown,
  actShown,
  actsQuery,
  type CredentialShown,
  credentialShown,
} from './schema-console.ts'

export function consoleRecords(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      ...{ method: 'GET', path: '/v1/acts', roles: ['approver', 'operator', 'admin'], body: 'unread' },
      schema: documentation({
        operationId: 'listActs',
        summary: 'Who did what',
        description:
          'Newest first. Acts that concern the installation, such as a sign-in, are shown to whoever has a role for every merchant.',
        tag: 'Console',
        query: actsQuery,
        answer: { status: 200, description: 'One page.', schema: listOf(actShown) },
        problems: [400, 404],
      }),
      run: call => listActs(call, needs),
    },
    {
      ...{ method: 'GET', path: '/v1/keys', roles: ['admin'], body: 'unread' },
      schema: documentation({
        operationId: 'listKeys',
        summary: 'By what somebody may come',
        description:
          'API keys, credentials of doors and keys of persons, of the merchants that you administer. Never a secret.',
        tag: 'Console',
        answer: { status: 200, description: 'All of them.', schema: listOf(credentialShown) },
        problems: [404],
      }),
      run: call => listKeys(call, needs),
    },
  ]
}

async function listActs({ by, query }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  if (console === undefined) return NOTHING
  const read = readPageQuery(query, actsQuery, readCursor)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const { limit, who, what, subject } = read.values
  const asked = { who: who ?? null, what: what ?? null, subject: subject ?? null, limit, before: read.before }
  return found(listPage(await console.acts(by, asked), actResource, writeCursor))
}

async function listKeys({ by }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  if (console === undefined) return NOTHING
  return found(wholeList((await console.credentials(by)).map(credentialResource)))
}

function actResource({ number, atMs, who, credential, what, subject, merchantId, hash }: Act): ActShown {
  return {
    ...{ object: 'act', number: String(number), at: isoTime(atMs), who, credential, what, subject },
    merchant: merchantId,
    sha256: hash === null ? null : Buffer.from(hash).toString('hex'),
  }
}

function credentialResource({ merchantId, createdAtMs, ...credential }: StoredCredential): CredentialShown {
  const { kind, id, door, scopes, owner, active } = credential
  return {
    ...{ object: 'credential', kind, id, merchant: merchantId, door, scopes: [...scopes], owner, active },
    created_at: isoTime(createdAtMs),
  }
}
