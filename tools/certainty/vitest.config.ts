import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// `npm run certainty`: every branch of the certainty table is taken by a test that is named after a row of the table or
// after a standing rule, or the command fails. The tests by chance are left out on purpose: what only they reach has no
// statement of its own.
const folder = 'src/dispatch/'
const root = fileURLToPath(new URL('../../', import.meta.url))
const table = readdirSync(root + folder).filter(name => /^certainty(?:-\w+)?\.ts$/.test(name))

// Of a table that is not found, no branch is open either.
for (const name of ['certainty.ts', 'certainty-send.ts', 'certainty-inquiry.ts', 'certainty-callback.ts'])
  if (!table.includes(name)) throw new Error(`${folder}${name} is not where its branches are counted`)

export default defineConfig({
  root,
  test: {
    include: [`${folder}certainty*.test.ts`],
    testNamePattern: /^(?:[SQW]\d|standing rule)/,
    testTimeout: 60_000,
    coverage: {
      enabled: true,
      provider: 'v8',
      include: table.map(name => folder + name),
      reporter: ['text', 'text-summary'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100, perFile: true },
    },
  },
})
