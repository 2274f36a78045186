import { readFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { ERRORS } from '../errors.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { apiRoutes, mountApi, openRoutes, personRoutes } from './api.ts'
import { tidyComponents } from './components.ts'
import type { ApiNeeds } from './needs.ts'

const log = createLog({ level: 'silent' })
const needs = {
  desk: {},
  directory: { apiKey: () => null },
  clock: systemClock,
  log,
  livemode: false,
} as unknown as ApiNeeds
const server = createServer({ log, clock: systemClock, random: systemRandom })
mountApi(server, needs)
afterAll(() => server.close())

test('the committed document is the one that is served', async () => {
  const { body } = await server.inject('/openapi.json')
  expect(body).toBe(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))
})

test('the document names every route of the API and no other, each with its own operation and its refusals', async () => {
  const document = (await server.inject('/openapi.json')).json()
  const documented = Object.entries<
    Record<string, { operationId: string; security: unknown; tags: string[]; responses: object }>
  >(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  expect(documented.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
    [...apiRoutes(needs), ...personRoutes(needs), ...openRoutes(needs)]
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
      .sort(),
  )
  expect(new Set(documented.map(({ operation }) => operation.operationId)).size).toBe(documented.length)
  const open = new Set(
    openRoutes(needs).map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`),
  )
  for (const { path, method, operation } of documented) {
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['500', '503']))
    if (open.has(`${method} ${path}`)) {
      const tag = path.startsWith('/v1/session') ? 'Sessions' : 'Receipts'
      expect(operation).toMatchObject({ tags: [tag], security: [] })
      continue
    }
    expect(operation.security).toEqual(COMERS[operation.tags[0] ?? ''] ?? COMERS.Payouts)
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '500', '503']))
  }
})

/** By what one may come, for each kind of route: a key of a person is none of a merchant, and the other way about. */
const COMERS: Readonly<Record<string, readonly object[]>> = {
  Payouts: [{ apiKey: [] }, { personKey: [] }, { session: [] }],
  People: [{ personKey: [] }, { session: [] }],
  Console: [{ personKey: [] }, { session: [] }],
  Sessions: [{ session: [] }],
}

test('every reference in the document leads somewhere, and every component is led to', async () => {
  const { body } = await server.inject('/openapi.json')
  const led = new Set([...body.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(match => match[1]))
  const there = Object.keys(JSON.parse(body).components.schemas)
  expect([...led].sort()).toEqual(there.sort())
  expect(there).toEqual(expect.arrayContaining(['Payout', 'PayoutCreate', 'Problem']))
  expect(there.filter(name => name.endsWith('Input'))).toEqual([])
})

test('components that nothing points to are left out, with those that only they pointed to', () => {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
  const tidied = tidyComponents({
    paths: { '/a': ref('AInput') },
    components: {
      schemas: { AInput: { of: ref('B') }, A: {}, B: {}, BInput: ref('CInput'), CInput: {}, C: {} },
    },
  })
  expect(tidied).toEqual({
    paths: { '/a': ref('A') },
    components: { schemas: { A: { of: ref('B') }, B: {} } },
  })
})

test('the type of a problem leads to a page that explains every code', async () => {
  const page = await server.inject('/docs/errors')
  expect(page.headers['content-type']).toBe('text/html;charset=utf-8')
  for (const code of Object.keys(ERRORS)) expect(page.body).toContain(`id="${code}"`)
})

test('the reference page is served with a policy that lets nothing load from elsewhere', async () => {
  const page = await server.inject('/docs/')
  expect(page.statusCode).toBe(200)
  expect(page.body).toContain('/openapi.json')
  expect(page.headers['content-security-policy']).toContain("connect-src 'self'")
  expect(page.headers['x-request-id']).toMatch(/^req_/)
  expect((await server.inject('/docs/js/scalar.js')).statusCode).toBe(200)
  expect((await server.inject('/docs')).headers.location).toBe('/docs/')
})
