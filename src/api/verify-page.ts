// The page on which anybody checks a receipt, at `/verify`. It is one file with nothing to load, so it can be saved and used
// without us; the policy it is served with lets its own script run, by its hash, and nothing else.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { writeAnswer } from '../http/answer.ts'
import { addWholeRoute } from '../http/route.ts'
import { assert } from '../lib/assert.ts'

export function mountVerifyPage(instance: FastifyInstance): void {
  const page = readFileSync(PAGE, 'utf8')
  const headers = {
    'Content-Type': 'text/html;charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': policyOf(page),
  }
  addWholeRoute(instance, {
    method: 'GET',
    url: '/verify',
    schema: null,
    serve: async (_request, reply) => writeAnswer(reply, { status: 200, headers, body: page }),
    fault: (_error, _request, reply) => writeAnswer(reply, { status: 500, headers: {}, body: '' }),
  })
}

const PAGE = new URL('./verify.html', import.meta.url)

function policyOf(page: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(page, 'script')}`,
    `style-src ${hashOf(page, 'style')}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function hashOf(page: string, element: 'script' | 'style'): string {
  const [first, ...more] = [...page.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))]
  assert(first !== undefined && more.length === 0, `the page has one ${element}`)
  return `'sha256-${createHash('sha256')
    .update(first[1] ?? '')
    .digest('base64')}'`
}
