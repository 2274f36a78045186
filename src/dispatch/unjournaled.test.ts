// Sends that lost their process, judged by a real journal: over real Postgres and a real provider that counts what arrives.
import { afterEach, expect, test } from 'vitest'
import { openWorld, PENDING, type Reaction, type World } from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { Unavailable } from '../errors.ts'
import { memoryFolder } from '../journal/journal.fixture.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { systemClock } from '../lib/clock.ts'
import type { CapabilityOverrides } from '../protocols/capabilities.ts'
import type { DueAttempt } from '../store/store.ts'
import { commit } from './commit.ts'
import { parseFacts } from './facts.ts'
import { createHold } from './hold.ts'
import { inquire } from './inquire.ts'
import { send } from './send.ts'
import { exchangeStep } from './steps.ts'
import { toldExchange } from './told.ts'

const CREATED: Reaction = { says: { said: 'created' } }
const HOUR_MS = 3_600_000

let world: World
let files = memoryFolder()
let journals: Journal[] = []
afterEach(async () => {
  await Promise.all(journals.map(journal => journal.close()))
  journals = []
  await world.close()
})

async function open(capabilities: Partial<CapabilityOverrides> = {}): Promise<void> {
  world = await openWorld({ capabilities })
  files = memoryFolder()
  await world.accept(1n)
}

/** Another process on the same folder and database. */
async function journalOfProcess(): Promise<Journal> {
  const { store } = world.db
  const find = (incarnation: bigint) => store.findIncarnation(incarnation)
  const journal = await openJournal({
    ...{ files, find, clock: systemClock, log: { warn: () => {}, error: () => {} } },
    async begin() {
      const found = await find(await store.beginIncarnation({ kind: 'test', host: 'here', pid: 1 }))
      if (found === null) throw new Error('it was begun')
      return found
    },
  })
  journals.push(journal)
  return journal
}

function through() {
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  return { ready, hold: createHold(systemClock, () => 0) }
}

async function due(): Promise<DueAttempt> {
  const found = await world.db.store.findForStep(MERCHANT, 1n)
  if (found?.attempt == null) throw new Error('no attempt')
  return { ...found, attempt: found.attempt }
}

async function look(journal: Journal, ageMs = HOUR_MS) {
  const asked = await due()
  return inquire(asked, through().ready, asked.attempt.createdAtMs + ageMs, world.needs({ journal }))
}

async function proofOf(): Promise<{ kind: string; premises: Record<string, unknown> }> {
  const { rows } = await world.db.pool.query('select kind, premises from proof')
  return rows[0]
}

/** The intent is committed and its sender never hears of it: it ends there, with nothing written down. */
async function dieAfterIntent(journal: Journal): Promise<void> {
  const advance = {
    ...world.advance,
    async step(step: Parameters<World['advance']['step']>[0]) {
      await world.advance.step(step)
      throw new Unavailable('unavailable', 'the process is gone')
    },
  }
  await send(await world.claim(1n), through(), world.needs({ journal, advance }))
}

test('S0: a send whose sender died before it wrote is dead by its journal, and the payout is sent once', async () => {
  await open()
  const [sender, judge] = [await journalOfProcess(), await journalOfProcess()]
  await dieAfterIntent(sender)
  expect(await world.payout(1n)).toMatchObject({ state: 'sending', attempts: 1 })

  expect(await look(judge)).toMatchObject({ kind: 'lost', row: 'S0', recorded: 'recorded' })
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 1 })
  expect(await proofOf()).toMatchObject({
    kind: 'not_sent',
    premises: {
      ...{ row: 'S0', step: 'only', sends: 1 },
      journal: {
        name: '1.journal',
        incarnation: '1',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        entries: 0,
      },
    },
  })
  world.dispatcher({ journal: judge }).start()
  await world.reach(1n, 'pending')
  expect(world.provider.arrived).toHaveLength(1)
  expect(await world.broken()).toEqual([])
})

test('S5: a send that was written down stays in doubt, whether or not a byte left', async () => {
  await open()
  const [sender, judge] = [await journalOfProcess(), await journalOfProcess()]
  const call = { ...world.call, callOnce: () => Promise.reject(new Error('the process is gone')) }
  await expect(
    send(await world.claim(1n), through(), world.needs({ journal: sender, call })),
  ).rejects.toThrow()
  expect(await look(judge)).toMatchObject({ kind: 'lost', row: 'S5' })
  expect(await world.payout(1n)).toMatchObject({ state: 'in_doubt' })
})

test('S5: without the journal of its sender a send is in doubt as ever', async () => {
  await open()
  const [sender, judge] = [await journalOfProcess(), await journalOfProcess()]
  await dieAfterIntent(sender)
  files.texts.delete('1.journal')
  expect(await look(judge)).toMatchObject({ kind: 'lost', row: 'S5' })
})

test('before its time is over a send is judged only where its process is known to be gone', async () => {
  await open()
  const [sender, judge] = [await journalOfProcess(), await journalOfProcess()]
  await dieAfterIntent(sender)
  expect(await look(judge, 10)).toEqual({ kind: 'kept' })
  judge.noteGone(1n)
  expect(await look(judge, 10)).toMatchObject({ kind: 'lost', row: 'S0' })
})

test('a sender that was only paused sends nothing after its journal was judged', async () => {
  await open()
  const [sender, judge] = [await journalOfProcess(), await journalOfProcess()]
  const paused = {
    ...sender,
    async write(entry: Parameters<Journal['write']>[0]) {
      expect(await look(judge)).toMatchObject({ row: 'S0' })
      return sender.write(entry)
    },
  }
  expect(await send(await world.claim(1n), through(), world.needs({ journal: paused }))).toMatchObject({
    row: 'S1',
  })
  expect(world.provider.arrived).toEqual([])
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 1 })
  world.dispatcher({ journal: judge }).start()
  await world.reach(1n, 'pending')
  expect(world.provider.arrived).toHaveLength(1)
})

test('what cannot be written down is not sent, and goes back into the queue', async () => {
  await open()
  const sender = await journalOfProcess()
  files.before = what => {
    if (what === 'append') throw new Error('no space left on device')
  }
  expect(await send(await world.claim(1n), through(), world.needs({ journal: sender }))).toMatchObject({
    row: 'S1',
  })
  expect(world.provider.arrived).toEqual([])
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 1 })
})

test('while there is no journal nothing is claimed, and what was claimed gets no send right', async () => {
  await open()
  const closed = { ...(await journalOfProcess()), incarnation: () => null }
  const claimed = await world.claim(1n)
  expect(await send(claimed, through(), world.needs({ journal: closed }))).toEqual({
    kind: 'not_tried',
    why: 'closed',
  })
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 0 })
})

test('a callback about a send that its journal does not hold is believed more than the journal', async () => {
  await open()
  const [sender, judge] = [await journalOfProcess(), await journalOfProcess()]
  await dieAfterIntent(sender)
  const exchange = toldExchange({
    ...{ attemptNo: 1, atMs: 1, row: 'W3', body: new Uint8Array(), connector: world.connector },
    answer: { kind: 'read', said: 'paid', failure: null, theirId: null, echo: ECHO },
  })
  await world.advance.step(exchangeStep((await due()).payout, exchange))
  expect(await look(judge)).toMatchObject({ kind: 'lost', row: 'S5' })
})

const ECHO = { reference: 'same', amount: 'same', currency: 'absent', beneficiary: 'absent' } as const

// ---- two steps -------------------------------------------------------------------------------------------------

async function openCreated(capabilities: Partial<CapabilityOverrides>): Promise<readonly [Journal, Journal]> {
  await open({ twoStep: true, ...capabilities })
  world.provider.onPay = () => CREATED
  world.provider.onInquiry = () => CREATED
  world.provider.onCommit = () => PENDING
  const [first, second] = [await journalOfProcess(), await journalOfProcess()]
  expect(await send(await world.claim(1n), through(), world.needs({ journal: first }))).toMatchObject({
    row: 'S16',
  })
  return [first, second]
}

async function dieAfterSecondIntent(journal: Journal): Promise<void> {
  const advance = {
    ...world.advance,
    async step(step: Parameters<World['advance']['step']>[0]) {
      await world.advance.step(step)
      throw new Unavailable('unavailable', 'the process is gone')
    },
  }
  await commit(await due(), through(), () => 1_000, world.needs({ journal, advance }))
}

test('S0: the step that pays is judged by the journal of its own sender, and needs that creating alone never pays', async () => {
  const [first, second] = await openCreated({ createAloneNeverPays: true })
  await dieAfterSecondIntent(second)
  expect(parseFacts((await due()).facts)).toMatchObject({ stepsSent: 2, payIncarnation: '2' })
  expect(await look(first)).toMatchObject({ row: 'S0' })
  expect(await proofOf()).toMatchObject({ premises: { step: 'second', journal: { incarnation: '2' } } })
  expect(await world.payout(1n)).toMatchObject({ state: 'queued' })
})

test('Q3: an order whose paying step never left is only an order: that it is processed is no payment after death, paid is', async () => {
  const [first, second] = await openCreated({ createAloneNeverPays: true })
  await dieAfterSecondIntent(second)
  const dead = async () => {
    const [attempt] = await world.db.store.payoutAttempts(MERCHANT, 1n)
    const found = await due()
    if (attempt === undefined) throw new Error('it is there')
    return { ...found, attempt }
  }
  expect(await look(first)).toMatchObject({ row: 'S0' })
  // The provider's word for an order that was made is that of a payment under way, if a payment is asked about.
  world.provider.onInquiry = () => (world.provider.questions.at(-1)?.step === 'second' ? PENDING : CREATED)
  const ask = async () => {
    const asked = await dead()
    return inquire(
      asked,
      through().ready,
      asked.attempt.createdAtMs + HOUR_MS,
      world.needs({ journal: first }),
    )
  }
  expect(await ask()).toMatchObject({ kind: 'looked', row: 'Q3', stopsAccount: false })
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', waitReason: null })
  world.provider.onInquiry = () => ({ says: { said: 'paid' } })
  expect(await ask()).toMatchObject({ kind: 'looked', row: 'Q3', stopsAccount: true })
  expect(await world.payout(1n)).toMatchObject({ state: 'waiting', waitReason: 'review' })
})

test('S0: where creating alone may pay, a paying step that never left is in doubt, and the order is asked about', async () => {
  const [first, second] = await openCreated({ createAloneNeverPays: false })
  await dieAfterSecondIntent(second)
  expect(await look(first)).toMatchObject({ row: 'S0' })
  expect(await due()).toMatchObject({ payout: { state: 'in_doubt' }, attempt: { doubt: 'created_alone' } })
  // Its sender is known to have ended, so that from now on its provider is asked.
  expect(await look(first)).toMatchObject({ kind: 'looked', row: 'Q5' })
  expect(world.provider.committed).toEqual([])
})
