// What may come once, reads, set-up and the runs of processes.
import { PAYOUT_STATES, type PayoutKey } from '../../src/payout/payout.ts'
import type { OneTimeUse } from '../../src/store/store.ts'
import type { Dossier } from '../simulation/model/rows.ts'
import type { Chance } from './chance.ts'
import {
  ACCOUNTS,
  account,
  bytes,
  CURRENCIES,
  funding,
  MERCHANTS,
  merchant,
  PROOF_ACCOUNT,
  STRANGER,
} from './draw-world.ts'
import type { Call } from './script.ts'

export function drawOneTimeUse(chance: Chance): Call {
  const use: OneTimeUse = {
    door: 'payneteasy',
    publicId: chance.sometimes(85) ? '7' : '8',
    key: chance.sometimes(98) ? `nonce ${chance.below(2)}` : '',
    fingerprint: bytes(32, chance.below(2)),
    keepMs: chance.pick([0, 400, 60_000.4]),
  }
  const kind = chance.weighted({ begin: 55, answer: 35, forget: 10 })
  if (kind === 'begin') return { name: 'beginOneTimeUse', args: [use] }
  if (kind === 'forget') return { name: 'forgetOneTimeUses', args: [] }
  return { name: 'answerOneTimeUse', args: [use, `answer ${chance.below(9)}`] }
}

/** The rarer its subject, the more often. */
const OF_ONE_PAYOUT = [
  'findForStep',
  'payoutEvents',
  'payoutPostings',
  'payoutAttempts',
  'payoutExchanges',
  'payoutNotices',
  'findConfirmation',
  'findConfirmation',
  'proofImages',
  'proofSearches',
] as const

export function drawRead(chance: Chance, dossiers: readonly Dossier[]): Call {
  const merchantId = chance.pick([...MERCHANTS, STRANGER])
  const kind = chance.weighted({
    payout: 45,
    find: 25,
    list: 10,
    balances: 6,
    books: 5,
    backlog: 6,
    configured: 3,
  })
  if (kind === 'balances') return { name: 'merchantBalances', args: [merchantId] }
  if (kind === 'books') return { name: 'readBooks', args: [merchantId] }
  if (kind === 'backlog') return { name: 'backlog', args: [] }
  if (kind === 'configured')
    return { name: chance.pick(['readConfiguration', 'configurationVersion'] as const), args: [] }
  if (kind === 'list') return { name: 'listPayouts', args: [merchantId, drawPage(chance, dossiers)] }
  const { payout } = chance.pick(dossiers)
  const owner = chance.sometimes(90) ? payout.merchantId : merchantId
  if (kind === 'payout') return { name: chance.pick(OF_ONE_PAYOUT), args: [owner, payout.number] }
  const key = chance.pick<PayoutKey>([
    { by: 'number', number: payout.number },
    { by: 'code', number: payout.number, tag: chance.sometimes(70) ? payout.tag : 5 },
    { by: 'reference', reference: payout.reference },
    { by: 'reference', reference: 'never' },
  ])
  return { name: 'findPayout', args: [owner, key] }
}

function drawPage(chance: Chance, dossiers: readonly Dossier[]) {
  const { payout } = chance.pick(dossiers)
  return {
    limit: chance.pick([1, 3, 100]),
    before: chance.sometimes(40) ? payout.number : null,
    state: chance.sometimes(40) ? chance.pick(PAYOUT_STATES) : null,
    reference: chance.sometimes(20) ? payout.reference : null,
  }
}

export function drawSetUp(chance: Chance): Call {
  const merchantId = chance.sometimes(85) ? chance.pick(MERCHANTS) : STRANGER
  const kind = chance.weighted({
    fund: 40,
    merchant: 8,
    key: 10,
    credential: 8,
    account: 10,
    route: 10,
    process: 14,
  })
  switch (kind) {
    case 'fund': {
      const minor = BigInt(chance.pick([0, 700, 2_000]))
      return funding(merchantId, chance.pick(CURRENCIES), minor, `funding ${chance.below(4)}`)
    }
    case 'merchant':
      return merchant(chance.sometimes(85) ? chance.pick(MERCHANTS) : 'Not An Id', chance.sometimes(50))
    case 'key': {
      const hash = bytes(chance.sometimes(90) ? 32 : 31, chance.below(2))
      const key = { keyId: 'qk_1', merchantId, live: chance.sometimes(50), hash, scopes: ['payouts:read'] }
      return { name: 'putApiKey', args: [{ ...key, active: chance.sometimes(50) }] }
    }
    case 'credential': {
      const settings = { zone: `${chance.below(2)}` }
      const credential = { door: 'paypro', publicId: '1000000001', merchantId, secret: `s${chance.below(3)}` }
      return { name: 'putDoorCredential', args: [{ ...credential, settings, active: true }] }
    }
    case 'account':
      return account(
        chance.pick([...ACCOUNTS, PROOF_ACCOUNT]),
        chance.sometimes(50) ? null : chance.pick([PROOF_ACCOUNT, 'pa_never']),
      )
    case 'route': {
      const route = {
        merchantId,
        providerAccountId: chance.pick(ACCOUNTS),
        currency: CURRENCIES[0],
        active: true,
      }
      const method = chance.pick([null, 'bkash'])
      return { name: 'putRoute', args: [{ ...route, method, priority: chance.below(3) }] }
    }
    case 'process':
      return chance.pick<Call>([
        { name: 'beginIncarnation', args: [{ kind: 'serve', host: 'h', pid: chance.below(9) }] },
        { name: 'touchIncarnation', args: [BigInt(chance.below(3))] },
        { name: 'endIncarnation', args: [BigInt(chance.below(3))] },
        { name: 'takeNumbers', args: [chance.pick([1, 1_000, 1_001])] },
      ])
  }
}
