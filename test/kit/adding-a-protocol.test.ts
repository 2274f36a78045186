// Follows docs/adding-a-protocol.md once for real, in a copy of the source: makes the folder, sees the run say what is owed,
// puts in the finished files of a protocol that nobody speaks (throwaway/), and sees everything green with two lines
// changed outside its folder.
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { bannedFindings } from '../../tools/tidy/banned.ts'
import { importFindings } from '../../tools/tidy/imports.ts'
import { folderFindings, nameFindings } from '../../tools/tidy/protocols.ts'
import { reachFindings } from '../../tools/tidy/reach.ts'
import { signatureFindings } from '../../tools/tidy/signatures.ts'
import { sizeFindings } from '../../tools/tidy/size.ts'
import { readTree, type Tree } from '../../tools/tidy/tree.ts'

const NAME = 'plainpay'
const FOLDER = `src/protocols/${NAME}/`
const RUN_MS_MAX = 60_000
const root = fileURLToPath(new URL('../..', import.meta.url))
const finished = fileURLToPath(new URL('throwaway', import.meta.url))
const COPIED = ['src', 'tools', 'biome.json', 'tsconfig.json', 'package.json', '.gitignore']

let home = ''
let before: Tree = new Map()

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'quittance-kit-'))
  for (const each of COPIED) await cp(join(root, each), join(home, each), { recursive: true })
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
  // The run alone, without the database that other unit tests need; and tsc over the folder and what it imports.
  const tests = { include: ['src/protocols/**/*.test.ts'], isolate: false, maxWorkers: 2 }
  await writeFile(join(home, 'vitest.config.ts'), `export default ${JSON.stringify({ test: tests })}\n`)
  const include = [FOLDER, 'src/protocols/registered.ts']
  await writeFile(join(home, 'tsconfig.kit.json'), JSON.stringify({ extends: './tsconfig.json', include }))
  before = readTree(home)
})

afterAll(async () => {
  await rm(home, { recursive: true, force: true })
  await rm(reportFile(), { force: true })
})

test('a protocol is one folder and one line, and the run says what is owed until it is green', {
  timeout: 90_000,
}, async () => {
  // 1. The folder.
  const made = node('tools/new-protocol.ts', NAME)
  expect([made.status, made.stderr]).toEqual([0, ''])
  expect(made.stdout).toContain('draw the contract')
  expect(node('tools/new-protocol.ts', NAME)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('already'),
  })
  expect(typesWrong()).toEqual([])
  expect(tidyFindings(readTree(home))).toEqual([])

  // 2. What is owed, in sentences.
  const skeleton = await conformance()
  const owed = skeleton.find(({ name }) => name.startsWith(`${NAME} owes nothing more`))
  expect(owed?.failed).toBe(true)
  for (const sentence of [
    `${NAME} has no vectors`,
    'owes: signature.good has no message to the door',
    "owes: signature.negatives 'cut': messages that must be refused, or a sentence",
    'owes: connector.pairs is empty',
    'owes: connector.statuses.listed is empty',
    'owes: builder.calls is empty',
    'owes: document.operations is empty',
    'owes: sandbox.rail.currencies is empty',
    'owes: transcripts.scrubs is empty',
  ])
    expect(owed?.why).toContain(sentence)
  // The tests that came with the folder fail too, each by its guarantee.
  expect(skeleton.filter(({ failed, file }) => failed && file.includes(FOLDER)).length).toBeGreaterThan(10)

  // 3. The work, done before.
  for (const file of await namesBelow(finished)) {
    const path = join(home, FOLDER, file.replace(/\.txt$/, ''))
    await mkdir(dirname(path), { recursive: true })
    await cp(join(finished, file), path)
  }
  expect(typesWrong()).toEqual([])
  expect(tidyFindings(readTree(home))).toEqual([])
  const style = run(
    'node_modules/.bin/biome',
    'check',
    '--error-on-warnings',
    FOLDER,
    'src/protocols/registered.ts',
  )
  expect([style.status, style.status === 0 ? '' : style.stdout + style.stderr]).toEqual([0, ''])

  const green = await conformance()
  expect(green.filter(({ failed }) => failed)).toEqual([])
  expect(green.filter(({ name }) => name.includes(NAME)).length).toBeGreaterThan(80)
  expect(green.filter(({ file }) => file.includes(FOLDER)).length).toBeGreaterThan(10)
  // And the tests that look at all protocols together have looked.
  expect(green.filter(({ name }) => /registered protocol|own name|two routes/.test(name))).toHaveLength(3)

  // 4. What it cost outside the folder.
  const after = readTree(home)
  const changed = [...after.keys()].filter(
    path => !path.startsWith(FOLDER) && after.get(path) !== before.get(path),
  )
  expect(changed).toEqual(['src/protocols/registered.ts'])
  expect([...before.keys()].filter(path => !after.has(path))).toEqual([])
  expect(linesBetween(before, after, 'src/protocols/registered.ts')).toEqual({
    added: [`export { ${NAME} } from './${NAME}/index.ts'`],
    removed: [],
  })
})

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(command: string, ...args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: home,
    encoding: 'utf8',
    timeout: RUN_MS_MAX,
  })
  return { status, stdout, stderr }
}

function node(...args: readonly string[]): Ended {
  return run(process.execPath, ...args)
}

/** Type errors of the folder and of the registry; those of other folders are not this test's. */
function typesWrong(): readonly string[] {
  const { status, stdout } = node('node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.kit.json')
  expect([0, 1, 2]).toContain(status)
  return stdout.split('\n').filter(line => line.includes(NAME) || line.includes('registered.ts'))
}

/** What tidy finds in the folder, with a program around it that loads the registry and nothing else. */
function tidyFindings(whole: Tree): readonly string[] {
  const tree = new Map(
    [...whole].filter(([path]) => path.startsWith(FOLDER) || path === 'src/protocols/registered.ts'),
  ).set('src/main.ts', "import './protocols/registered.ts'\n")
  const checks = [
    bannedFindings,
    folderFindings,
    importFindings,
    nameFindings,
    reachFindings,
    signatureFindings,
    sizeFindings,
  ]
  return checks.flatMap(check => check(tree)).filter(finding => finding.includes(NAME))
}

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
})

interface Result {
  readonly file: string
  readonly name: string
  readonly failed: boolean
  readonly why: string
}

/** The conformance run in the copy: all of it that speaks of this protocol or of all together, and the folder's tests. */
async function conformance(): Promise<readonly Result[]> {
  const files = (await readdir(join(home, 'src/protocols'))).filter(file => file.endsWith('.test.ts'))
  const shared = files.map(file => `src/protocols/${file}`)
  const wanted = `(?:${NAME}|registered protocol|own name|two routes)`
  const run = await results('-t', wanted, ...shared)
  return [...run, ...(await results(FOLDER))]
}

async function results(...args: readonly string[]): Promise<readonly Result[]> {
  const { stderr } = node(
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=json',
    `--outputFile=${reportFile()}`,
    ...args,
  )
  const text = await readFile(reportFile(), 'utf8').catch(() => {
    throw new Error(`no report: ${stderr}`)
  })
  return report
    .parse(JSON.parse(text))
    .testResults.flatMap(({ name: file, assertionResults }) =>
      assertionResults.map(({ fullName, status, failureMessages }) => ({
        file,
        name: fullName,
        status,
        why: failureMessages.join('\n'),
      })),
    )
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ status, ...result }) => ({ ...result, failed: status === 'failed' }))
}

/** Beside the copy, so that it is no change of it. */
function reportFile(): string {
  return `${home}-report.json`
}

async function namesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

function linesBetween(
  old: Tree,
  fresh: Tree,
  path: string,
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const was = (old.get(path) ?? '').split('\n')
  const is = (fresh.get(path) ?? '').split('\n')
  return { added: is.filter(line => !was.includes(line)), removed: was.filter(line => !is.includes(line)) }
}
