// The processes of a process, as the system lists them.
import { readdir, readFile } from 'node:fs/promises'
import { run } from '../src/store/embedded/system.ts'

/** Linux has them in /proc, and `ps` is missing from small images. Those that end meanwhile are none. */
export async function childrenOf(parent: number): Promise<readonly number[]> {
  if (process.platform !== 'linux') {
    const lines = (await run('ps', ['-A', '-o', 'pid=,ppid='])).split('\n')
    return lines.flatMap(line => {
      const [pid, of] = line.trim().split(/\s+/).map(Number)
      return pid !== undefined && of === parent ? [pid] : []
    })
  }
  const names = (await readdir('/proc')).filter(name => /^[0-9]+$/.test(name))
  const children = names.map(async name => {
    const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // Its name stands in parentheses and may hold anything; the state and the parent follow.
    const [, of] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return of === `${parent}` ? [Number(name)] : []
  })
  return (await Promise.all(children)).flat()
}
