import { expect, test } from 'vitest'
import type { AccountBalance } from '../store/store.ts'
import { createBalanceReads } from './balances.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

test('who asks while a read runs shares the next one, and never gets what was read before it asked', async () => {
  const reads: { readonly merchantId: string; answer(): void }[] = []
  let minor = 0n
  const balances = createBalanceReads({
    merchantBalances: merchantId =>
      new Promise<readonly AccountBalance[]>(resolve => {
        const currency = 'BDT' as AccountBalance['balance']['currency']
        const seen = minor
        const answer = () =>
          resolve([{ merchantId, account: 'available', balance: { minor: seen, currency } }])
        reads.push({ merchantId, answer })
      }),
  })
  const available = async (merchantId: string) => (await balances(merchantId))[0]?.available.minor
  const first = available('m_one')
  await turn()
  minor = 5n
  const later = [available('m_one'), available('m_one'), available('m_two')]
  await turn()
  expect(reads).toHaveLength(1)
  reads[0]?.answer()
  expect(await first).toBe(0n)
  await turn()
  expect(reads.map(({ merchantId }) => merchantId)).toEqual(['m_one', 'm_one', 'm_two'])
  for (const { answer } of reads) answer()
  expect(await Promise.all(later)).toEqual([5n, 5n, 5n])
})
