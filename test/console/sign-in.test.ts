import { afterAll, expect, test } from 'vitest'
import { openAs, openBrowser, openTab, picture, signIn } from './browser.ts'
import { ADMIN, theDemo, VIEWER } from './demo.ts'

const demo = theDemo()
const browser = await openBrowser()
afterAll(() => browser.close())

test('who is not signed in is asked to, is told nothing of why it fails, and comes back to where it was going', async () => {
  const { page, complaints } = await openTab(browser, demo)
  await page.goto('/balances')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await picture(page, 'sign-in-light')
  const refusals: unknown[] = []
  for (const email of [ADMIN, 'nobody@sandbox.local']) {
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel(/^Password/).fill('not the password')
    const answer = page.waitForResponse('**/v1/session')
    await page.getByRole('button', { name: 'Sign in' }).click()
    const { status, code, detail } = await (await answer).json()
    refusals.push({ status, code, detail })
    expect(await page.getByRole('alert').innerText()).toContain(detail)
  }
  expect(refusals[0]).toEqual(refusals[1])
  await signIn(page, ADMIN, demo.password)
  await page.getByRole('heading', { name: 'Balances', level: 1 }).waitFor()
  expect(complaints).toEqual([])
})

test('by the keyboard alone: in, to the list, and into a payout', async () => {
  const { page, complaints } = await openTab(browser, demo)
  await page.goto('/payouts')
  await page.getByLabel('E-mail address').waitFor()
  const { keyboard } = page
  await keyboard.type(ADMIN)
  await keyboard.press('Tab')
  await keyboard.type(demo.password)
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Payouts', level: 1 }).waitFor()
  await page.getByRole('table').waitFor()
  // The first stop leads past the navigation.
  await page.evaluate('document.activeElement.blur()')
  await keyboard.press('Tab')
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Skip to the page')
  await keyboard.press('Enter')
  const stops = async (): Promise<boolean> =>
    page.evaluate('document.activeElement.closest("tbody") !== null')
  for (let presses = 0; presses < STOPS_MAX && !(await stops()); presses += 1) await keyboard.press('Tab')
  expect(await stops()).toBe(true)
  const reference = await page.evaluate('document.activeElement.textContent')
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: String(reference), level: 1 }).waitFor()
  expect(complaints).toEqual([])
})

/** Views, export, seven filters, and then the first payout. */
const STOPS_MAX = 20

test('who signs out is out, on the server too, and nothing of what it saw stays', async () => {
  const { page } = await openAs(browser, demo, ADMIN)
  await page.getByRole('button', { name: /^Signed in as/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const answer = await page.request.get('/v1/session')
  expect(answer.status()).toBe(401)
  await page.goto('/payouts')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

test('a session that ended elsewhere leads back to the sign-in, and from there to the same page', async () => {
  const { page } = await openAs(browser, demo, ADMIN)
  await page.getByRole('link', { name: 'Providers' }).click()
  await page.getByRole('heading', { name: 'Providers', level: 1 }).waitFor()
  await page.context().clearCookies()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signIn(page, ADMIN, demo.password)
  await page.getByRole('heading', { name: 'Providers', level: 1 }).waitFor()
})

test('a viewer sees, and is offered nothing that changes anything', async () => {
  const { page } = await openAs(browser, demo, VIEWER)
  await page.getByRole('link', { name: 'Providers' }).click()
  await page.getByRole('heading', { name: 'Simulated paypro', exact: true }).waitFor()
  expect(await page.getByRole('button', { name: /^Stop/ }).count()).toBe(0)
  await page.getByRole('link', { name: 'Payouts' }).click()
  await page.getByRole('table').getByRole('link').first().click()
  await page.getByRole('heading', { name: 'What happened' }).waitFor()
  for (const name of ['Cancel', 'Ask now', 'Resolve', 'Resend'])
    expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0)
  for (const name of ['Keys', 'Audit log'])
    expect(await page.getByRole('link', { name }).count(), name).toBe(0)
  await page.goto('/audit')
  expect(await page.getByRole('alert').innerText()).toContain('forbidden')
})
