// The command table. Each command is loaded when it is asked for, so that `quittance sign` starts no database driver.
// Exit codes: 0 done; 1 tried and failed; 2 the command or the settings are wrong, nothing was tried.
import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { VARIABLES } from '../config.ts'
import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { PROTOCOLS } from '../protocols/registry.ts'
import { SIMULATED } from '../simulator/credentials.ts'
import type { AuditorCommandOptions } from './auditor.ts'
import { type Add, add, collect, type Run, wholeNumber } from './command.ts'
import { addConfirm, addDecide, addDecisions, addDoubts, addPerson } from './command-people.ts'
import { addKey, addVerify } from './command-receipts.ts'
import { addRelease, addSafeMode, addStop, addSwitches } from './command-stop.ts'
import type { Started } from './configured.ts'
import type { DemoOptions } from './demo.ts'
import type { ExplainOptions } from './explain.ts'
import type { MigrateOptions } from './migrate.ts'
import type { RailCommandOptions } from './rail.ts'
import type { SignOptions } from './sign.ts'
import { type ExitCode, plainPaint, standardInput, type Terminal } from './terminal.ts'

/** Runs one command line. */
export async function runCli(started: Started, terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = 0
  const program = commandTable(terminal, started, ended => {
    code = ended
  })
  try {
    await program.parseAsync([...started.argv], { from: 'user' })
    return code
  } catch (error) {
    // The framework has written what is wrong already; what it throws for help and version is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    terminal.problem(`quittance: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return 1
  }
}

function commandTable(terminal: Terminal, started: Started, done: Run['done']): Command {
  const program = new Command('quittance')
    .description(
      'A self-hosted payout switch: send a payout through any provider, never twice, and end with proof.',
    )
    .version(version())
    .option('--no-color', 'write without colours (NO_COLOR does the same)')
    .showHelpAfterError('Add --help to see what it takes, with examples.')
    .exitOverride()
    .configureOutput({
      writeOut: text => terminal.line(text.trimEnd()),
      writeErr: text => terminal.problem(text.trimEnd()),
    })
    .addHelpText('after', `${ENVIRONMENT_HELP}\nStart here:\n  $ quittance demo\n`)
  const run: Run = {
    terminal: () =>
      program.opts<{ color: boolean }>().color ? terminal : { ...terminal, paint: plainPaint },
    started,
    done,
  }
  const running = [addDemo, addServe, addWorker, addMigrate, addAuditor]
  const stopping = [addStop, addSwitches, addRelease, addSafeMode]
  const byHand = [addSign, addExplain, addRail]
  const people = [addPerson, addDoubts, addDecide, addDecisions, addConfirm]
  for (const add of [...running, ...stopping, ...byHand, ...people, addVerify, addKey]) add(program, run)
  return program
}

const addDemo: Add = (program, run) => {
  add(program, 'demo', 'everything on this machine, with a sample of payouts', [
    '  $ quittance demo',
    '  $ quittance demo --port 9000 --payouts 200',
    '  $ quittance demo --exit --port 0 --data-dir /tmp/quittance-demo',
  ])
    .description(
      'Starts an embedded Postgres, a sandbox merchant with money and simulated providers, sends a sample of payouts through every way in, prints what became of them, and stays up. Loopback only, fixed credentials.',
    )
    .option('--port <port>', 'port on 127.0.0.1; 0 takes any free one (PORT, else 8080)', wholeNumber(65_535))
    .option('--data-dir <folder>', 'where the data lies (QUITTANCE_DATA_DIR, else .quittance)')
    .option('--payouts <count>', 'how many payouts the sample sends', wholeNumber(10_000), 24)
    .option('--exit', 'stop after the sample; the exit code says whether all of it ended as expected')
    .option('--reset', 'delete the data of an earlier demo in that folder first')
    .action(async (options: DemoOptions) => {
      const { demo } = await import('./demo.ts')
      run.done(await demo(options, run.started, run.terminal()))
    })
}

const addServe: Add = (program, run) => {
  add(program, 'serve', 'the whole service: doors, API, dispatch and delivery', [
    '  $ DATABASE_URL=postgres://… QUITTANCE_MASTER_KEY=k1:… quittance serve',
    '  $ quittance serve --intake-only      with `quittance worker` beside it',
  ])
    .description(
      'Serves doors and API, sends payouts and delivers notices. Needs DATABASE_URL and QUITTANCE_MASTER_KEY.',
    )
    .option('--intake-only', 'take payouts in and leave sending and delivery to workers')
    .action(async (options: { intakeOnly?: boolean }) => {
      const { serve } = await import('./serve.ts')
      const roles = { gateway: true, worker: options.intakeOnly !== true }
      run.done(
        await serve(
          { mode: 'serve', roles, program: run.started.program },
          run.started.environment,
          run.terminal(),
        ),
      )
    })
}

const addWorker: Add = (program, run) => {
  add(program, 'worker', 'sending and delivery alone, to scale apart from intake', [
    '  $ DATABASE_URL=postgres://… QUITTANCE_MASTER_KEY=k1:… quittance worker',
  ])
    .description(
      'Sends payouts, asks about doubts and delivers notices. Any number of them share one database.',
    )
    .action(async () => {
      const { serve } = await import('./serve.ts')
      const roles = { gateway: false, worker: true }
      run.done(
        await serve(
          { mode: 'worker', roles, program: run.started.program },
          run.started.environment,
          run.terminal(),
        ),
      )
    })
}

const addMigrate: Add = (program, run) => {
  add(program, 'migrate', 'bring the database to the schema of this program', [
    '  $ DATABASE_URL=postgres://… quittance migrate',
    '  $ quittance migrate --check          changes nothing; exit code 1 where something is missing',
  ])
    .description(
      'Applies the migrations that the database does not have yet, in order, each in one transaction.',
    )
    .option('--check', 'only say how the database stands')
    .action(async (options: MigrateOptions) => {
      const { migrateDatabase } = await import('./migrate.ts')
      run.done(await migrateDatabase(options, run.started.environment, run.terminal()))
    })
}

const addAuditor: Add = (program, run) => {
  add(program, 'auditor', 'read the books with other eyes than those that wrote them', [
    '  $ quittance auditor --once           one pass over everything; exit code 1 where something is wrong',
    '  $ quittance auditor --once --json',
  ])
    .description(
      'Holds the books against the invariants, keeps what contradicts them as findings and trips the kill switch of whoever it concerns. `serve`, `worker` and `demo` run one by themselves; one is active for each database.',
    )
    .option('--once', 'one pass over everything, then end: 0 where all holds, 1 where it does not')
    .addOption(
      new Option('--json', 'one JSON object for each breach, and one for the end').implies({ once: true }),
    )
    .option('--every <ms>', 'between passes over what changed', wholeNumber(EVERY_MS_MAX), 10_000)
    .option('--whole-every <ms>', 'between passes over everything', wholeNumber(EVERY_MS_MAX), 3_600_000)
    .option('--exit-with-parent', 'end when standard input is closed')
    .action(async (options: AuditorCommandOptions) => {
      const { auditor } = await import('./auditor.ts')
      run.done(await auditor(options, run.started.environment, run.terminal()))
    })
}

const EVERY_MS_MAX = 86_400_000

/** Protocols whose requests can be tried by hand. */
const BY_HAND = PROTOCOLS.filter(({ builder }) => builder !== null)
const BY_HAND_NAMES = BY_HAND.map(({ name }) => name).join(', ')

/** The call that comes first, as the demo takes it, and the names of the others. */
function signExample({ name, builder }: Protocol): string {
  const [first, ...others] = builder?.calls.map(call => call.name) ?? []
  const more = others.length === 0 ? '' : `; --call ${others.join(', ')}`
  return `  $ quittance sign ${name}   ${first}${more}`
}

const addSign: Add = (program, run) => {
  const command = add(program, 'sign', 'build and sign one request, and show how', [
    ...BY_HAND.map(signExample),
    '  $ quittance sign paypro --curl | sh   sends it',
    '  $ quittance sign paypro --call query --field tradeNo=20260131120000abcd',
    '  $ quittance sign paypro --with tradeNo=mine-1 --with amount=250 --curl | sh',
    `  $ quittance sign paypro --fields '{"tradeNo":"t-1","amount":"300","walletId":"01711111111"}'`,
    '  $ quittance sign paypro --id 1000000001 --secret-file paypro.secret --json',
  ])
    .description(
      'Builds one request of a protocol: canonical string, what is hashed or signed, signature in hex and base64, body, headers, curl line.',
    )
    .argument('<protocol>', `one of: ${BY_HAND_NAMES}`)
    .option('--call <name>', 'what is asked, such as payout, query, balance (the first of the protocol)')
    .option('--fields <fields>', 'the fields: one flat JSON object, or a form such as a=1&b=2')
    .option('--field <name=value>', 'one field, taken as it is; may be repeated', collect)
    .option('--with <name=value>', 'the whole example with this field changed; may be repeated', collect)
  addCredential(command)
    .option('--url <url>', 'where the request goes (http://127.0.0.1:PORT, else port 8080)')
    .option('--path <path>', 'another path than the documented one; it begins with a slash')
    .option('--show-secret', 'print the secret where it stands, instead of <secret>')
    .addOption(new Option('--json', 'one JSON object instead of text').conflicts('curl'))
    .option('--curl', 'the curl line alone')
    .action(async (name: string, options: SignOptions) => {
      const { sign } = await import('./sign.ts')
      const { environment } = run.started
      const needs = { terminal: run.terminal(), environment, clock: systemClock, random: systemRandom }
      run.done(await sign(name, options, needs))
    })
}

const addExplain: Add = (program, run) => {
  const command = add(program, 'explain', 'why a door refuses a request', [
    '  $ quittance explain paypro request.http       as it went over the line, or the curl command that sent it',
    '  $ quittance sign paypro --curl | quittance explain paypro',
    `  $ quittance explain paypro --path /v1/paypro/payout --header 'merchantNo: 1000000001' --body-file body.json`,
    '  $ quittance explain paypro request.http --id 1000000001 --secret-file paypro.secret',
  ])
    .description(
      'Prints the checks of a door in their order, up to the first that fails, with what was found and what is usually the cause. Exit code 0: the door takes it; 1: it does not. No secret is printed.',
    )
    .argument('<protocol>', `one of: ${BY_HAND_NAMES}`)
    .argument(
      '[file]',
      'HTTP text, a curl command, or {"method","path","headers","body"}; - or nothing: stdin',
    )
    .option('--request <json>', 'the request as a JSON object: method, path, headers, body')
    .option('--path <path>', 'the request in parts: its path')
    .option('--method <method>', 'with --path: its method (POST)')
    .option('--header <name: value>', 'with --path: one header; may be repeated', collect)
    .addOption(new Option('--body <text>', 'with --path: its body').conflicts('bodyFile'))
    .option('--body-file <file>', 'with --path: its body, byte by byte')
  addCredential(command)
    .option(
      '--url <url>',
      'the public address of the door, where it is signed (http://127.0.0.1:PORT, else port 8080)',
    )
    .option('--from <address>', 'the address it came from', '127.0.0.1')
    .option('--at <time>', 'when it came, such as 2026-01-31T12:00:00Z (now)')
    .option('--json', 'one JSON object instead of text')
    .action(async (name: string, file: string | undefined, options: ExplainOptions) => {
      const { explain } = await import('./explain.ts')
      const { environment } = run.started
      const needs = { terminal: run.terminal(), environment, clock: systemClock, input: standardInput() }
      run.done(await explain(name, file ?? null, options, needs))
    })
}

/** Who signs, for every kind of credential; what is left out is the sandbox's. */
function addCredential(command: Command): Command {
  return command
    .option('--id <id>', 'the client: merchantNo, shop_id, consumer key or API key (the sandbox client)')
    .addOption(new Option('--secret <secret>', 'its secret (the sandbox client)').conflicts('secretFile'))
    .option('--secret-file <file>', 'read the secret from a file: it stays out of the shell history')
    .option('--key-file <file>', "its key in PEM, where it signs with one (the demo's)")
    .option(
      '--setting <name=value>',
      'a setting of the client, such as salt_position=prepend; may be repeated',
      collect,
    )
}

const addRail: Add = (program, run) => {
  add(program, 'rail', 'one simulated provider', [
    '  $ quittance rail --protocol paypro --port 9101',
    '  $ quittance rail --protocol paypro --port 9101 --seed 7 --latency 50',
    '  $ curl -sS http://127.0.0.1:9101/_rail/books',
    `  $ curl -sS http://127.0.0.1:9101/_rail/faults --data-raw '{"name":"lost_after","rate":"0.1"}'`,
  ])
    .description(
      'Runs one simulated provider on this machine: the real door of a protocol on a fake rail. One JSON line on standard output says where. Who is paid decides what happens: docs/simulator.md.',
    )
    .requiredOption('--protocol <protocol>', `one of: ${SIMULATED.join(', ')}`)
    .option('--port <port>', 'port on 127.0.0.1; 0 takes any free one', wholeNumber(65_535), 0)
    .option('--seed <number>', 'the same seed makes the same chances', wholeNumber(SEED_MAX))
    .option('--latency <ms>', 'hold each answer back for so long', wholeNumber(60_000), 0)
    .option('--books <file>', 'keep its books in a file, and take them up again from there')
    .option('--public-key <file>', 'the public half of the key by which its client signs, where one does')
    .option('--exit-with-parent', 'end when standard input is closed')
    .action(async (options: RailCommandOptions) => {
      const { rail } = await import('./rail.ts')
      run.done(await rail(options, run.terminal()))
    })
}

const SEED_MAX = 9_007_199_254_740_000

const ENVIRONMENT_HELP = `
Environment:
${Object.entries(VARIABLES)
  .map(([name, what]) => `  ${name.padEnd(21)} ${what}`)
  .join('\n')}
`

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0'
}
