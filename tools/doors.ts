// Writes docs/doors/: an OpenAPI file for every door, and one Postman collection of all of them, from the documents and
// the request builders of the protocols. `--check` compares instead and fails where a file is stale; `--print name`
// prints one fresh file.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Protocol } from '../src/protocols/protocol.ts'
import { PROTOCOLS } from '../src/protocols/registry.ts'
import { doorOpenapi } from './doors/openapi.ts'
import { doorCollection } from './doors/postman.ts'

export const DOORS_FOLDER = new URL('../docs/doors/', import.meta.url)

/** Every file of the folder by its name, as it has to be. */
export function doorFiles(protocols: readonly Protocol[] = PROTOCOLS): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const protocol of protocols)
    if (protocol.document !== null)
      files.set(`${protocol.name}.openapi.json`, textOf(doorOpenapi(protocol, protocol.document)))
  return files.set('quittance.postman_collection.json', textOf(doorCollection(protocols)))
}

/** What is stale, missing or of a protocol that is gone. */
export async function staleDoorFiles(): Promise<readonly string[]> {
  const fresh = doorFiles()
  const there = await readdir(DOORS_FOLDER).catch(() => [])
  const names = new Set([...fresh.keys(), ...there])
  const stale: string[] = []
  for (const name of names) {
    const text = await readFile(new URL(name, DOORS_FOLDER), 'utf8').catch(() => null)
    if (text !== (fresh.get(name) ?? null)) stale.push(name)
  }
  return stale
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

async function main([mode, name = '']: readonly string[]): Promise<void> {
  if (mode === '--print') {
    process.stdout.write(doorFiles().get(name) ?? '')
    return
  }
  const stale = await staleDoorFiles()
  if (mode === '--check') {
    for (const file of stale) console.error(`docs/doors/${file} is stale: node tools/doors.ts`)
    if (stale.length > 0) process.exitCode = 1
    return
  }
  const fresh = doorFiles()
  await mkdir(DOORS_FOLDER, { recursive: true })
  for (const file of stale) {
    const text = fresh.get(file)
    if (text === undefined) await rm(new URL(file, DOORS_FOLDER))
    else await writeFile(new URL(file, DOORS_FOLDER), text)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
