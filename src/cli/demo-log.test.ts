import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { demoLogPath, openDemoLog } from './demo-log.ts'

test('a second demo in the same folder takes nothing out of the log of the one that runs', async () => {
  const config = {
    dataDir: join(mkdtempSync(join(tmpdir(), 'demo-log-')), 'data'),
    logLevel: 'info',
  } as const
  const running = new AsyncDisposableStack()
  const log = await openDemoLog(config, running)
  log.info('before')
  await expect.poll(() => readFileSync(demoLogPath(config), 'utf8')).toContain('"before"')

  const second = new AsyncDisposableStack()
  const refused = await openDemoLog(config, second)
  refused.info('refused')
  await second.disposeAsync()
  log.info('after')
  await running.disposeAsync()

  const text = readFileSync(demoLogPath(config), 'utf8')
  const lines = text.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line).msg)).toEqual(['before', 'refused', 'after'])
  expect(statSync(demoLogPath(config)).mode & 0o777).toBe(0o600)
  rmSync(config.dataDir, { recursive: true })
})
