// The commands about receipts in the table of commands.
import { Option } from 'commander'
import { type Add, add } from './command.ts'
import type { KeyListOptions } from './key.ts'
import type { VerifyOptions } from './verify.ts'

export const addVerify: Add = (program, run) => {
  add(program, 'verify', 'check a receipt, offline', [
    '  $ quittance verify receipt.json --keys jwks.json',
    '  $ curl -sSO http://127.0.0.1:8080/.well-known/jwks.json      the keys, once, in a way that you trust',
    '  $ quittance verify receipt.json                              with .quittance/trusted-keys.json',
    '  $ quittance verify receipt.json --keys jwks.json --checkpoint kept.txt --consistency proof.json',
    '  $ quittance verify receipt.json --keys jwks.json --json',
  ])
    .description(
      'Says whether a receipt is genuine, and plainly what that proves and what it does not. Asks nobody: no network, no database. Exit code 0: genuine; 1: refused; 2: a file or the keys are missing, nothing was judged.',
    )
    .argument('<receipt>', 'the file, as GET /v1/payouts/{id}/receipt.json gives it')
    .option('--keys <file>', 'the key set of whoever issued it (trusted-keys.json in QUITTANCE_DATA_DIR)')
    .option('--checkpoint <file>', 'a checkpoint of the log that you kept: the log must fit it')
    .option('--consistency <file>', 'with --checkpoint: the proof that one grew out of the other')
    .option('--json', 'one JSON object instead of text')
    .action(async (file: string, options: VerifyOptions) => {
      const { verify } = await import('./verify.ts')
      run.done(await verify(file, options, run.started.environment, run.terminal()))
    })
}

export const addKey: Add = (program, run) => {
  const command = add(program, 'key', 'the keys that sign receipts', [
    '  $ quittance key                every key that ever signed, and which one does',
    '  $ quittance key --jwks         the key set, for a file',
    '  $ quittance key rotate         yearly, and whenever one may be known to others',
  ])
    .description(
      'Lists the keys by which receipts are signed. Needs DATABASE_URL and QUITTANCE_MASTER_KEY. Public halves are published at /.well-known/jwks.json for ever.',
    )
    .addOption(new Option('--jwks', 'the public halves as a JSON Web Key Set'))
    .action(async (options: KeyListOptions) => {
      const { listKeys } = await import('./key.ts')
      run.done(await listKeys(options, run.started.environment, run.terminal()))
    })
  command
    .command('rotate')
    .summary('sign by a new key from now on')
    .description('Makes a new key. The private half of the old one is destroyed; old receipts stay good.')
    .action(async () => {
      const { rotateKey } = await import('./key.ts')
      run.done(await rotateKey(run.started.environment, run.terminal()))
    })
}
