import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROTOCOL_FILES } from '../src/protocols/conformance-owed.fixture.ts'
import { nameRefused, registryWith, TEMPLATE_FILES, templateFilled } from './new-protocol/plan.ts'

const templates = new URL('./new-protocol/templates/', import.meta.url)
const registry = readFileSync(new URL('../src/protocols/registry.ts', import.meta.url), 'utf8')

test('a name is a small word that is free and means nothing else', () => {
  expect(nameRefused('acmepay', ['other'])).toBeNull()
  for (const name of [
    '',
    'ab',
    'Acme',
    'acme-pay',
    '2pay',
    'acme_pay',
    '../x',
    'a'.repeat(21),
    'class',
    'api',
  ])
    expect([name, nameRefused(name, [])]).toEqual([name, expect.stringMatching(/\w+ \w+/)])
  expect(nameRefused('acmepay', ['acmepay'])).toContain('already')
})

test('the templates are every file of the house, and none is forgotten', () => {
  expect(TEMPLATE_FILES.map(({ template }) => template).sort()).toEqual(readdirSync(templates).sort())
  const files = TEMPLATE_FILES.map(({ file }) => file)
  expect(files).toEqual(expect.arrayContaining([...PROTOCOL_FILES]))
})

test('a filled template holds the name in three forms and no mark', () => {
  expect(templateFilled('__name____Name__ __NAME___X', 'acmepay')).toBe('acmepayAcmepay ACMEPAY_X')
  for (const { template } of TEMPLATE_FILES) {
    const text = templateFilled(readFileSync(new URL(template, templates), 'utf8'), 'acmepay')
    expect([template, /__/.test(text)]).toEqual([template, false])
    expect(text.endsWith('\n')).toBe(true)
  }
})

test('the registry gains two lines and loses none', () => {
  const lines = registry.split('\n')
  const fresh = registryWith(registry, 'acmepay')?.split('\n') ?? []
  expect(fresh.filter(line => !lines.includes(line))).toEqual([
    "import { acmepay } from './acmepay/index.ts'",
    '  acmepay,',
  ])
  expect(fresh).toHaveLength(lines.length + 2)
})

test.each([
  [
    'in the order of addresses',
    'acmepay',
    ["import { acmepay } from './acmepay/index.ts'", "import { b } from './b/index.ts'"],
  ],
  [
    'behind those before it',
    'cpay',
    ["import { b } from './b/index.ts'", "import { cpay } from './cpay/index.ts'"],
  ],
])('the import stands %s', (_, name, expected) => {
  const text =
    "import { b } from './b/index.ts'\nimport type { Protocol } from './protocol.ts'\n\nexport const PROTOCOLS: readonly Protocol[] = [b]\n"
  const fresh = registryWith(text, name) ?? ''
  expect(fresh.split('\n').slice(0, 2)).toEqual(expected)
  expect(fresh).toContain(`= [b, ${name}]\n`)
})

test('a registry that looks otherwise is left alone', () => {
  expect(registryWith('export const OTHERS = []\n', 'acmepay')).toBeNull()
  expect(registryWith('', 'acmepay')).toBeNull()
})
