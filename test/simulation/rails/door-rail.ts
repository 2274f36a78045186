// A provider of one of the four protocols: its real door on the simulator's lying rail, as rail-server.ts composes them,
// without sockets.
import { readFileSync } from 'node:fs'
import type { Clock } from '../../../src/lib/clock.ts'
import type { Log } from '../../../src/lib/log.ts'
import type { Random } from '../../../src/lib/random.ts'
import type {
  DoorCredential,
  Protocol,
  SandboxKeys,
  WireAnswer,
  WireRequest,
} from '../../../src/protocols/protocol.ts'
import { protocolNamed } from '../../../src/protocols/registry.ts'
import type { RailEntry } from '../../../src/simulator/books.ts'
import { type Callbacks, createCallbacks } from '../../../src/simulator/callbacks.ts'
import { railCredentials, railProtocols } from '../../../src/simulator/credentials.ts'
import type { LineFaultName } from '../../../src/simulator/line-faults.ts'
import { createRail } from '../../../src/simulator/rail.ts'
import { serveDoor } from '../network/door-station.ts'
import type { Station } from '../network/network.ts'
import type { Truth } from './truth.ts'

export interface DoorRailNeeds {
  readonly account: string
  readonly protocol: string
  readonly host: string
  readonly settings: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly truth: Truth
  /** The behaviour of the next order, by its name in magic.ts. */
  drawBehaviour(): string
  /** A callback goes out to us. */
  exchange(request: WireRequest, timeoutMs: number): Promise<WireAnswer | null>
}

const KEYS: SandboxKeys = readKeys()

/** What the provider account of this protocol has to be told, so that its connector fits the door. */
export function doorSettings(protocol: string): Readonly<Record<string, string>> {
  return protocolNamed(protocol)?.sandbox?.rail.accountSettings(KEYS) ?? {}
}

export function doorCredentials(protocol: Protocol): readonly DoorCredential[] {
  return railCredentials(protocol, KEYS)
}

export interface DoorRail extends Station {
  readonly callbacks: Pick<Callbacks, 'waiting'>
}

export function createDoorRail(needs: DoorRailNeeds): DoorRail {
  const { clock, log, random, truth, account } = needs
  const protocols = railProtocols(needs.protocol)
  let meeting: ((fault: LineFaultName) => void) | null = null
  let requests = 0

  const callbacks = createCallbacks({
    noticesOf: name => protocols.find(protocol => protocol.name === name)?.door?.notices ?? null,
    clock,
    log,
    exchange: needs.exchange,
  })
  const rail = createRail({
    clock,
    random,
    credentials: protocols.flatMap(doorCredentials),
    tell: callbacks.tell,
    drawBehaviour: needs.drawBehaviour,
    // A rail decides while the request that it answers is the only one under way.
    meetLine: fault => meeting?.(fault),
    keep: entry => truth.update(transferOf(entry, account, needs.settings, clock.now())),
  })
  const doors = protocols.flatMap(({ door }) => (door === null ? [] : [door]))
  const side = {
    ...{ doors, desk: rail.desk, url: `http://${needs.host}`, nowMs: () => clock.now() },
    requestId: () => {
      requests += 1
      return `${account}-${requests}`
    },
  }
  return {
    callbacks,
    serve(request, meet) {
      meeting = meet
      return serveDoor(request, side)
    },
  }
}

function transferOf(
  { order }: RailEntry,
  account: string,
  settings: Readonly<Record<string, string>>,
  atMs: number,
) {
  const { reference, state, timesAccepted, timesPaid, behaviour, amount } = order
  const hides = ['never_found', 'forgotten', 'other_amount', 'callback_only', 'hidden_for_a_while']
  return {
    ...{ account, reference, state, minor: amount.minor, timesAccepted, timesPaid, atMs, behaviour },
    breaksContract: breaks(behaviour, settings),
    canBeAsked:
      settings.query !== 'off' && !hides.includes(behaviour) && behaviour !== 'callback_contradicts',
  }
}

/** All three protocols that pay declare their failures as final; a callback that decides must not lie. */
export function breaks(behaviour: string, settings: Readonly<Record<string, string>>): boolean {
  if (behaviour === 'failed_then_paid') return true
  return behaviour === 'callback_contradicts' && settings.query === 'off'
}

/** The document's own test pair: one fixed key, so that a history spends no time on making one. */
function readKeys(): SandboxKeys {
  const at = (file: string): string =>
    readFileSync(new URL(`../../../src/protocols/payneteasy/vectors/${file}`, import.meta.url), 'utf8')
  return {
    privateKey: at('payneteasy-test-key.pem'),
    publicKey: at('payneteasy-test-key.pub.pem'),
  }
}
