// The console's own files at `/`. They are read once, at the start, and served from memory: a path is looked up among the
// files that were there, so none leads anywhere else. Every path of the console that is no file is answered with its one
// page, which knows what to show there; what belongs to the API, a door or another page is never answered here.
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { assert } from '../lib/assert.ts'
import { type HttpAnswer, writeAnswer } from './answer.ts'
import { problemAnswer } from './problem.ts'
import { addWholeRoute } from './route.ts'

/** The files of a build by their path, such as `/assets/index-B1.js`. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>

export interface ConsoleFile {
  readonly type: string
  readonly body: Uint8Array
}

const FILES_MAX = 2_000
const BYTES_MAX = 64 * 1024 * 1024

/** Null: nothing was built there. */
export async function readConsole(folder: URL): Promise<ConsoleFiles | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => null)
  if (entries === null) return null
  const files = new Map<string, ConsoleFile>()
  let bytes = 0
  for (const entry of entries) {
    // A link would lead out of the folder.
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const body = await readFile(path)
    bytes += body.length
    assert(files.size < FILES_MAX && bytes <= BYTES_MAX, 'the console is a few files of a few megabytes')
    const shown = `/${relative(fileURLToPath(folder), path).replaceAll(sep, '/')}`
    files.set(shown, { type: TYPES[extname(entry.name)] ?? 'application/octet-stream', body })
  }
  return files.has(INDEX) ? files : null
}

export interface MountConsoleOptions {
  readonly files: ConsoleFiles | null
  /** First parts of paths that belong to others, such as `v1`. */
  readonly reserved: ReadonlySet<string>
  /** Whether browsers reach it by https alone. */
  readonly https: boolean
}

/** Behind every other route: the router takes what is more exact first. */
export function mountConsole(server: FastifyInstance, { files, reserved, https }: MountConsoleOptions): void {
  const headers = https ? { ...HEADERS, ...HSTS } : HEADERS
  addWholeRoute(server, {
    method: ['GET', 'HEAD'],
    url: '/*',
    schema: null,
    serve: async (request, reply) => {
      const answer = answerOf(request, reply, { files, reserved })
      writeAnswer(reply, { ...answer, headers: { ...answer.headers, ...headers } })
    },
    fault: (_error, _request, reply) => writeAnswer(reply, { status: 500, headers, body: '' }),
  })
}

function answerOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { files, reserved }: Pick<MountConsoleOptions, 'files' | 'reserved'>,
): HttpAnswer {
  const url = request.raw.url ?? ''
  const path = url.split('?', 1)[0] ?? ''
  const nothing = problemAnswer({ code: 'not_found' }, reply.request.id)
  if (!PLAIN_PATH.test(path)) return nothing
  const file = path === '/' ? undefined : files?.get(path)
  if (file !== undefined) return fileAnswer(path, file)
  if (reserved.has(path.split('/')[1] ?? '') || extname(path) !== '' || !takesPages(request)) return nothing
  const index = files?.get(INDEX)
  return index === undefined ? NOT_BUILT : fileAnswer(INDEX, index)
}

function fileAnswer(path: string, { type, body }: ConsoleFile): HttpAnswer {
  return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': cacheOf(path) }, body }
}

/** The name of an asset holds the hash of what is in it; a page says which assets it wants, and is never kept. */
function cacheOf(path: string): string {
  if (path === INDEX) return 'no-store'
  return path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
}

/** A browser that opens an address takes pages; a program that asks for something that is not there is told so. */
function takesPages({ raw }: FastifyRequest): boolean {
  return /\btext\/html\b/.test(raw.headers.accept ?? '')
}

const INDEX = '/index.html'

/** Parts without anything that another reader could take for another path: no escapes, no `..`, no backslash, no `//`. */
const PLAIN_PATH = /^\/(?:(?!\.{1,2}(?:\/|$))[\w.~:@=+-]+(?:\/(?!\/)|$))*$/

const NOT_BUILT: HttpAnswer = {
  status: 404,
  headers: { 'Content-Type': 'text/html;charset=utf-8', 'Cache-Control': 'no-store' },
  body: '<!doctype html><html lang="en"><title>Quittance</title><h1>The console is not built</h1><p>Run <code>npm run build</code> and start again. The API is at <a href="/docs">/docs</a>.</p></html>',
}

/** SECURITY.md section 4. Pictures of providers come as data of the API's answers. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}
const HSTS = { 'Strict-Transport-Security': 'max-age=31536000' }

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.css': 'text/css;charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain;charset=utf-8',
}
