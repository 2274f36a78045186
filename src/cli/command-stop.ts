// The commands that stop sending and let it go on. Anybody on the host may stop; going on takes two persons.
import { type Command, Option } from 'commander'
import { SWITCH_SCOPES } from '../payout/stop.ts'
import { type Add, add, wholeNumber } from './command.ts'
import type { ReleaseOptions, SafeModeReleaseOptions } from './release.ts'
import type { StopCommandOptions, SwitchesCommandOptions } from './switches.ts'

export const addStop: Add = (program, run) => {
  addScope(
    add(program, 'stop', 'trip a kill switch: nothing more is sent', [
      `  $ quittance stop --why 'the provider pays twice'`,
      `  $ quittance stop --scope merchant --id m_shop --why 'its key was stolen'`,
      `  $ quittance stop --scope currency --id BDT --why 'wrong amounts since 9:40'`,
    ]),
  )
    .description(
      'Stops sending: all of it, or that of one merchant, provider account, rail or currency. It returns when no later first byte can leave. Intake, inquiries, callbacks and notices go on; what was sent before may still be paid. Needs DATABASE_URL.',
    )
    .requiredOption('--why <words>', 'for those who have to decide on the release')
    .action(async (options: StopCommandOptions) => {
      const { stop } = await import('./switches.ts')
      run.done(await stop(options, run.started.environment, run.terminal()))
    })
}

export const addSwitches: Add = (program, run) => {
  add(program, 'switches', 'what is stopped, by whom and why', [
    '  $ quittance switches',
    '  $ quittance switches --history 100',
  ])
    .description('Lists the kill switches that are tripped, and the last trips and releases.')
    .option('--history <count>', 'how many trips and releases to show', wholeNumber(1_000), 20)
    .action(async (options: SwitchesCommandOptions) => {
      const { switches } = await import('./switches.ts')
      run.done(await switches(options, run.started.environment, run.terminal()))
    })
}

export const addRelease: Add = (program, run) => {
  addProposer(
    addScope(
      add(program, 'release', 'propose to release a kill switch; another person confirms it', [
        `  $ quittance release --why 'the provider is mended' --person pe_0123456789ab --key-file ada.key --dry-run`,
        `  $ quittance release --scope merchant --id m_shop --why 'new key' --person pe_0123456789ab --key-file ada.key`,
      ]),
    ),
  )
    .description(
      'Shows what a kill switch stops and proposes to send it again, as a person with the role operator or admin. Nothing goes on before another person, an approver, has run quittance confirm with the code of its second factor.',
    )
    .action(async (options: ReleaseOptions) => {
      const { release } = await import('./release.ts')
      run.done(await release(options, run.started.environment, run.terminal()))
    })
}

export const addSafeMode: Add = (program, run) => {
  const command = add(program, 'safe-mode', 'after a restore: what was found, and who may send again', [
    '  $ quittance safe-mode     exit code 1 while something is in safe mode',
    `  $ quittance safe-mode release --provider-account pa_1 --why 'all was found' --person pe_0123456789ab --key-file ada.key`,
  ])
    .description(
      'Where the database is not the one it was (restored, failed over, an older copy), nothing is sent until two people release each provider account. Shows what was found, the money at risk and what stands against a release. Needs DATABASE_URL and QUITTANCE_MASTER_KEY.',
    )
    .action(async () => {
      const { showSafeMode } = await import('./safe-mode.ts')
      run.done(await showSafeMode(run.started.environment, run.terminal()))
    })
  addProposer(
    command
      .command('release')
      .summary('propose to let one provider account send again; another person confirms it')
      .requiredOption('--provider-account <id>', 'which one'),
  ).action(async (options: SafeModeReleaseOptions) => {
    const { releaseSafeMode } = await import('./release.ts')
    run.done(await releaseSafeMode(options, run.started.environment, run.terminal()))
  })
}

function addScope(command: Command): Command {
  return command
    .addOption(new Option('--scope <scope>', 'what it is about').choices(SWITCH_SCOPES).default('global'))
    .option('--id <id>', 'which merchant, provider account, rail (a protocol) or currency')
}

function addProposer(command: Command): Command {
  return command
    .requiredOption('--why <words>', 'why it is safe to send again, in words that stay')
    .requiredOption('--person <person>', 'who proposes it: pe_…')
    .requiredOption('--key-file <file>', "that person's key, alone in a file")
    .option('--dry-run', 'show what would go on, and propose nothing')
}
