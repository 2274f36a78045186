// The commands for people: who they are, what is in doubt, and what two of them decide. They work on the database of the
// installation, as the host; the second word is a person's own, with its key and the code of its second factor.
import { Option } from 'commander'
import { type Add, add, collect, wholeNumber } from './command.ts'
import type { ConfirmOptions } from './confirm.ts'
import type { DecideOptions } from './decide.ts'
import type { DecisionsOptions } from './decisions.ts'
import type { DoubtsOptions } from './doubts.ts'
import type { PersonOptions } from './person.ts'

export const addPerson: Add = (program, run) => {
  add(program, 'person', 'who may look, propose and confirm', [
    `  $ quittance person add 'Ada Example' --role operator --role admin`,
    `  $ quittance person add 'Bo Example' --role approver@m_1`,
    '  $ quittance person list',
    '  $ quittance person stop pe_0123456789ab',
    '  $ quittance person link --person pe_0123456789ab --email ada@example.com',
  ])
    .description(
      'Adds a person and prints its key and the link for its authenticator, once. The first two of an installation are let in at once; every later one waits until a person with the role admin has confirmed it. A link lets a person set the password with which it signs in at the console; it keeps its authenticator.',
    )
    .argument('<action>', 'add, list, stop or link')
    .argument('[who]', 'the name of a new person, or the id of one to stop for good')
    .option(
      '--role <role>',
      'viewer, maker, approver, operator or admin; @merchant behind it: for that one alone; may be repeated',
      collect,
    )
    .option('--person <person>', 'whom a link is for: pe_…')
    .option('--email <address>', 'by which the person signs in; needed for its first link')
    .action(async (action: string, who: string | undefined, options: PersonOptions) => {
      const { person } = await import('./person.ts')
      run.done(await person(action, who ?? null, options, run.started.environment, run.terminal()))
    })
}

export const addDoubts: Add = (program, run) => {
  add(program, 'doubts', 'what people have to look at, and the money in it', [
    '  $ quittance doubts',
    '  $ quittance doubts --merchant m_1 --json',
  ])
    .description(
      'Lists payouts in doubt, without an end for more than a day, waiting for a person, or disputed after their end; newest first, with totals. docs/doubts.md says what to do about them.',
    )
    .option('--merchant <merchant>', 'of this one alone')
    .option('--limit <count>', 'how many at most', wholeNumber(100), 100)
    .option('--json', 'one JSON object instead of a table, with all that is known of each')
    .action(async (options: DoubtsOptions) => {
      const { doubts } = await import('./doubts.ts')
      run.done(await doubts(options, run.started.environment, run.terminal()))
    })
}

export const addDecide: Add = (program, run) => {
  add(program, 'decide', 'propose what became of a payout in doubt', [
    `  $ quittance decide po_00000cbfxf2iecch --paid --because 'their letter 4711' --evidence letter.pdf --dry-run`,
    `  $ quittance decide po_00000cbfxf2iecch --dead --after review --because 'not in their books' --statement november.pdf --covers 2026-11-21..2026-11-22`,
    `  $ quittance decide 42 --keep-waiting --because 'they answer on Monday'`,
  ])
    .description(
      'Proposes as the host, which can only propose: another person confirms it within 24 hours. With --dry-run nothing is proposed, and what would be booked is shown.',
    )
    .argument('<payout>', 'po_… or its number')
    .addOption(new Option('--paid', 'it was paid').conflicts(['dead', 'keepWaiting']))
    .addOption(new Option('--dead', 'it was not paid and never will be').conflicts('keepWaiting'))
    .option('--keep-waiting', 'nothing is known yet; nothing moves')
    .addOption(new Option('--after <what>', 'beside --dead').choices(['failed', 'review']))
    .requiredOption('--because <words>', 'why, in words that stay')
    .option('--evidence <file>', 'PDF, PNG, JPEG or text up to 5 MiB; may be repeated', collect)
    .option('--statement <file>', "the provider's closed statement; may be repeated", collect)
    .option('--covers <days>', 'the days that the statement holds whole, such as 2026-11-21..2026-11-22')
    .option('--dry-run', 'show what would follow, and propose nothing')
    .option('--json', 'one JSON object instead of text')
    .action(async (payout: string, options: DecideOptions) => {
      const { decide } = await import('./decide.ts')
      run.done(await decide(payout, options, run.started.environment, run.terminal()))
    })
}

export const addDecisions: Add = (program, run) => {
  add(program, 'decisions', 'what is proposed, and what became of it', [
    '  $ quittance decisions',
    '  $ quittance decisions --state confirmed --json',
  ])
    .description('Lists what needs two people: decisions, corrections, new persons, releases; newest first.')
    .addOption(
      new Option('--state <state>', 'only those').choices([
        'open',
        'confirmed',
        'rejected',
        'void',
        'expired',
      ]),
    )
    .option('--limit <count>', 'how many at most', wholeNumber(100), 100)
    .option('--json', 'one JSON object instead of a table')
    .action(async (options: DecisionsOptions) => {
      const { decisions } = await import('./decisions.ts')
      run.done(await decisions(options, run.started.environment, run.terminal()))
    })
}

export const addConfirm: Add = (program, run) => {
  add(program, 'confirm', 'the second word to what another person proposed', [
    '  $ quittance confirm pr_0123456789abcdef --person pe_0123456789ab --key-file bo.key --code 123456',
  ])
    .description(
      "Confirms as a person, with that person's key and the code that its authenticator shows now. Neither who proposed it nor who made the payout can.",
    )
    .argument('<decision>', 'pr_…, as quittance decisions lists it')
    .requiredOption('--person <person>', 'who confirms: pe_…')
    .requiredOption('--key-file <file>', "that person's key, alone in a file")
    .requiredOption('--code <code>', 'six digits')
    .action(async (decision: string, options: ConfirmOptions) => {
      const { confirm } = await import('./confirm.ts')
      run.done(await confirm(decision, options, run.started.environment, run.terminal()))
    })
}
