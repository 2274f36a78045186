import { afterAll, expect, test } from 'vitest'
import { openAs, openBrowser, picture } from './browser.ts'
import { ADMIN, createPayout, theDemo } from './demo.ts'

const demo = theDemo()
const browser = await openBrowser()
afterAll(() => browser.close())

/** The sandbox's wallets by fate: docs/simulator.md. */
const PAID_AFTER_10_S = '01700000002'
const PAID_SOON = '01700000000'

test('a payout is found by its reference, its wallet and its id, and by nothing else', async () => {
  const id = await createPayout({ reference: 'find-me-1', wallet: '01712345671' })
  const { page, complaints } = await openAs(browser, demo, ADMIN)
  for (const text of ['find-me-1', '01712345671', id]) {
    const find = page.getByLabel('Find a payout by any id, reference, wallet or account')
    await find.fill(text)
    await find.press('Enter')
    await page.waitForURL(url => url.searchParams.get('q') === text)
    await page.getByText('1 in all').waitFor()
    await expect.poll(() => page.getByRole('table').getByRole('link').allInnerTexts()).toEqual(['find-me-1'])
  }
  await page.goto('/payouts?q=find-me')
  await page.getByText('No payout is like this.').waitFor()
  await picture(page, 'payouts-empty-light')
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByRole('link', { name: 'find-me-1' }).waitFor()
  expect(complaints).toEqual([])
})

test('one is watched while it becomes paid, without a hand on the page', async () => {
  await createPayout({ reference: 'watch-me', wallet: PAID_AFTER_10_S, amount: '12.34' })
  const { page } = await openAs(browser, demo, ADMIN)
  await page.goto('/payouts?q=watch-me')
  await page.getByRole('link', { name: 'watch-me' }).click()
  await page.getByRole('heading', { name: 'watch-me', level: 1 }).waitFor()
  const head = page.locator('header').filter({ has: page.getByRole('heading', { level: 1 }) })
  await head.getByText(/^(queued|sending|pending)$/).waitFor()
  await head.getByText('paid', { exact: true }).waitFor({ timeout: 60_000 })
  expect(await head.innerText()).toMatch(/12\.34\s+BDT/)
  await page.getByText('settle', { exact: true }).waitFor()
})

test('the receipt and the picture of the provider are shown as pictures, whole when they are chosen', async () => {
  await createPayout({ reference: 'prove-me', wallet: PAID_SOON })
  const { page, complaints } = await openAs(browser, demo, ADMIN)
  await page.goto('/payouts?q=prove-me')
  await page.getByRole('link', { name: 'prove-me' }).click()
  for (const name of ['Receipt', 'Proof image 1 of the provider']) {
    const small = page.getByRole('button', { name: `Show whole: ${name}`, exact: true })
    await small.waitFor({ timeout: 60_000 })
    await small.click()
    const dialog = page.getByRole('dialog')
    const image = dialog.getByRole('img', { name })
    await image.waitFor()
    await expect
      .poll(() => image.evaluate((one: { naturalWidth: number }) => one.naturalWidth))
      .toBeGreaterThan(0)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  }
  await picture(page, 'payout-proven-light')
  const pdf = await page.request.get(
    (await page.getByRole('link', { name: 'PDF' }).getAttribute('href')) ?? '',
  )
  expect([pdf.status(), pdf.headers()['content-type']]).toEqual([200, 'application/pdf'])
  expect(complaints).toEqual([])
})

test('the list is narrowed by what stands in the address, kept as a view, and exported as it is seen', async () => {
  const { page } = await openAs(browser, demo, ADMIN)
  await page.goto('/payouts')
  await page.getByLabel('State', { exact: true }).selectOption('paid')
  await page.waitForURL(/state=paid/)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: /^Keep these filters/ }).click()
  await page.getByLabel('Name of the view').fill('What was paid')
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await page.goto('/payouts')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'What was paid', exact: true }).click()
  await page.waitForURL(/state=paid/)
  const address = await page.getByRole('link', { name: 'Export CSV' }).getAttribute('href')
  const file = await page.request.get(address ?? '')
  expect(file.headers()['content-type']).toMatch(/^text\/csv/)
  const [head, ...rows] = (await file.text()).trim().split('\n')
  expect(head).toContain('reference')
  expect(rows.length).toBeGreaterThan(0)
})
