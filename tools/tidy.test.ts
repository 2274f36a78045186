// The machine's part of how we write: it reads the whole tree. Each check is shown to fail on a planted violation
// before it is believed about the real files.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { amountFindings } from './tidy/amounts.ts'
import { bannedFindings } from './tidy/banned.ts'
import { codeFindings } from './tidy/codes.ts'
import { consolePathFindings } from './tidy/console-paths.ts'
import { generated, generatedFindings } from './tidy/generated.ts'
import { importFindings } from './tidy/imports.ts'
import { installScripts, packageFindings } from './tidy/packages.ts'
import { pageFindings } from './tidy/pages.ts'
import { placeFindings } from './tidy/places.ts'
import { folderFindings, nameFindings } from './tidy/protocols.ts'
import { purePaths, purityFindings } from './tidy/purity.ts'
import { reachFindings } from './tidy/reach.ts'
import { signatureFindings } from './tidy/signatures.ts'
import { longest, sizeFindings } from './tidy/size.ts'
import { sqlFindings } from './tidy/sql.ts'
import { ignoredBy, plantTree, readTree, type Tree } from './tidy/tree.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const ours = readTree(root)

type Check = (tree: Tree) => readonly string[]
type Files = Readonly<Record<string, string>>

/** How many findings a check has in a few planted files. */
function count(check: Check, files: Files): number {
  return check(plantTree(files)).length
}

describe('imports point one way', () => {
  const from = (path: string, specifier: string): number =>
    count(importFindings, { [path]: `import { x } from '${specifier}'\n` })

  test('our files keep to the table', () => {
    expect(importFindings(ours)).toEqual([])
  })

  test.each([
    ['money/money.ts', '../payout/payout.ts', 'the core knows nothing above it'],
    ['payout/lifecycle.ts', '../ledger/recipes.ts', 'payout and ledger are side by side'],
    ['lib/clock.ts', '../money/money.ts', 'lib knows no domain'],
    ['errors.ts', './lib/assert.ts', 'errors.ts imports nothing of ours'],
    ['store/accept.ts', '../desk/intake.ts', 'the store is below the desk'],
    ['store/accept.ts', '../protocols/protocol.ts', 'the store knows no protocol'],
    ['auditor/read.ts', '../store/rows.ts', 'the auditor reads with its own words'],
    ['auditor/payout.ts', '../ledger/recipes.ts', 'it judges what the recipes did'],
    ['auditor/payout.ts', '../payout/payout.ts', 'it knows the states from the documents'],
    ['store/find.ts', '../auditor/read.ts', 'nobody builds on the auditor'],
    ['dispatch/send.ts', '../store/store.ts', 'only types of the store'],
    ['dispatch/send.ts', '../store/postgres.ts', 'nobody but app.ts has a pool'],
    ['dispatch/send.ts', '../protocols/registry.ts', 'the dispatcher is handed its connectors'],
    ['dispatch/send.ts', '../desk/desk.ts', 'siblings meet in app.ts'],
    ['http/server.ts', '../api/schema.ts', 'api builds on http, not http on api'],
    ['desk/desk.ts', '../config.ts', 'config.ts is for app.ts, cli/ and main.ts'],
    ['protocols/avanor/door.ts', '../paypro/sign.ts', 'no protocol imports a sibling'],
    ['protocols/avanor/door.ts', '../registry.ts', 'a protocol does not know who else is there'],
    ['protocols/registered.ts', './paypro/sign.ts', 'the list takes index.ts and nothing else'],
    ['app.ts', './protocols/paypro/index.ts', 'app.ts reaches protocols by the registry'],
    ['cli/sign.ts', '../protocols/paypro/sign.ts', 'so does the command line'],
    ['simulator/rail.ts', '../protocols/paypro/door.ts', 'so does the simulator'],
    ['main.ts', './app.ts', 'main.ts hands argv to the command line, nothing else'],
    ['app.ts', './main.ts', 'nothing imports main.ts'],
    ['desk/desk.ts', './desk.test.ts', 'nothing imports a test'],
    ['desk/desk.ts', '../../tools/tidy/tree.ts', 'nothing leaves src/'],
    ['helpers/x.ts', 'node:fs', 'a room that is not in the table'],
    ['desk/desk.ts', 'pg', 'the driver stays behind the store'],
    ['desk/desk.ts', 'node:timers/promises', 'timers stay behind the clock'],
  ])('refused: src/%s from %s (%s)', (path, specifier) => {
    expect(from(`src/${path}`, specifier)).toBe(1)
  })

  test.each([
    ['payout/payout.ts', '../money/money.ts'],
    ['ledger/recipes.ts', '../money/money.ts'],
    ['store/accept.ts', '../ledger/posting.ts'],
    ['protocols/avanor/door.ts', './sign.ts'],
    ['protocols/avanor/door.ts', '../protocol.ts'],
    ['protocols/registered.ts', './avanor/index.ts'],
    ['dispatch/route.ts', '../protocols/capabilities.ts'],
    ['api/payouts-create.ts', '../http/problem.ts'],
    ['simulator/world.ts', '../protocols/registry.ts'],
    ['app.ts', './store/postgres.ts'],
    ['cli/serve.ts', '../app.ts'],
    ['main.ts', './cli/cli.ts'],
    ['desk/desk.test.ts', '../protocols/paypro/sign.ts'],
    ['store/postgres.ts', 'pg'],
  ])('allowed: src/%s from %s', (path, specifier) => {
    expect(from(`src/${path}`, specifier)).toBe(0)
  })

  test('a type may cross where code may not', () => {
    const files = (clause: string): Files => ({
      'src/dispatch/send.ts': `${clause} from '../store/store.ts'\n`,
    })
    expect(count(importFindings, files('import type { Store }'))).toBe(0)
    expect(count(importFindings, files('import { type Store }'))).toBe(0)
    expect(count(importFindings, files('import { type Store, open }'))).toBe(1)
    expect(count(importFindings, files('export { open }'))).toBe(1)
  })

  test('no spelling of an import escapes', () => {
    const desk = (text: string): number => count(importFindings, { 'src/desk/desk.ts': text })
    expect(desk(`export * from '../app.ts'`)).toBe(1)
    expect(desk(`await import('../app.ts')`)).toBe(1)
    expect(desk(`await import(path)`)).toBe(1)
    expect(desk(`type App = import('../app.ts').App`)).toBe(1)
    expect(desk(`new Worker(new URL('../app.ts', import.meta.url))`)).toBe(1)
    expect(desk(`// import x from '../app.ts'\nconst text = "import x from '../app.ts'"`)).toBe(0)
  })

  test('the console takes nothing from the server', () => {
    expect(count(importFindings, { 'console/src/main.tsx': `import '../../src/errors.ts'` })).toBe(1)
    expect(count(importFindings, { 'console/src/main.tsx': `import './page.tsx'` })).toBe(0)
  })
})

describe('the pure files know no world', () => {
  test('our pure files import and say nothing of it', () => {
    expect(purityFindings(ours)).toEqual([])
  })

  test.each([
    ['money/money.ts', `import { hash } from 'node:crypto'`],
    ['protocols/paypro/sign.ts', `import { hash } from 'node:crypto'`],
    ['protocols/paypro/wire.ts', `import { request } from 'undici'`],
    ['protocols/paypro/wire.ts', `import { x } from './door.ts'`],
    ['payout/beneficiary.ts', `import { Masked } from '../lib/log.ts'`],
    ['dispatch/route.ts', `import { systemRandom } from '../lib/random.ts'`],
    ['dispatch/schedule.ts', 'const at = clock.now()'],
    ['dispatch/certainty.ts', 'const at = Date.now()'],
    ['ledger/posting.ts', 'const at = new Date()'],
    ['payout/payout.ts', 'const at = new Date'],
    ['payout/payout.ts', 'const at = Date()'],
    ['payout/payout.ts', 'const nonce = random.bytes(8)'],
    ['protocols/paypro/connector.ts', 'const answer = await fetch(address)'],
    ['protocols/paypro/status.ts', 'setTimeout(run, 5)'],
    ['money/money.ts', 'const { env } = process'],
  ])('refused in src/%s: %s', (path, text) => {
    expect(count(purityFindings, { [`src/${path}`]: text })).toBe(1)
  })

  test.each([
    ['protocols/paypro/sign.ts', `import { md5Hex } from '../../lib/digest.ts'`],
    ['protocols/paypro/wire.ts', `import { z } from 'zod'`],
    ['payout/beneficiary.ts', `import type { Masked } from '../lib/log.ts'`],
    ['dispatch/route.ts', `import { moneyAdd } from '../money/money.ts'`],
    ['dispatch/schedule.ts', 'const at = new Date(dueMs) // not from the clock, no random'],
    ['dispatch/send.ts', 'const at = clock.now()'],
    ['money/money.test.ts', `import { readFileSync } from 'node:fs'`],
    ['protocols/paypro/door.ts', 'const at = clock.now()'],
  ])('allowed in src/%s: %s', (path, text) => {
    expect(count(purityFindings, { [`src/${path}`]: text })).toBe(0)
  })

  test('they load where clock, chance, network and environment are taken away', () => {
    expect(loadBare(purePaths(ours))).toBe('')
  })

  test.each([
    ['Date.now', 'const at: number = Date.now()'],
    ['new Date()', 'const at = new Date()'],
    ['Math.random', 'const at = Math.random()'],
    ['fetch', `const at = fetch('http://127.0.0.1')`],
    ['setTimeout', 'setTimeout(() => {}, 1)'],
    ['crypto', 'const at = crypto.randomUUID()'],
    ['process.env', 'const at = { ...process.env }'],
  ])('a module that reaches for %s while loading is named', (what, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-bare-'))
    try {
      const path = join(folder, 'reaches.ts')
      writeFileSync(path, `${text}\nexport {}\n`)
      expect(loadBare([path])).toBe(`${path} reached for ${what} while loading\n`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('some spellings have one home', () => {
  test('none of ours is elsewhere', () => {
    expect(bannedFindings(ours)).toEqual([])
  })

  test.each([
    ['src/desk/desk.ts', 'Date.now()'],
    ['src/desk/desk.test.ts', 'Date.now()'],
    ['src/desk/desk.ts', 'new Date()'],
    ['src/desk/desk.ts', 'performance.now()'],
    ['src/desk/desk.ts', 'setTimeout(run, 5)'],
    ['src/desk/desk.ts', 'globalThis.setInterval(run, 5)'],
    ['src/desk/desk.ts', 'Math.random()'],
    ['test/story/story.test.ts', 'Math.random()'],
    ['src/app.ts', 'process.env.PORT'],
    ['src/app.ts', `process['env']`],
    ['src/app.ts', 'const { env } = process'],
    ['src/api/page.ts', 'parseFloat(text)'],
    ['src/api/page.test.ts', ['test', 'only(title, run)'].join('.')],
    ['src/api/page.test.ts', ['describe', 'skip(title, run)'].join('.')],
    ['src/api/page.test.ts', ['test', 'todo(title)'].join('.')],
    ['src/api/page.test.ts', ['it', 'fails(title, run)'].join('.')],
    ['docs/ledger.md', ['FIX', 'ME'].join('')],
  ])('refused in %s: %s', (path, text) => {
    expect(count(bannedFindings, { [path]: text })).toBe(1)
  })

  test.each([
    ['src/lib/clock.ts', 'Date.now(); setTimeout(run, 5)'],
    ['src/lib/random.ts', 'Math.random()'],
    ['src/config.ts', 'process.env'],
    ['src/desk/desk.ts', 'new Date(atMs)'],
    ['src/desk/desk.ts', 'new DateWindow()'],
    [
      'src/desk/desk.ts',
      `// Date.now is banned here\nconst text = "setTimeout"; const other = \`Math.random \${1} x\``,
    ],
    ['src/desk/desk.ts', '/* Math.random\n Date.now */ const a = /Math.random/.test(b) // setTimeout'],
    ['src/desk/desk.ts', 'process.exitCode = 1'],
    ['src/desk/desk.ts', 'request.setTimeout(5)'],
    ['test/story/story.test.ts', 'Date.now()'],
    ['src/desk/desk.ts', 'options.only'],
  ])('allowed in %s: %s', (path, text) => {
    expect(count(bannedFindings, { [path]: text })).toBe(0)
  })

  test('a literal hides nothing that stands after it', () => {
    const text = `const a = \`x \${Date.now()} y\` // note\nconst b = "//"; Math.random()\n`
    expect(
      bannedFindings(plantTree({ 'src/desk/desk.ts': text })).map(finding => finding.split(' ')[0]),
    ).toEqual(['src/desk/desk.ts:1', 'src/desk/desk.ts:2'])
  })
})

describe('an amount is never a double', () => {
  test('none of ours is', () => {
    expect(amountFindings(ours)).toEqual([])
  })

  test.each([
    ['src/money/decimal.ts', 'Number(text)'],
    ['src/ledger/posting.ts', '+value'],
    ['src/money/decimal.ts', 'Number.parseInt(text, 10)'],
    ['src/payout/payout.ts', 'Number(payout.amount.minor)'],
    ['src/api/payouts-create.ts', 'Number(body.amount)'],
    ['src/store/balances.ts', 'Number(row.balance_minor)'],
    ['src/batches/check.ts', 'Number.parseFloat(row.amount)'],
    ['src/receipts/picture.ts', 'payout.amount.toFixed(2)'],
    ['src/api/page.ts', '+query.amount'],
    ['console/src/components/amount.tsx', 'Number(amount)'],
  ])('refused in %s: %s', (path, text) => {
    expect(count(amountFindings, { [path]: text })).toBe(1)
  })

  test.each([
    ['src/config.ts', 'Number(variables.PORT)'],
    ['src/api/page.ts', 'Number.parseInt(query.limit, 10)'],
    ['src/money/money.ts', 'BigInt(text) + 1n'],
    ['src/money/money.test.ts', 'Number(text)'],
    ['src/payout/number.ts', 'Number(tag)'],
    ['src/money/money.ts', 'Number(left)'],
  ])('allowed in %s: %s', (path, text) => {
    expect(count(amountFindings, { [path]: text })).toBe(0)
  })
})

describe('a signature is compared in constant time', () => {
  const compare = (text: string): number => count(signatureFindings, { 'src/protocols/paypro/door.ts': text })

  test('ours are', () => {
    expect(signatureFindings(ours)).toEqual([])
  })

  test.each([
    'sign === expected',
    'body.sign !== payproSign(body)',
    `fields.get('oauth_signature') == expected`,
    `body['control'] === wanted`,
    'given === expectedSignature',
    'Buffer.from(a).equals(givenDigest)',
    'key.secret === given',
    'sign === SHARED_SECRET',
  ])('refused: %s', text => {
    expect(compare(text)).toBe(1)
  })

  test.each([
    'body.sign === undefined',
    `fields.get('sign') === ''`,
    `typeof body.sign !== 'string'`,
    'signature.length !== 64',
    `name === 'sign'`,
    'equalConstantTime(sign, expected)',
    'design === other',
    'sign === MINUS',
  ])('allowed: %s', text => {
    expect(compare(text)).toBe(0)
  })
})

describe('SQL lives in the store', () => {
  const place = (path: string, text: string): number => count(sqlFindings, { [path]: text })

  test('ours does', () => {
    expect(sqlFindings(ours)).toEqual([])
  })

  test.each([
    `\`\n  select id\n  from payout where id = \${id}\``,
    `'SELECT 1 FROM payout'`,
    `'insert into payout values ($1)'`,
    `'UPDATE payout SET state = $1'`,
    `'delete from payout'`,
    '`with due as (select 1) select 2`',
    `'create table payout ()'`,
    `'commit'`,
  ])('refused outside it: %s', text => {
    expect(place('src/desk/find.ts', `run(${text})`)).toBe(1)
    expect(place('src/store/find.ts', `run(${text})`)).toBe(0)
    expect(place('src/auditor/read.ts', `run(${text})`)).toBe(0)
  })

  test.each([
    `'Select a merchant from the list'`,
    `'Update the route'`,
    `'listen on 127.0.0.1'`,
    `'commitment'`,
  ])('prose is not SQL: %s', text => {
    expect(place('src/cli/demo.ts', `say(${text})`)).toBe(0)
  })
})

describe('no file and no function is out of all proportion', () => {
  test('none of ours is', () => {
    console.info(longest(ours))
    expect(sizeFindings(ours)).toEqual([])
  })

  test('one line too many is found', () => {
    const file = (lines: number): Files => ({ 'src/desk/desk.ts': 'x()\n'.repeat(lines) })
    const body = (lines: number): Files => ({
      'src/desk/desk.ts': `const run = () => {\n${'x()\n'.repeat(lines - 2)}}\n`,
    })
    expect(count(sizeFindings, file(400))).toBe(0)
    expect(count(sizeFindings, file(401))).toBe(1)
    expect(count(sizeFindings, body(120))).toBe(0)
    expect(count(sizeFindings, body(121))).toBe(1)
    expect(count(sizeFindings, { 'src/desk/desk.test.ts': 'x()\n'.repeat(401) })).toBe(0)
    expect(count(sizeFindings, { 'console/src/main.tsx': 'x()\n'.repeat(401) })).toBe(1)
    expect(count(sizeFindings, { 'console/src/api/types.gen.ts': 'x()\n'.repeat(401) })).toBe(0)
  })
})

describe('no source file is unreachable', () => {
  const program = {
    'src/main.ts': `import { run } from './cli/cli.ts'`,
    'src/cli/cli.ts': `const demo = await import('./demo.ts')\nimport type { App } from '../app.ts'`,
    'src/cli/demo.ts': '',
    'src/app.ts': '',
    'src/app.test.ts': `import './simulator/lonely.ts'`,
    'src/store/migrations/0001-start.sql': '',
    'src/protocols/avanor/README.md': '',
  }

  test('none of ours is, once there is a src/main.ts', () => {
    expect(reachFindings(ours)).toEqual([])
  })

  test('a file that only a test imports is found, and so is one nobody imports', () => {
    expect(count(reachFindings, program)).toBe(0)
    expect(count(reachFindings, { ...program, 'src/simulator/lonely.ts': '' })).toBe(1)
    expect(count(reachFindings, { ...program, 'src/store/notes.txt': '' })).toBe(1)
    expect(count(reachFindings, { 'src/app.ts': '' })).toBe(0)
  })
})

describe('every path that a page names exists', () => {
  const page = (text: string): number =>
    count(pageFindings, {
      'docs/page.md': text,
      'src/money/money.ts': '',
      'src/protocols/avanor/sign.ts': '',
      'README.md': '',
    })

  test('those of our pages do', () => {
    expect(pageFindings(ours)).toEqual([])
  })

  test.each([
    '`src/money/cents.ts`',
    '`npx vitest run src/coins`',
    '`src/protocols/<name>/door.ts`',
    '```\nnode src/none.ts demo\n```',
    '[money](../src/money/cents.ts)',
    '[page](other.md#part)',
    '[root](/LICENCE)',
    '[one]: ./other.md',
    '![picture](picture.png "title")',
  ])('refused: %s', text => {
    expect(page(text)).toBe(1)
  })

  test.each([
    '`src/money/money.ts:12` and `src/money/`',
    '`npx vitest run src/money`',
    '`src/protocols/<name>/sign.ts`, `src/*/money.ts`',
    '[money](../src/money/money.ts#part) [here](#part) [out](https://example.org/x.md) [mail](mailto:a@example.org)',
    '[root](/README.md)',
    'the docs/ folder outside of code, `/docs` as an address',
  ])('allowed: %s', text => {
    expect(page(text)).toBe(0)
  })
})

describe('every protocol is one folder and one line', () => {
  const files = [
    'README.md',
    'index.ts',
    'wire.ts',
    'sign.ts',
    'status.ts',
    'connector.ts',
    'door.ts',
    'vectors/a.json',
  ]
  const whole: Files = {
    ...Object.fromEntries(files.map(file => [`src/protocols/avanor/${file}`, ''])),
    'src/protocols/registered.ts': `export { avanor } from './avanor/index.ts'`,
  }
  const without = (path: string): Files =>
    Object.fromEntries(Object.entries(whole).filter(([known]) => known !== path))

  test('ours are', () => {
    expect(folderFindings(ours)).toEqual([])
  })

  test.each(files)('a folder without %s is found', file => {
    expect(count(folderFindings, whole)).toBe(0)
    expect(count(folderFindings, without(`src/protocols/avanor/${file}`))).toBe(1)
  })

  test('a folder that is not registered is found', () => {
    expect(count(folderFindings, { ...whole, 'src/protocols/registered.ts': '' })).toBe(1)
    expect(count(folderFindings, without('src/protocols/registered.ts'))).toBe(1)
  })

  test('shared code of ours names no protocol', () => {
    expect(nameFindings(ours)).toEqual([])
  })

  test.each([
    [`if (name === 'avanor') run()`, 1],
    [`const path = \`/v1/avanor/\${id}\``, 1],
    ['const table = { avanor: 1 }', 1],
    ['const table = { Avanor: 1 }', 1],
    ['// avanor asks by its own id', 0],
    ['const avanors = 1', 0],
  ])('%s is found %i times in shared code', (text, times) => {
    expect(count(nameFindings, { ...whole, 'src/dispatch/send.ts': text })).toBe(times)
    for (const home of ['src/protocols/avanor/door.ts', 'src/cli/demo.ts', 'src/simulator/world.ts']) {
      expect(count(nameFindings, { ...whole, [home]: text })).toBe(0)
    }
  })
})

describe('the list of codes and its page agree', () => {
  const list = `export const ERRORS = Object.freeze({ no_funds: { status: 409 }, 'bad-sign': {} } as const satisfies X)`
  const page = '| code | status |\n|---|---|\n| `no_funds` | 409 |\n| `bad-sign` | 401 |\n'

  test('ours agree', () => {
    expect(codeFindings(ours)).toEqual([])
  })

  test('every way to disagree is found', () => {
    const both = (errors: string, text: string): number =>
      count(codeFindings, { 'src/errors.ts': errors, 'docs/errors.md': text })
    expect(both(list, page)).toBe(0)
    expect(both(list, page.replace('| `bad-sign` | 401 |\n', ''))).toBe(1)
    expect(both(list, `${page}| \`gone\` | 410 |\n`)).toBe(1)
    expect(both(list, `${page}| \`no_funds\` | 409 |\n`)).toBe(1)
    expect(both('export const CODES = {}', page)).toBe(1)
    expect(count(codeFindings, { 'src/errors.ts': list })).toBe(1)
    expect(count(codeFindings, { 'docs/errors.md': page })).toBe(1)
    expect(count(codeFindings, {})).toBe(0)
  })
})

describe('no file knows the machine it was written on', () => {
  test('none of ours does', () => {
    expect(placeFindings(ours)).toEqual([])
  })

  test.each([
    ['a folder of one machine', ['', 'work', 'quittance'].join('/')],
    ['a home folder', ['', 'home', 'someone', 'x'].join('/')],
    ['a home folder of another system', ['', 'Users', 'someone', 'x'].join('/')],
    ['a scratch folder', ['bash', 'jobs'].join('_')],
    ['the host of a registry', `"resolved": "https://${['registry', 'npmjs', 'org'].join('.')}/pg"`],
  ])('found: %s', (_, text) => {
    expect(count(placeFindings, { 'package-lock.json': `{ ${text} }` })).toBe(1)
  })

  test('an address on the net is no folder', () => {
    expect(count(placeFindings, { 'docs/ledger.md': `frameworks/x, https://example.org/${'work'}/x` })).toBe(
      0,
    )
  })
})

describe('packages are pinned', () => {
  const manifest = { version: '1.0.0', dependencies: { pg: '8.23.1' } }
  const scripts = Object.fromEntries(
    installScripts.map(name => [`node_modules/${name}`, { hasInstallScript: true }]),
  )
  const packages = { '': manifest, 'node_modules/pg': { version: '8.23.1' }, ...scripts }
  const files = (change: { readonly manifest?: object; readonly packages?: object }): Files => ({
    'package.json': JSON.stringify({ ...manifest, ...change.manifest }),
    'package-lock.json': JSON.stringify({ packages: { ...packages, ...change.packages } }),
  })

  test('ours are, and only the listed install scripts run', () => {
    expect(packageFindings(ours)).toEqual([])
  })

  test('every loose pin is found', () => {
    expect(count(packageFindings, files({}))).toBe(0)
    for (const version of ['^8.23.1', '8', 'latest', 'file:../pg', '>=8.23.1']) {
      expect(count(packageFindings, files({ manifest: { dependencies: { pg: version } } }))).toBe(1)
    }
    expect(count(packageFindings, files({ manifest: { dependencies: { pg: '8.23.2' } } }))).toBe(1)
    expect(count(packageFindings, files({ manifest: { version: '1.0.1' } }))).toBe(1)
    expect(count(packageFindings, files({ manifest: { overrides: { pg: '^8.0.0' } } }))).toBe(1)
    expect(count(packageFindings, files({ packages: { 'node_modules/pg': { version: '8.23.2' } } }))).toBe(1)
  })

  test('a new install script is found, and one that is gone', () => {
    const added = { 'node_modules/a/node_modules/b': { hasInstallScript: true } }
    expect(packageFindings(plantTree(files({ packages: added })))).toEqual(['b runs an install script'])
    const gone = { 'node_modules/node': {} }
    expect(packageFindings(plantTree(files({ packages: gone })))).toEqual([
      'node runs no install script any more',
    ])
  })

  test('a workspace and the link to it are no packages', () => {
    const many = Object.fromEntries(Array.from({ length: 160 }, (_, at) => [`node_modules/p${at}`, {}]))
    const own = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`console${at}`, {}]))
    const links = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`node_modules/@quittance/console${at}`, { link: true }]),
    )
    expect(count(packageFindings, files({ packages: { ...many, ...own, ...links } }))).toBe(0)
  })

  test('a tree that grew too wide is found', () => {
    const many = Object.fromEntries(Array.from({ length: 176 }, (_, at) => [`node_modules/p${at}`, {}]))
    expect(count(packageFindings, files({ packages: many }))).toBe(1)
  })
})

describe('the console asks for what is served', () => {
  const asks = (text: string): number =>
    count(consolePathFindings, {
      'docs/openapi.json': JSON.stringify({ paths: { '/v1/payouts/{id}/receipt.png': {}, '/v1/keys': {} } }),
      'console/src/api/house.ts': text,
    })

  test('ours does', () => {
    expect(consolePathFindings(ours)).toEqual([])
  })

  test('a path that no route has is found', () => {
    expect(asks("read('/v1/keys')")).toBe(0)
    expect(asks(`read(\`/v1/payouts/\${id}/receipt.\${form}\`)`)).toBe(0)
    expect(asks("read('/v1/keyz')")).toBe(1)
    expect(asks(`read(\`/v1/payouts/\${id}/receipts\`)`)).toBe(1)
    expect(asks(`read(\`/v1/payouts/\${id}\`)`)).toBe(1)
  })
})

describe('generated files are fresh', () => {
  const rows = [
    { file: 'docs/a.md', printedBy: ['tools/generate.ts', 'a'] as const },
    { file: 'docs/b.sql', comparedIn: 'src/b.test.ts' },
    { file: 'docs/c.json' },
  ]
  const find = (files: Files): number => generatedFindings(plantTree(files), rows, () => 'fresh').length

  test('ours are', () => {
    expect(generatedFindings(ours, generated, print)).toEqual([])
  })

  test('a stale file is found, and one that nobody compares', () => {
    expect(find({})).toBe(0)
    expect(find({ 'docs/a.md': 'fresh' })).toBe(0)
    expect(find({ 'docs/a.md': 'stale' })).toBe(1)
    expect(find({ 'docs/b.sql': '', 'src/b.test.ts': `read('docs/b.sql')` })).toBe(0)
    expect(find({ 'docs/b.sql': '', 'src/b.test.ts': '' })).toBe(1)
    expect(find({ 'docs/c.json': '' })).toBe(1)
  })
})

describe('the tree that is read', () => {
  test('is the whole repository: this file, the pages and the hidden folders are in it', () => {
    expect(dirname(fileURLToPath(import.meta.url))).toBe(join(root, 'tools'))
    for (const path of ['tools/tidy.test.ts', 'package.json', 'LICENSE', '.ci/run', 'src/errors.ts']) {
      expect(ours.has(path)).toBe(true)
    }
  })

  test('holds nothing that .gitignore leaves out', () => {
    const isIgnored = ignoredBy('# built\n\nnode_modules/\n*.log\n/dist/\nconsole/out/\n')
    const ignored = ['.git', 'node_modules', 'console/node_modules', 'a/b.log', 'dist', 'console/out']
    const kept = ['.gitattributes', 'node_modules.md', 'a/b.logs', 'console/dist', 'out', 'src/console/out']
    expect(ignored.filter(path => !isIgnored(path))).toEqual([])
    expect(kept.filter(isIgnored)).toEqual([])
    expect(() => ignoredBy('!kept')).toThrow('.gitignore says !kept')
  })
})

function loadBare(paths: readonly string[]): string {
  return print(['tools/tidy/bare-load.ts', ...paths])
}

function print(command: readonly string[]): string {
  const run = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', timeout: 60_000 })
  if (run.status !== 0) throw new Error(`node ${command.join(' ')}: ${run.stderr}`)
  return run.stdout
}
