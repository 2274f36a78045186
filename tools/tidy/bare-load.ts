// Run as a process of its own: takes clock, chance, network and environment away, then loads each module named on the
// command line. A module that reaches for one of them while it loads is named on the standard output with what it did.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const modules = process.argv.slice(2)
const print = process.stdout.write.bind(process.stdout)

function refuse(what: string): () => never {
  return () => {
    throw new Error(`reached for ${what} while loading`)
  }
}

const RealDate = Date
class FrozenDate extends RealDate {
  constructor(...given: readonly [] | readonly [number | string]) {
    if (given.length === 0) refuse('new Date()')()
    super(given[0] ?? Number.NaN)
  }

  static override now = refuse('Date.now')
}

const taken: Record<string, unknown> = {
  Date: FrozenDate,
  fetch: refuse('fetch'),
  setTimeout: refuse('setTimeout'),
  setInterval: refuse('setInterval'),
  setImmediate: refuse('setImmediate'),
  performance: new Proxy({}, { get: refuse('performance') }),
  crypto: new Proxy({}, { get: refuse('crypto') }),
}
for (const [name, value] of Object.entries(taken)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}
Object.defineProperty(Math, 'random', { value: refuse('Math.random') })

// Node's own loader asks for a variable or two on its way; only a question from a module is refused.
const environment = process.env
const noEnvironment = refuse('process.env')
Object.defineProperty(process, 'env', {
  value: new Proxy(environment, {
    get: (_, name) => (askedByNode() ? Reflect.get(environment, name) : noEnvironment()),
    has: (_, name) => (askedByNode() ? Reflect.has(environment, name) : noEnvironment()),
    ownKeys: () => (askedByNode() ? Reflect.ownKeys(environment) : noEnvironment()),
  }),
})

for (const module of modules) {
  try {
    await import(pathToFileURL(resolve(module)).href)
  } catch (error) {
    print(`${module} ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

// Frames: this function, the trap, and then whoever asked.
function askedByNode(): boolean {
  const asking = new Error('stack').stack?.split('\n')[3] ?? ''
  return /[( ]node:/.test(asking)
}
