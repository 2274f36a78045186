// Each page as everybody may meet it: by day, by night, on a telephone. What they look like is left behind as pictures.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, expect, test } from 'vitest'
import { DESK, NIGHT, openAs, openBrowser, openTab, PHONE, picture, type Tab } from './browser.ts'
import { ADMIN, createPayout, theDemo } from './demo.ts'

const demo = theDemo()
const browser = await openBrowser()
afterAll(() => browser.close())

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const PAGES = {
  overview: '/',
  payouts: '/payouts',
  doubts: '/doubts',
  decisions: '/decisions',
  providers: '/providers',
  balances: '/balances',
  notices: '/notices',
  requests: '/requests',
  keys: '/keys',
  audit: '/audit',
  nowhere: '/no-such-page',
} as const

const SCREENS = { light: DESK, dark: NIGHT, phone: PHONE } as const

test.each(Object.entries(SCREENS))(
  'every page is clean for a screen reader, and fits: %s',
  {
    timeout: 300_000,
  },
  async (name, screen) => {
    await createPayout({ reference: `seen-${name}`, wallet: '01700000000' })
    const tab = await openAs(browser, demo, ADMIN, screen)
    const { page } = tab
    for (const [title, path] of Object.entries(PAGES)) {
      await page.goto(path)
      await settled(tab)
      await look(tab, `${title}-${name}`)
    }
    await page.goto(`/payouts?q=seen-${name}`)
    await page.getByRole('link', { name: `seen-${name}` }).click()
    await page.getByRole('img', { name: 'Receipt' }).waitFor({ timeout: 60_000 })
    await settled(tab)
    await look(tab, `payout-${name}`)
    const stranger = await openTab(browser, demo, screen)
    for (const [title, path] of Object.entries({
      'sign-in': '/sign-in',
      'set-password': '/set-password#ql_x',
    })) {
      await stranger.page.goto(path)
      await stranger.page.getByRole('heading', { level: 1 }).waitFor()
      await look(stranger, `${title}-${name}`)
    }
  },
)

/** What is under way has come. */
async function settled({ page }: Tab): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0)
}

async function look({ page, complaints }: Tab, name: string): Promise<void> {
  await picture(page, name)
  await page.evaluate(AXE)
  const found: readonly string[] = await page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ' ' + html.slice(0, 200))))`)
  expect(found, name).toEqual([])
  const tooWide = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  expect(tooWide, `${name} scrolls sideways`).toBe(0)
  expect(complaints, name).toEqual([])
}
