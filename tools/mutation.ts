// Plants every small mistake that Stryker knows into the pure core, one at a time, and asks the tests beside it which of them they
// notice (SAFETY.md section 7). Writes docs/safety/mutation.json and fails where fewer are noticed than we promise, or where one
// that is not noticed has no reason in tools/mutation/survivors.ts.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { refusedByCompiler } from './mutation/compiler.ts'
import { findings, type Report, summaryOf, unnoticed } from './mutation/summary.ts'
import { SURVIVORS } from './mutation/survivors.ts'

const HELP = `Runs the mutants of src/payout, src/ledger and the certainty table.

  npm run mutation -- [--file PATH]... [--resume]

--file PATH   only the mutants of this file; nothing is written
--resume      takes over what an earlier run judged, broken off or not, where file and tests are still the same
--help        this text

A whole run takes some minutes on one core. Everything it leaves behind is in .mutation/ and docs/safety/mutation.json.
`

const root = fileURLToPath(new URL('..', import.meta.url))
const SUMMARY = 'docs/safety/mutation.json'
const REPORT = '.mutation/report.json'

const { values: asked } = parseArgs({
  options: {
    file: { type: 'string', multiple: true, default: [] },
    resume: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (asked.help) process.stdout.write(HELP)
else if (await runMutants()) process.exitCode = await judge()
else process.exitCode = 2

/** Whether the run came to its end. What it found is in the report. */
async function runMutants(): Promise<boolean> {
  const only = asked.file.length === 0 ? [] : ['--mutate', asked.file.join(',')]
  // With --force the earlier judgements are written anew, without it they are taken over.
  const memory = asked.resume ? ['--incremental'] : ['--incremental', '--force']
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const child = spawn(process.execPath, [stryker, 'run', 'tools/mutation/stryker.json', ...memory, ...only], {
    cwd: root,
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  return code === 0
}

async function judge(): Promise<number> {
  const report: Report = JSON.parse(await readFile(join(root, REPORT), 'utf8')) // written by the run that just ended
  const judged = asked.file.length === 0 ? report : onlyFiles(report, asked.file)
  const refused = refusedByCompiler(root, unnoticed(judged))
  const about = { date: new Date().toISOString().slice(0, 10), commit: git('rev-parse', '--short', 'HEAD') }
  const summary = summaryOf(judged, refused, SURVIVORS, { ...about, tool: await toolName() })
  console.table(summary.files)
  const wrong = findings(summary, judged, refused, SURVIVORS)
  for (const finding of wrong) console.error(finding)
  if (asked.file.length > 0) return wrong.length === 0 ? 0 : 1
  if (git('status', '--porcelain', '--', 'src/payout', 'src/ledger', 'src/dispatch/certainty*') !== '')
    console.error(`${SUMMARY} is not written: it names a commit, and the core differs from the last one`)
  else {
    await mkdir(dirname(join(root, SUMMARY)), { recursive: true })
    await writeFile(join(root, SUMMARY), `${JSON.stringify(summary, null, 2)}\n`)
  }
  return wrong.length === 0 ? 0 : 1
}

function onlyFiles(report: Report, paths: readonly string[]): Report {
  return { files: Object.fromEntries(Object.entries(report.files).filter(([path]) => paths.includes(path))) }
}

async function toolName(): Promise<string> {
  const manifest: { readonly version: string } = JSON.parse(
    await readFile(join(root, 'node_modules/@stryker-mutator/core/package.json'), 'utf8'),
  )
  return `@stryker-mutator/core ${manifest.version}`
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
}
