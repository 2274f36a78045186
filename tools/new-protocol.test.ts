import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PROTOCOL_FILES } from '../src/protocols/conformance-owed.fixture.ts'
import { listWith, nameRefused, TEMPLATE_FILES, templateFilled } from './new-protocol/plan.ts'

const templates = new URL('./new-protocol/templates/', import.meta.url)
const list = readFileSync(new URL('../src/protocols/registered.ts', import.meta.url), 'utf8')

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

test('the list gains one line and loses none', () => {
  const lines = list.split('\n')
  const fresh = listWith(list, 'acmepay')?.split('\n') ?? []
  expect(fresh.filter(line => !lines.includes(line))).toEqual([
    "export { acmepay } from './acmepay/index.ts'",
  ])
  expect(fresh).toHaveLength(lines.length + 1)
})

test.each([
  ['in the order of addresses', 'acmepay', 0],
  ['behind those before it', 'cpay', 1],
])('the line stands %s', (_, name, place) => {
  const fresh = listWith("export { b } from './b/index.ts'\n", name)?.split('\n') ?? []
  expect(fresh[place]).toBe(`export { ${name} } from './${name}/index.ts'`)
  expect(fresh).toHaveLength(3)
})

test('a list that looks otherwise is left alone', () => {
  expect(listWith('export const OTHERS = []\n', 'acmepay')).toBeNull()
  expect(listWith('', 'acmepay')).toBeNull()
})

test('a word of shared code is refused with its place, and nothing is written', { timeout: 30_000 }, () => {
  const program = fileURLToPath(new URL('./new-protocol.ts', import.meta.url))
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, 'card'], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(
    /^card cannot be the name of a protocol: shared code uses the word already \(src\/[\w/-]+\.ts:\d+\)/,
  )
  expect(stderr).toContain('choose another name')
  expect(existsSync(new URL('../src/protocols/card', import.meta.url))).toBe(false)
})
