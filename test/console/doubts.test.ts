import { afterAll, expect, test } from 'vitest'
import { eventually } from '../program.ts'
import { openAs, openBrowser, picture } from './browser.ts'
import { ADMIN, APPROVER, createPayout, findPayout, msToNextInquiry, theDemo } from './demo.ts'

const demo = theDemo()
const browser = await openBrowser()
afterAll(() => browser.close())

/** Paid, but its answer is lost and it is never found: docs/simulator.md. */
const NEVER_FOUND = '01700000011'
/** Longer than two people take here. */
const QUIET_MS = 40_000

test('a doubt is resolved by two people: one proposes and cannot confirm, the other reads the evidence and does', {
  timeout: 360_000,
}, async () => {
  const id = await createPayout({ reference: 'doubt-me', wallet: NEVER_FOUND, amount: '41.50' })
  await eventually(
    'doubt-me is in doubt',
    () => findPayout('doubt-me'),
    ({ state }) => state === 'in_doubt',
  )
  // A young doubt is asked about every moment, and what is learned between a look and a proposal is refused.
  await eventually(
    'nobody asks about it for a while',
    () => msToNextInquiry(id),
    ms => ms > QUIET_MS,
    { withinMs: 150_000, everyMs: 1_000 },
  )
  const ada = (await openAs(browser, demo, ADMIN)).page
  await ada.goto('/doubts')
  const doubt = ada.getByRole('article', { name: 'Doubt about doubt-me' })
  await doubt.getByRole('button', { name: 'Resolve' }).click()
  const dialog = ada.getByRole('dialog')
  await dialog.getByLabel('Because').fill('their mail of today, ticket 4711')
  await dialog.locator('input[type=file]').setInputFiles({
    ...{ name: 'mail.txt', mimeType: 'text/plain' },
    buffer: Buffer.from('Your reference was paid, trace 8812.'),
  })
  await picture(ada, 'resolve-light')
  await dialog.getByRole('button', { name: 'Show what follows' }).click()
  await dialog.getByRole('cell', { name: 'in flight' }).waitFor()
  expect(await dialog.getByRole('table').innerText()).toMatch(/41\.50\s+BDT/)
  await picture(ada, 'resolve-preview-light')
  await dialog.getByRole('button', { name: 'Propose it' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect((await findPayout('doubt-me')).state).toBe('in_doubt')

  await ada.goto('/decisions')
  const own = ada.getByRole('article', { name: /it was paid/ }).filter({ hasText: 'ticket 4711' })
  await own.getByText('It is yours: somebody else confirms it.').waitFor()
  expect(await own.getByRole('button', { name: 'Confirm' }).count()).toBe(0)

  const bo = (await openAs(browser, demo, APPROVER)).page
  await bo.goto('/decisions')
  const theirs = bo.getByRole('article', { name: /it was paid/ }).filter({ hasText: 'ticket 4711' })
  await theirs.getByRole('button', { name: 'mail.txt (answer)' }).click()
  await bo.getByText('Your reference was paid, trace 8812.').waitFor()
  await bo.keyboard.press('Escape')
  await bo.getByRole('dialog').waitFor({ state: 'detached' })
  await theirs.getByRole('button', { name: 'Confirm' }).click()
  const confirming = bo.getByRole('dialog')
  await picture(bo, 'confirm-light')
  await confirming.getByLabel('One-time code').fill('000000')
  await confirming.getByRole('button', { name: 'Confirm it' }).click()
  await confirming.getByText('one_time_code_refused').waitFor()
  await confirming.getByRole('button', { name: /^Fill in my code/ }).click()
  await expect.poll(() => confirming.getByLabel('One-time code').inputValue()).not.toBe('000000')
  await confirming.getByRole('button', { name: 'Confirm it' }).click()
  await confirming.waitFor({ state: 'detached' })
  expect((await findPayout('doubt-me')).state).toBe('paid')
  await ada.goto('/doubts')
  await ada.getByRole('heading', { name: 'Doubts', level: 1 }).waitFor()
  expect(await ada.getByRole('article', { name: 'Doubt about doubt-me' }).count()).toBe(0)
})
