import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { renderReceipt } from './picture.ts'
import { receiptOf } from './receipt.fixture.ts'
import { createReceiptRenderer, type ReceiptRendererParts } from './renderer.ts'

/** A renderer that ends with its test. */
function rendererOf(parts: ReceiptRendererParts = {}) {
  const renderer = createReceiptRenderer(parts)
  onTestFinished(() => renderer.close())
  return renderer
}

/** A thread that does what the reference of the receipt says. */
function obedientThread(): URL {
  const file = join(mkdtempSync(join(tmpdir(), 'receipts-')), 'thread.mjs')
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads'
     parentPort.on('message', ({ id, facts }) => {
       if (facts.reference === 'crash') throw new Error('crash')
       if (facts.reference === 'exit') process.exit(3)
       if (facts.reference === 'hang') for (;;);
       if (facts.reference === 'fault') return parentPort.postMessage({ id, fault: 'a fault' })
       if (facts.reference === 'environment')
         return parentPort.postMessage({ id, bytes: Object.keys(process.env).length })
       parentPort.postMessage({ id: id - 1, bytes: 'of another one' })
       parentPort.postMessage({ id, bytes: facts.reference })
     })`,
  )
  return pathToFileURL(file)
}

function ask(renderer: ReturnType<typeof createReceiptRenderer>, reference: string): Promise<unknown> {
  return renderer.render(receiptOf({ reference })).catch((error: Error) => error)
}

const unavailable = { name: 'Unavailable', code: 'unavailable' }
const overloaded = { name: 'Unavailable', code: 'overloaded' }

test('the thread draws the same bytes as are drawn here, for several at once', async () => {
  const renderer = rendererOf()
  const [one, other] = [receiptOf(), receiptOf({ reference: 'ORDER_2', description: null })]
  const drawn = await Promise.all([one, other, one].map(facts => renderer.render(facts)))
  const [expectedOne, expectedOther] = [await renderReceipt(one), await renderReceipt(other)]
  for (const [place, expected] of [expectedOne, expectedOther, expectedOne].entries())
    expect(Buffer.compare(drawn[place] ?? new Uint8Array(0), expected)).toBe(0)
})

test('the event loop goes on while a receipt is drawn', async () => {
  const renderer = rendererOf()
  await renderer.render(receiptOf())
  let turns = 0
  let drawing = true
  const turn = (): void => {
    turns += 1
    if (drawing) setImmediate(turn)
  }
  turn()
  await renderer.render(receiptOf({ reference: 'ORDER_3' }))
  drawing = false
  expect(turns).toBeGreaterThan(100)
})

test('so many may wait, and one more is refused at once; what waits is drawn in order', async () => {
  const renderer = rendererOf({ thread: obedientThread(), waitingMax: 2 })
  const order: unknown[] = []
  const asked = ['1', '2', '3'].map(reference => ask(renderer, reference).then(said => order.push(said)))
  expect(await ask(renderer, '4')).toMatchObject(overloaded)
  await Promise.all(asked)
  expect(order).toEqual(['1', '2', '3'])
  expect(await ask(renderer, '5')).toBe('5')
})

test.each(['crash', 'exit'])('a receipt whose thread ends by %s fails alone', async how => {
  const renderer = rendererOf({ thread: obedientThread() })
  const said = await Promise.all(['1', how, '2', how, '3'].map(reference => ask(renderer, reference)))
  expect(said).toEqual([
    '1',
    expect.objectContaining(unavailable),
    '2',
    expect.objectContaining(unavailable),
    '3',
  ])
})

test('a receipt that takes too long is given up, and the next one is drawn', async () => {
  const renderer = rendererOf({ thread: obedientThread(), timeoutMs: 2_000 })
  expect(await Promise.all(['hang', '2'].map(reference => ask(renderer, reference)))).toEqual([
    expect.objectContaining(unavailable),
    '2',
  ])
})

test('a fault of the drawing fails that receipt, and the thread goes on', async () => {
  const renderer = rendererOf({ thread: obedientThread() })
  expect(await ask(renderer, 'fault')).toMatchObject({ message: 'the receipt could not be drawn' })
  expect(await ask(renderer, '2')).toBe('2')
})

test('the thread sees nothing of the environment', async () => {
  expect(await ask(rendererOf({ thread: obedientThread() }), 'environment')).toBe(0)
})

test('a thread that cannot start fails what asked for it, and nothing hangs', async () => {
  const renderer = rendererOf({ thread: new URL('./nobody.ts', import.meta.url) })
  expect(await ask(renderer, '1')).toMatchObject(unavailable)
  expect(await ask(renderer, '2')).toMatchObject(unavailable)
})

test('after closing nothing is drawn, and nobody waits for ever', async () => {
  const renderer = createReceiptRenderer({ thread: obedientThread() })
  const asked = ['hang', '2'].map(reference => ask(renderer, reference))
  await renderer.close()
  for (const said of await Promise.all(asked)) expect(said).toMatchObject(unavailable)
  expect(await ask(renderer, '3')).toMatchObject(unavailable)
  await renderer.close()
})

test('a process ends by itself while its renderer is idle', async () => {
  const here = (file: string): string => new URL(file, import.meta.url).href
  const script = `
    import { createReceiptRenderer } from ${JSON.stringify(here('./renderer.ts'))}
    import { receiptOf } from ${JSON.stringify(here('./receipt.fixture.ts'))}
    const png = await createReceiptRenderer().render(receiptOf())
    console.log(png.length > 1000)`
  const startMs = systemClock.monotonic()
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 9_000,
  })
  expect(stdout.trim()).toBe('true')
  expect(systemClock.monotonic() - startMs).toBeLessThan(9_000)
})
