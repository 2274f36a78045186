// A real Chromium, and pages of the console in it as people open them. The policy of the server is in force: what it
// refuses is written down by each page and must be nothing.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from 'playwright-core'
import type { Demo } from './demo.ts'

const PICTURES = fileURLToPath(new URL('../../test-results/console/', import.meta.url))

/** Made for machines without a sandbox for processes; these of its arguments would weaken what is tested here. */
const NOT_THESE = [
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--allow-running-insecure-content',
]

export interface Screen {
  readonly width: number
  readonly height: number
  readonly colours: 'light' | 'dark'
}

export const DESK: Screen = { width: 1360, height: 900, colours: 'light' }
export const NIGHT: Screen = { ...DESK, colours: 'dark' }
export const PHONE: Screen = { width: 390, height: 844, colours: 'light' }

/** Generous: the machine has other things to do. */
const WAIT_MS_MAX = 30_000

export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter(argument => !NOT_THESE.includes(argument)),
    headless: true,
  })
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() })
}

export interface Tab {
  readonly page: Page
  /** What the browser complained of: errors of scripts, and what the server's policy refused. */
  readonly complaints: readonly string[]
}

/** A window of its own, with cookies of its own: another person. */
export async function openTab(browser: Browser, demo: Demo, screen: Screen = DESK): Promise<Tab> {
  const { width, height, colours } = screen
  const options: BrowserContextOptions = {
    ...{ baseURL: demo.url, viewport: { width, height }, colorScheme: colours },
    ...{ locale: 'en-GB', timezoneId: 'Asia/Dhaka' },
  }
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(WAIT_MS_MAX)
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => {
    // An answer that refuses, such as 401 before the sign-in, is an answer.
    if (message.type() === 'error' && !/^Failed to load resource/.test(message.text()))
      complaints.push(message.text())
  })
  return { page, complaints }
}

/** The same, signed in. */
export async function openAs(
  browser: Browser,
  demo: Demo,
  email: string,
  screen: Screen = DESK,
): Promise<Tab> {
  const tab = await openTab(browser, demo, screen)
  await tab.page.goto('/sign-in')
  await signIn(tab.page, email, demo.password)
  return tab
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel(/^Password/).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page
    .getByRole('navigation', { name: 'Pages' })
    .or(page.getByLabel('Open the pages'))
    .first()
    .waitFor()
}

/** Left behind for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}${name}.png`, fullPage: true, animations: 'disabled' })
}
