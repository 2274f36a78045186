import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import { proofapiSaidOfStatus, proofapiShowsImages, proofapiStatusFromState } from './status.ts'

test.each(['Approved', 'approved', 'APPROVED', 'aPPROVED'])('%s is paid', status => {
  expect(proofapiSaidOfStatus(status)).toBe('paid')
})

test.each([
  'Pending',
  'Failed',
  'Declined',
  'Returned',
  'SUCCESS',
  'PAID',
  '',
  ' Approved',
  'Approved ',
  'Approved\n',
  'Not Approved',
  'Approve',
  'Approveds',
  null,
])('%j is not known, and never a failure', status => {
  expect(proofapiSaidOfStatus(status)).toBe('unknown')
})

test('no other text is paid', () => {
  fc.assert(
    fc.property(fc.string(), status => {
      if (status.toLowerCase() !== 'approved') expect(proofapiSaidOfStatus(status)).toBe('unknown')
    }),
  )
})

test('our door says Approved of a payout that is paid and of no other, and Failed only of what is dead', () => {
  const says = Object.groupBy(PAYOUT_STATES, proofapiStatusFromState)
  expect(says).toEqual({
    Pending: ['accepted', 'waiting', 'queued', 'sending', 'pending', 'in_doubt'],
    Approved: ['paid'],
    Failed: ['failed', 'cancelled'],
    Returned: ['returned'],
  })
})

test('images are shown of what was paid alone', () => {
  expect(PAYOUT_STATES.filter(proofapiShowsImages)).toEqual(['paid', 'returned'])
})
