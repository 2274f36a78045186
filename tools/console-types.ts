// Prints the console's API types, made of docs/openapi.json; with a path it writes them there.
//   node tools/console-types.ts                                    what the freshness check compares
//   node tools/console-types.ts console/src/api/types.gen.ts       after the document has changed
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hey-api/openapi-ts'

const types = await typesOf(JSON.parse(readFileSync('docs/openapi.json', 'utf8')))
const [, , path] = process.argv
if (path === undefined) process.stdout.write(types)
else writeFileSync(path, types)

async function typesOf(document: Record<string, unknown>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-types-'))
  try {
    await createClient({
      input: document,
      output: { path: folder, entryFile: false },
      plugins: ['@hey-api/typescript'],
      logs: { level: 'silent' },
    })
    return readFileSync(join(folder, 'types.gen.ts'), 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
