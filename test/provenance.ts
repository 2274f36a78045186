// Of which state of a tree a run is, and when and under which Node: what every file of figures names first.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** What a run of the whole program rests on. */
const PROGRAM = ['src', 'test', 'package-lock.json']

/**
 * The commit that is checked out at the root. With changes there that no commit has, nobody can say what was run, so that is
 * said with it. `unknown commit` where there is no repository.
 */
export function commitOf(root: string = ROOT, paths: readonly string[] = PROGRAM): string {
  const git = (...argv: readonly string[]): string =>
    execFileSync('git', argv, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD')
    return git('status', '--porcelain', '--', ...paths) === '' ? commit : `${commit} with changes`
  } catch {
    return 'unknown commit'
  }
}

/** In UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10)
}
