// The program as an installation runs it beside a primary and a standby: which processes, by which address, and with which
// folders.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { House } from '../house.ts'
import { type Program, startProgram } from '../program.ts'

/** `one`: a gateway that also sends. `split`: a gateway and two workers, each with a folder of its own, as on three machines. */
export type Shape = 'one' | 'split'

export interface Installation extends AsyncDisposable {
  readonly url: string
  /** Of its database, as its processes were given it. */
  readonly databaseUrl: string
  /** Every process at one blow. */
  kill(): Promise<void>
  /** A command of the same program over the same database. */
  command(
    ...argv: readonly string[]
  ): Promise<{ readonly code: number | null; readonly out: string; readonly problems: string }>
  /** What the processes said, for a run that went wrong. */
  said(): string
}

/** A machine that does much else takes its time. */
const START_MS_MAX = 300_000
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/failover', import.meta.url))

export async function startInstallation(
  house: House,
  options: {
    readonly shape: Shape
    readonly port: number
    readonly databaseUrl: string
    /** The file that is run; left out: the program of this tree. */
    readonly main?: string
  },
): Promise<Installation> {
  const { shape, port, databaseUrl, main } = options
  const url = `http://127.0.0.1:${port}`
  const programs: Program[] = []
  const start = (argv: readonly string[], more: Readonly<Record<string, string>>): Program => {
    const environment = house.environment({
      DATABASE_URL: databaseUrl,
      NODE_COMPILE_CACHE: COMPILED,
      ...more,
    })
    const program = startProgram(argv, environment, main)
    programs.push(program)
    return program
  }
  async function kill(): Promise<void> {
    for (const program of programs) program.signal('SIGKILL')
    await Promise.all(programs.map(({ ended }) => ended))
  }
  try {
    const gateway = ['serve', ...(shape === 'split' ? ['--intake-only'] : [])]
    const up = [start(gateway, { PORT: `${port}` }).until(/"serve is up"/, START_MS_MAX)]
    for (const name of shape === 'split' ? ['worker-1', 'worker-2'] : []) {
      const folder = join(house.dataDir, name)
      await mkdir(folder, { recursive: true })
      up.push(
        start(['worker'], { QUITTANCE_DATA_DIR: folder, QUITTANCE_PUBLIC_URL: url }).until(
          /"worker is up"/,
          START_MS_MAX,
        ),
      )
    }
    await Promise.all(up)
  } catch (error) {
    await kill()
    throw error
  }
  return {
    ...{ url, databaseUrl, kill },
    async command(...argv) {
      await using program = startProgram(
        argv,
        house.environment({ DATABASE_URL: databaseUrl, NODE_COMPILE_CACHE: COMPILED }),
        main,
      )
      const { code } = await program.ended
      return { code, out: program.out(), problems: program.problems() }
    },
    said: () => programs.map(program => program.out() + program.problems()).join('\n'),
    [Symbol.asyncDispose]: kill,
  }
}
