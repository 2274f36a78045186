// Makes the folder of a new protocol: every file of the house, refusing everything, with comments that say what goes where.
// docs/adding-a-protocol.md is the walk from there.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { listWith, nameRefused, TEMPLATE_FILES, templateFilled } from './new-protocol/plan.ts'
import { nameFindings } from './tidy/protocols.ts'
import { readTree } from './tidy/tree.ts'

const HELP = `Makes src/protocols/NAME with every file of a protocol, and its line in src/protocols/registered.ts.

  npm run new-protocol -- NAME [--no-register]

NAME             3 to 20 small letters and digits, a letter first
--no-register    leaves registered.ts alone, so that the conformance run does not look at it yet
--help           this text

Examples
  npm run new-protocol -- acmepay
  npm run new-protocol -- acmepay --no-register
  node tools/new-protocol.ts acmepay
`

const root = fileURLToPath(new URL('..', import.meta.url))
const LIST = 'src/protocols/registered.ts'

const asked = readArguments(process.argv.slice(2))
if (asked.kind === 'help') process.stdout.write(HELP)
else if (asked.kind === 'wrong') {
  console.error(`${asked.why}\n\n${HELP}`)
  process.exitCode = 2
} else {
  const why = await make(asked.name, asked.register)
  if (why !== null) {
    console.error(why)
    process.exitCode = 1
  }
}

type Asked =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'make'; readonly name: string; readonly register: boolean }

function readArguments(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, 'no-register': { type: 'boolean' } },
    })
    if (values.help === true) return { kind: 'help' }
    const [name, ...more] = positionals
    if (name === undefined || more.length > 0) return { kind: 'wrong', why: 'One name is needed.' }
    return { kind: 'make', name, register: values['no-register'] !== true }
  } catch (error) {
    return { kind: 'wrong', why: error instanceof Error ? error.message : 'The arguments cannot be read.' }
  }
}

/** Null, or why nothing was written: everything is checked before the first file is. */
async function make(name: string, register: boolean): Promise<string | null> {
  const home = join(root, 'src/protocols')
  const entries = await readdir(home, { withFileTypes: true })
  const refused = nameRefused(
    name,
    entries.filter(entry => entry.isDirectory()).map(entry => entry.name),
  )
  if (refused !== null) return refused
  const clash = clashOf(name)
  if (clash !== null) return clash
  const list = await readFile(join(root, LIST), 'utf8')
  const registered = register ? listWith(list, name) : list
  if (registered === null)
    return `${LIST} does not look as expected: use --no-register and add the line by hand`

  for (const { template, file } of TEMPLATE_FILES) {
    const text = await readFile(new URL(`./new-protocol/templates/${template}`, import.meta.url), 'utf8')
    const path = join(home, name, file)
    await mkdir(dirname(path), { recursive: true })
    // Never over a file that came between: wx fails where there is one.
    await writeFile(path, templateFilled(text, name), { flag: 'wx' })
  }
  if (register) await writeFile(join(root, LIST), registered)
  process.stdout.write(nextSteps(name, register))
  return null
}

/** A name that shared files use as a word would make the check of names fail for ever. */
function clashOf(name: string): string | null {
  // Only files that hold the word are worth parsing.
  const holding = [...readTree(root)].filter(([, text]) => text.toLowerCase().includes(name))
  const tree = new Map(holding).set(`src/protocols/${name}/index.ts`, '')
  const [first] = nameFindings(tree).filter(finding => finding.endsWith(`the protocol ${name}`))
  if (first === undefined) return null
  const [place] = first.split(' names ')
  return (
    `${name} cannot be the name of a protocol: shared code uses the word already (${place}), and there the name of a ` +
    'protocol must not stand. Nothing was written; choose another name.'
  )
}

function nextSteps(name: string, register: boolean): string {
  return `src/protocols/${name}/ is there${register ? ', and its line in registered.ts' : ''}.

Next, in this order (docs/adding-a-protocol.md says why):
  1  README.md    draw the contract from the provider's document, section by section
  2  vectors/     put in what our own code did not make: recorded messages, printed digests
  3  sign.ts, status.ts, wire.ts, and their tests
  4  connector.ts and door.ts
  5  builder.ts, document.ts, sandbox.ts
  6  conformance.fixture.ts, until the run owes nothing:
     npx vitest run --project unit src/protocols
${register ? '' : `  7  the line in src/protocols/registered.ts\n`}`
}
