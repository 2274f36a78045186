import { afterAll, expect, test } from 'vitest'
import { openAs, openBrowser, picture } from './browser.ts'
import { ADMIN, theDemo } from './demo.ts'

const demo = theDemo()
const browser = await openBrowser()
afterAll(() => browser.close())

test.each([
  ['paypro', /"code":"0000"/],
  ['payneteasy', /type=async-response/],
  ['avanor', /"error_code":0/],
  ['proofapi', /"status":/],
])('a request of %s is built, signed step by step, and sent to its door', async (protocol, answer) => {
  const { page, complaints } = await openAs(browser, demo, ADMIN)
  await page.goto('/requests')
  await page.getByLabel('Protocol').selectOption(protocol)
  await page.getByRole('button', { name: 'Build and sign' }).click()
  for (const name of ['canonical string', 'signature, hex', 'as a command'])
    expect((await page.getByRole('region', { name }).innerText()).trim(), name).not.toBe('')
  expect(await page.getByRole('region', { name: /^what is signed/ }).innerText()).not.toContain('sandbox-')
  await page.getByRole('button', { name: 'Send it' }).click()
  await expect.poll(() => page.getByRole('region', { name: 'the answer' }).innerText()).toMatch(answer)
  await picture(page, `request-${protocol}-light`)
  expect(complaints).toEqual([])
})

test('a request whose fields were changed after it was signed is explained by the check that fails', async () => {
  const { page } = await openAs(browser, demo, ADMIN)
  await page.goto('/requests')
  await page.getByRole('button', { name: 'Build and sign' }).click()
  const curl = await page.getByRole('region', { name: 'as a command' }).innerText()
  await page.getByRole('tab', { name: 'Explain why one fails' }).click()
  await page.getByLabel('The request that is refused').fill(curl.replace('"amount":"300"', '"amount":"301"'))
  await page.getByRole('button', { name: 'Explain it' }).click()
  await page.getByText('The door refuses this request.').waitFor()
  expect(await page.getByRole('img', { name: 'fails', exact: true }).count()).toBe(1)
  await picture(page, 'explain-light')
})
