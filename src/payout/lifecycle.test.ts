import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AssertionFailed } from '../lib/assert.ts'
import type { AttemptState } from './attempt.ts'
import { PAYOUT_EVENT_KINDS, type PayoutEvent, REFUSALS, transition } from './lifecycle.ts'
import { isFinal, MONEY_PLACE, PAYOUT_STATES, type PayoutState, WAIT_REASONS } from './payout.ts'

// Every state against every event, written as one reads it. `→ state recipe` is a step, a bare word is a refusal.
const TABLE = `
           release          wait             cancel              send               created           second_send            pending        paid              doubt          dead:queued      dead:review       dead:failed    returned
accepted   →queued/hold     →waiting/hold    not_recorded        not_recorded       not_sent          not_sent          not_sent       not_sent          not_sent       not_sent         not_sent          not_sent       not_paid
waiting    →queued          →waiting         →cancelled/release  not_queued         not_sent          not_sent          not_sent       not_sent          not_sent       not_sent         not_sent          not_sent       not_paid
queued     already_queued   →waiting         →cancelled/release  →sending/dispatch  not_sent          not_sent          not_sent       not_sent          not_sent       not_sent         not_sent          not_sent       not_paid
sending    already_sent     already_sent     already_sent        already_sent       →sending          →sending          →pending       →paid/settle      →in_doubt      →queued/requeue  →waiting/requeue  →failed/fail   not_paid
pending    already_sent     already_sent     already_sent        already_sent       already_accepted  already_accepted  unchanged      →paid/settle      →in_doubt      →queued/requeue  →waiting/requeue  →failed/fail   not_paid
in_doubt   payout_in_doubt  payout_in_doubt  payout_in_doubt     payout_in_doubt    →in_doubt         →in_doubt         →pending       →paid/settle      unchanged      →queued/requeue  →waiting/requeue  →failed/fail   not_paid
paid       already_paid     already_paid     already_paid        already_paid       already_paid      already_paid      already_paid   unchanged         already_paid   already_paid     already_paid      already_paid   →returned/return
failed     already_final    already_final    already_final       already_final      already_final     already_final     already_final  paid_after_death  already_final  already_final    already_final     already_final  already_final
cancelled  already_final    already_final    already_final       already_final      already_final     already_final     already_final  paid_after_death  already_final  already_final    already_final     already_final  already_final
returned   already_final    already_final    already_final       already_final      already_final     already_final     already_final  already_final     already_final  already_final    already_final     already_final  already_final
`

const rows = TABLE.trim()
  .split('\n')
  .map(line => line.trim().split(/\s+/))
const [events = [], ...states] = rows

test('the table holds every state and every event', () => {
  expect(states.map(([state]) => state)).toEqual([...PAYOUT_STATES])
  expect(new Set(events.map(event => event.split(':')[0]))).toEqual(new Set(PAYOUT_EVENT_KINDS))
})

test.each(
  states.flatMap(([state = '', ...cells]) =>
    cells.map((cell, place) => [state, events[place] ?? '', cell] as const),
  ),
)('%s × %s: %s', (state, event, cell) => {
  const result = transition(state as PayoutState, eventNamed(event))
  const said = result.ok
    ? `→${result.to}${result.recipe === null ? '' : `/${result.recipe}`}`
    : result.refusal
  expect(said).toBe(cell)
})

test('every refusal of the closed list is used', () => {
  const used = new Set(states.flatMap(([, ...cells]) => cells).filter(cell => !cell.startsWith('→')))
  expect([...used].sort()).toEqual([...REFUSALS].sort())
})

test('only a send opens an attempt, and only a proof of death kills one', () => {
  for (const state of PAYOUT_STATES)
    for (const event of events) {
      const result = transition(state, eventNamed(event))
      if (!result.ok) continue
      expect(result.attempt === 'dead').toBe(event.startsWith('dead'))
      if (event === 'send') expect(result.attempt).toBe('sending')
      // A step that touches the live attempt stands only where one can be.
      if (result.attempt !== null && event !== 'send')
        expect(['sending', 'pending', 'in_doubt', 'paid']).toContain(state)
    }
})

test('a payout that waits says why, and no other step gives a reason', () => {
  for (const state of PAYOUT_STATES)
    for (const event of events)
      for (const reason of WAIT_REASONS) {
        const result = transition(state, event === 'wait' ? { kind: 'wait', reason } : eventNamed(event))
        if (!result.ok) continue
        const because = event === 'dead:review' ? 'review' : event === 'wait' ? reason : null
        expect([state, event, result.waitReason]).toEqual([state, event, because])
      }
})

test('what was said of the attempt is what becomes of it, and before a send none is touched', () => {
  const becomes: Readonly<Record<string, AttemptState>> = {
    send: 'sending',
    pending: 'pending',
    paid: 'paid',
    doubt: 'in_doubt',
    'dead:queued': 'dead',
    'dead:review': 'dead',
    'dead:failed': 'dead',
    returned: 'returned',
  }
  for (const state of PAYOUT_STATES)
    for (const event of events) {
      const result = transition(state, eventNamed(event))
      if (!result.ok) continue
      // Between its two steps an attempt stays as sure or as doubtful as it was.
      const isBetween = event === 'created' || event === 'second_send'
      expect([state, event, result.attempt]).toEqual([
        state,
        event,
        isBetween ? state : (becomes[event] ?? null),
      ])
    }
})

test('a state, an answer or a policy from outside its list moves nothing: it is a mistake of ours', () => {
  const state = 'lost' as unknown as PayoutState // as a wrong row would hand it over
  const event = { kind: 'mood' } as unknown as PayoutEvent
  const dead = { kind: 'dead', proof: 'refused', next: 'again' } as unknown as PayoutEvent
  for (const known of events) expect(() => transition(state, eventNamed(known))).toThrow(AssertionFailed)
  for (const sent of ['sending', 'pending', 'in_doubt'] as const) {
    expect(() => transition(sent, event)).toThrow(AssertionFailed)
    expect(() => transition(sent, dead)).toThrow(AssertionFailed)
  }
  for (const unsent of ['accepted', 'waiting', 'queued', 'paid', 'failed', 'cancelled', 'returned'] as const)
    expect(transition(unsent, event).ok).toBe(false)
})

test('money leaves in flight only when paid or proven dead', () => {
  for (const state of PAYOUT_STATES)
    for (const event of events) {
      const result = transition(state, eventNamed(event))
      if (!result.ok || MONEY_PLACE[state] !== 'in_flight' || MONEY_PLACE[result.to] === 'in_flight') continue
      expect(event === 'paid' || event.startsWith('dead')).toBe(true)
    }
})

test('whatever happens in whatever order, a payout is settled at most once and never both settled and given back', () => {
  void fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), happenings => {
      let state: PayoutState = 'accepted'
      const booked: string[] = []
      for (const happening of happenings) {
        const result = transition(state, eventNamed(happening))
        if (!result.ok) continue
        if (isFinal(state)) expect([state, result.to]).toEqual(['paid', 'returned'])
        if (result.recipe !== null) booked.push(result.recipe)
        state = result.to
      }
      const count = (recipe: string) => booked.filter(one => one === recipe).length
      expect(count('settle') + count('fail') + count('release')).toBeLessThanOrEqual(1)
      expect(count('hold')).toBeLessThanOrEqual(1)
      // Each dispatch but the last was taken back before the next.
      expect(count('dispatch') - count('requeue')).toBeLessThanOrEqual(1)
      expect(count('return')).toBeLessThanOrEqual(count('settle'))
    }),
    { numRuns: 5_000 },
  )
})

function eventNamed(name: string): PayoutEvent {
  const [kind, next] = name.split(':')
  switch (kind) {
    case 'wait':
      return { kind, reason: 'review' }
    case 'doubt':
      return { kind, why: 'timeout' }
    case 'dead':
      return { kind, proof: 'refused', next: next as 'queued' | 'review' | 'failed' }
    case 'release':
    case 'cancel':
    case 'send':
    case 'created':
    case 'second_send':
    case 'pending':
    case 'paid':
    case 'returned':
      return { kind }
    default:
      throw new Error(`no event is called ${name}`)
  }
}
