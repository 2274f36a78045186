// What must hold when a history has healed: everything has come to an end or to a person (I3, I22), everybody was told
// (I10), and the store, the doors and the auditor's own books say the same (I5, I6, I13, I23).

import { isLive, type Transfer } from '../rails/truth.ts'
import type { World } from '../runner/world.ts'
import { auditLight } from './light.ts'
import { isEnd, placeOf } from './rules.ts'
import { lastAttempt, type ShadowPayout } from './shadow.ts'

const MINUTE_MS = 60_000
/** I22: where the provider can be asked. One more round of its inquiries is part of it. */
const ASKED_WITHIN_MS = 15 * MINUTE_MS

/** What is not at its end yet, in words; empty: nothing has to be waited for. */
export function unsettled(world: World, healedAtMs: number): readonly string[] {
  return [...openOnes(world, healedAtMs)].map(words => words())
}

/** Nothing has to be waited for. Asked often, and so without the words. */
export function isSettled(world: World, healedAtMs: number): boolean {
  return openOnes(world, healedAtMs).next().done === true
}

function* openOnes(world: World, healedAtMs: number): Generator<() => string> {
  const { clients, auditor, hosts } = world
  const isStopped = hasStoppedAccount(world)
  const isAway = (host: (typeof hosts)[number]): boolean =>
    host.application() === null || host.life()?.isPaused() !== false
  if (auditor.restores.atMs() !== null && hosts.some(isAway))
    yield () => 'a process has not seen the restore yet'
  if (world.decide()) yield () => 'people are deciding'
  if (clients.open() > 0) yield () => `${clients.open()} clients have no answer`
  for (const payout of auditor.shadow.payouts.values()) {
    // Of an account that was stopped every payout waits for the person who was told.
    const isOnItsWay = ['waiting', 'queued', 'sending'].includes(payout.state) || isHalfSent(world, payout)
    const waits = (isOnItsWay && (isStopped || isOfPeople(world, payout))) || isHalfKnown(world, payout)
    const why = waits ? null : whyOpen(world, payout, healedAtMs)
    if (why !== null)
      yield () => `payout ${payout.number} is ${payout.state}: ${why}; ${described(world, payout)}`
    for (const { sequence, result } of payout.notices)
      if (result === 'due') yield () => `notice ${sequence} of payout ${payout.number} is not told`
  }
}

/** Its provider has the order and waits for the step that pays it, which was never sent. */
function isHalfSent(world: World, payout: ShadowPayout): boolean {
  const isWaitedFor = transferOf(world, payout)?.state === 'waiting'
  return isWaitedFor && lastAttempt(payout)?.rights.some(({ step }) => step === 2) === false
}

/** After a restore: nothing is sent before people release it. */
function isOfPeople({ auditor, kept }: World, { merchantId, reference, waitReason }: ShadowPayout): boolean {
  // A merchant who confirmed it once does not know that this was lost.
  const isAsked = waitReason === 'confirmation' && auditor.restores.isTouched(merchantId, reference)
  return auditor.restores.atMs() !== null && (kept() || isAsked)
}

/** Of two steps of an attempt that is older than a restore the second is nobody's to send, and nobody knows whether it was. */
function isHalfKnown({ auditor }: World, payout: ShadowPayout): boolean {
  const restoredAtMs = auditor.restores.atMs()
  const attempt = lastAttempt(payout)
  if (restoredAtMs === null || attempt === null || !attempt.contract.twoStep) return false
  return attempt.rights.length === 0 || attempt.openedAtMs <= restoredAtMs + SEEN_MS_MAX
}

/** By then every process knows that the database was restored. */
const SEEN_MS_MAX = 600_000

/** Null where the payout is at its end or in a person's hands. */
function whyOpen(world: World, payout: ShadowPayout, healedAtMs: number): string | null {
  const transfer = transferOf(world, payout)
  if (payout.state === 'paid') return returnsLater(world, transfer, payout)
  if (isEnd(payout.state)) return null
  if (payout.state === 'waiting' && payout.waitReason === 'review') return null
  if (payout.state !== 'in_doubt' && payout.state !== 'pending') return 'it is on its way'
  const isTold = payout.incidents.includes('contradiction')
  if (transfer !== null && canTell(transfer) && !isStuck(transfer, payout) && !isTold)
    return `its provider says ${transfer.state}`
  // Nobody else can tell: a person was told, and decides.
  const since = world.scheduler.now() - Math.max(healedAtMs, payout.stateSinceMs)
  if (hasNobodyToAsk(payout)) return since > ASKED_WITHIN_MS ? null : 'nobody was told yet'
  return payout.incidents.length > 0 && !mayStillDie(payout) ? null : 'no person was told'
}

function hasStoppedAccount({ auditor, marks }: World): boolean {
  for (const { incidents } of auditor.shadow.payouts.values())
    if (incidents.includes('paid_after_death') || incidents.includes('send_S14')) {
      marks.sometimes('an account was stopped')
      return true
    }
  return false
}

/** What somebody needs who wants to know why. */
function described(world: World, payout: ShadowPayout): string {
  const attempt = lastAttempt(payout)
  const transfer = transferOf(world, payout)
  const rows = (attempt?.seen ?? []).slice(-6).map(({ row, kind }) => `${kind} ${row}`)
  return [
    `${payout.attempts.length} attempts`,
    `${attempt?.rights.length ?? 0} rights`,
    `at ${attempt?.account ?? 'nobody'}: ${transfer === null ? 'nothing' : `${transfer.state} (${transfer.behaviour})`}`,
    `incidents ${payout.incidents.join(', ') || 'none'}`,
    `seen ${rows.join(', ')}`,
  ].join('; ')
}

/** A payment that came back is found when its provider calls, or is asked again an hour later. */
function returnsLater(world: World, transfer: Transfer | null, payout: ShadowPayout): string | null {
  if (transfer?.state !== 'returned' || !transfer.canBeAsked || transfer.breaksContract) return null
  const attempt = lastAttempt(payout)
  // Some providers have no word for it and say that it failed, which people are told of.
  if (isToldOfFailure(world, payout)) return null
  return attempt !== null && isQueryable(attempt) ? 'its provider gave the money back' : null
}

/** An incident of the time since it was paid, about an answer that speaks against it: what was told of its doubt is not that. */
function isToldOfFailure({ store }: World, { merchantId, number, stateSinceMs }: ShadowPayout): boolean {
  return store.tables().incidents.some(one => {
    if (one.merchantId !== merchantId || one.number !== number || one.atMs < stateSinceMs) return false
    return one.kind === 'contradiction' || (one.kind === 'look' && one.detail.includes('Q8'))
  })
}

function transferOf({ truth }: World, payout: ShadowPayout): Transfer | null {
  const attempt = lastAttempt(payout)
  return attempt === null ? null : truth.of(attempt.account, attempt.reference)
}

function canTell(transfer: Transfer): boolean {
  return transfer.canBeAsked && !transfer.breaksContract
}

/**
 * The step that pays was sent and never arrived: its provider waits for it for ever, and it is sent once. Or, at
 * Payneteasy, its answer was lost, and with it the one number by which its status can be told from that of the first.
 */
function isStuck(transfer: Transfer, payout: ShadowPayout): boolean {
  const attempt = lastAttempt(payout)
  if (attempt === null || !attempt.rights.some(({ step }) => step === 2)) return false
  const isTied = attempt.seen.some(({ row, verdict }) => row === 'S16' && verdict !== 'accepted created')
  return transfer.state === 'waiting' || (attempt.account.startsWith('payneteasy') && !isTied)
}

type AttemptOf = NonNullable<ReturnType<typeof lastAttempt>>

function isQueryable({ contract }: AttemptOf): boolean {
  return contract.queryableByOurReference || contract.queryableByTheirId
}

function hasNobodyToAsk(payout: ShadowPayout): boolean {
  const attempt = lastAttempt(payout)
  return attempt !== null && !isQueryable(attempt)
}

/** The contract will take silence or a failure for final, later. */
function mayStillDie(payout: ShadowPayout): boolean {
  const attempt = lastAttempt(payout)
  if (attempt === null || payout.incidents.includes('contradiction')) return false
  const { notFoundIsFinalAfterMs } = attempt.contract
  const isSilent = attempt.seen.at(-1)?.row === 'Q11'
  // Of a send without an end nobody knows when its last byte may have left, and so no silence is long enough.
  const hasEnd =
    attempt.rights.length > 0 && !attempt.seen.some(({ row }) => row === 'S5') && repeatsEnded(attempt)
  // And a provider that once knew it cannot prove by silence that it never did.
  const wasKnown = attempt.seen.some(({ verdict }) => verdict.startsWith('accepted'))
  return isSilent && hasEnd && !wasKnown && notFoundIsFinalAfterMs !== 'never'
}

/** An end was recorded since the last right to repeat was given. */
function repeatsEnded({ rights, seen }: AttemptOf): boolean {
  const last = rights.findLast(({ isRepeat }) => isRepeat)
  return last === undefined || seen.some(({ kind, atMs }) => kind === 'send' && atMs >= last.givenAtMs)
}

export async function auditEnd(world: World, healedAtMs: number): Promise<void> {
  for (const open of unsettled(world, healedAtMs)) world.report('I22', open)
  auditTold(world)
  auditMoney(world)
  auditTransfers(world)
  auditLight(world)
  auditLost(world)
  await auditStore(world)
}

/** I3, I10: what clients were told exists, and each end was told to whoever asked for it. */
function auditTold({ clients, auditor, shop, report }: World): void {
  const asked = new Set<ShadowPayout>()
  for (const { plan, number, cancelled } of clients.told) {
    if (number === null) continue
    const payout = auditor.shadow.payouts.get(`${plan.merchantId}/${number}`)
    if (auditor.restores.isTouched(plan.merchantId, plan.reference)) {
      const again = auditor.shadow.byReference.get(`${plan.merchantId} ${plan.reference}`)
      if (again !== undefined) asked.add(again)
      continue
    }
    if (payout === undefined || payout.reference !== plan.reference) {
      report('I3', `${plan.reference} was taken as payout ${number}, which is not there`)
      continue
    }
    if (cancelled && payout.state !== 'cancelled')
      report('I7', `payout ${number} was cancelled and is ${payout.state}`)
    asked.add(payout)
    const heard = shop.heard(plan.merchantId, number).length
    const acknowledged = payout.notices.filter(({ result }) => result === 'acknowledged').length
    if (heard < acknowledged)
      report('I10', `payout ${number}: ${acknowledged} notices are acknowledged and ${heard} were heard`)
  }
  for (const payout of auditor.shadow.payouts.values())
    if (!asked.has(payout)) report('I13', `payout ${payout.number} of ${payout.reference} is nobody's`)
}

/** I6: held and in flight are the sums over the payouts whose money stands there. */
function auditMoney({ auditor, report }: World): void {
  const sums = new Map<string, bigint>()
  for (const { merchantId, state, minor, currency } of auditor.shadow.payouts.values()) {
    const key = `${merchantId} ${placeOf(state)} ${currency}`
    sums.set(key, (sums.get(key) ?? 0n) + minor)
  }
  for (const [key, balance] of auditor.shadow.balances) {
    const [, account = ''] = key.split(' ')
    if ((account === 'held' || account === 'in_flight') && balance !== (sums.get(key) ?? 0n))
      report('I6', `${key} is ${balance}, its payouts are ${sums.get(key) ?? 0n}`)
  }
}

/** I2: against the books of the providers. What broke its contract, and what people decided wrongly, is light.ts. */
function auditTransfers({ truth, auditor, report, marks }: World): void {
  for (const transfer of truth.all()) {
    const attempt = auditor.shadow.attempts.get(`${transfer.account} ${transfer.reference}`)
    if (attempt === undefined) continue
    const { payout } = attempt
    const isBelieved = payout.state === 'paid' || payout.state === 'returned'
    if (transfer.breaksContract) {
      marks.sometimes('a provider broke its contract')
      continue
    }
    const isDecided = attempt.decided?.wasRight === false
    if (isLive(transfer) && !isBelieved && !isDecided && isEnd(payout.state))
      report(
        'I2',
        `payout ${payout.number} is ${payout.state}, and ${transfer.account} has it as ${transfer.state}`,
      )
    if (attempt.state === 'returned' && transfer.state !== 'returned')
      report('I2', `payout ${payout.number} is returned, and ${transfer.account} has it as ${transfer.state}`)
  }
}

/** I14: of a transfer that the database lost people know, or it was recorded again. */
function auditLost({ truth, auditor, store, report, marks }: World): void {
  if (auditor.restores.atMs() === null) return
  const phantoms = store.tables().incidents.filter(({ kind }) => kind === 'phantom')
  for (const { account, reference } of truth.all()) {
    if (auditor.shadow.attempts.has(`${account} ${reference}`)) continue
    const isTold = phantoms.some(({ detail }) => detail.includes(reference))
    if (isTold) marks.sometimes('a phantom was found')
    else report('I14', `${account} has ${reference}, which the database lost, and nobody was told`)
  }
}

/** I5, I7, I13, I23: the store says what was committed, and nothing else. */
async function auditStore({ store, auditor, report, options }: World): Promise<void> {
  const { shadow } = auditor
  for (const payout of shadow.payouts.values()) {
    const { merchantId, number } = payout
    const name = `payout ${number}`
    const found = await store.findForStep(merchantId, number)
    if (found === null) {
      report('I3', `${name} is not in the store`)
      continue
    }
    if (found.payout.state !== payout.state || found.payout.version !== payout.version)
      report(
        'I23',
        `${name} is ${found.payout.state} ${found.payout.version}, committed was ${payout.state} ${payout.version}`,
      )
    if (found.payout.attempts !== payout.attempts.length)
      report('I13', `${name} has ${found.payout.attempts} attempts, committed were ${payout.attempts.length}`)
    if (found.attempt !== null && found.attempt.state !== lastAttempt(payout)?.state)
      report(
        'I23',
        `${name} has an attempt that is ${found.attempt.state}, committed was ${lastAttempt(payout)?.state}`,
      )
    const events = (await store.payoutEvents(merchantId, number)).map(({ state }) => state)
    if (events.join() !== payout.events.join())
      report('I7', `${name} was ${events.join()}, committed were ${payout.events.join()}`)
    const moved = (await store.payoutPostings(merchantId, number)).map(
      ({ debit, credit }) => `${debit}>${credit}`,
    )
    if (moved.toSorted().join() !== payout.movements.toSorted().join())
      report('I5', `${name} moved ${moved.join()}, committed was ${payout.movements.join()}`)
    const notices = (await store.payoutNotices(merchantId, number)).length
    if (notices !== payout.notices.length)
      report('I10', `${name} has ${notices} notices, committed were ${payout.notices.length}`)
  }
  for (let place = 1; place <= options.merchants; place += 1) await auditBalances(`m_${place}`)

  async function auditBalances(merchantId: string): Promise<void> {
    let sum = 0n
    for (const { account, balance } of await store.merchantBalances(merchantId)) {
      sum += balance.minor
      const own = shadow.balances.get(`${merchantId} ${account} ${balance.currency}`) ?? 0n
      if (own !== balance.minor)
        report('I5', `${merchantId} has ${balance.minor} ${account}, committed was ${own}`)
    }
    if (sum !== 0n) report('I5', `the balances of ${merchantId} sum to ${sum}`)
    const listed = await store.listPayouts(merchantId, {
      limit: 200,
      before: null,
      state: null,
      reference: null,
    })
    const known = [...shadow.payouts.values()].filter(payout => payout.merchantId === merchantId)
    if (listed.length !== known.length)
      report('I13', `${merchantId} has ${listed.length} payouts, committed were ${known.length}`)
  }
}
