// What is stopped, and what one person proposes to send again: `/v1/stops` and the releases of both kinds.
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import type { StoppedAccount, StoppedSwitch, Waiting } from '../store/people-store.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { readContent, refusedAnswer } from './people-content.ts'
import type { ApiProposalFound } from './people-needs.ts'
import { proposalResource } from './people-resource.ts'
import { proposed } from './proposals-propose.ts'
import { NOTHING } from './proposals-read.ts'
import { proposalShown } from './schema-people.ts'
import {
  type AccountShown,
  type SwitchShown,
  safeModeReleaseGiven,
  stopsShown,
  switchReleaseGiven,
} from './schema-stops.ts'

export function releases(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/stops',
      roles: ['viewer', 'approver', 'operator', 'admin'],
      body: 'unread',
      schema: documentation({
        operationId: 'listStops',
        summary: 'What is stopped, and what would go on',
        description:
          'The kill switches that are tripped and the provider accounts in safe mode, with what waits behind each and what stands against a release. Takes a role for every merchant.',
        tag: 'People',
        answer: { status: 200, description: 'All of it.', schema: stopsShown },
        problems: [404],
      }),
      run: call => listStops(call, needs),
    },
    {
      ...{ method: 'POST', path: '/v1/switch-releases', roles: ['operator', 'admin'], body: 'object' },
      schema: documentation({
        operationId: 'proposeSwitchRelease',
        summary: 'Propose to release a kill switch',
        description:
          'Nothing is sent before another person, an approver, has confirmed it. It is of the trip that was shown: where somebody trips the switch once more, it is void.',
        tag: 'People',
        body: switchReleaseGiven,
        answer: { status: 201, description: 'Proposed; another person confirms it.', schema: proposalShown },
        problems: [400, 404, 409, 413, 415],
      }),
      run: call => proposeSwitch(call, needs),
    },
    {
      ...{ method: 'POST', path: '/v1/safe-mode-releases', roles: ['operator', 'admin'], body: 'object' },
      schema: documentation({
        operationId: 'proposeSafeModeRelease',
        summary: 'Propose to let a provider account in safe mode send again',
        description:
          'Refused while the sweep goes on, and until the auditor has passed over everything and found it in order. Nothing is sent before another person, an approver, has confirmed it.',
        tag: 'People',
        body: safeModeReleaseGiven,
        answer: { status: 201, description: 'Proposed; another person confirms it.', schema: proposalShown },
        problems: [400, 404, 409, 413, 415],
      }),
      run: call => proposeSafeMode(call, needs),
    },
  ]
}

async function listStops({ by }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  if (people === undefined) return NOTHING
  const stops = await people.stops(by)
  if (stops.kind === 'refused') return refusedAnswer(stops)
  return found({
    object: 'stops',
    switches: stops.switches.map(switchResource),
    safe_mode: stops.accounts.map(accountResource),
  })
}

async function proposeSwitch({ by, body }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  if (people === undefined) return NOTHING
  const read = readContent(body, switchReleaseGiven)
  if (!read.ok) return refusal(read.problem)
  return answered(await people.proposeSwitchRelease(by, read.content))
}

async function proposeSafeMode({ by, body }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  if (people === undefined) return NOTHING
  const read = readContent(body, safeModeReleaseGiven)
  if (!read.ok) return refusal(read.problem)
  const { provider_account: providerAccountId, because } = read.content
  return answered(await people.proposeSafeModeRelease(by, { providerAccountId, because }))
}

function answered(answer: ApiProposalFound): ApiAnswer {
  return answer.kind === 'refused' ? refusedAnswer(answer) : proposed(proposalResource(answer.proposal))
}

function switchResource({ scope, id, sinceMs, by, why, trip, waiting }: StoppedSwitch): SwitchShown {
  return { scope, id, since: isoTime(sinceMs), by, why, trip, waiting: waiting.map(waitingResource) }
}

function accountResource(account: StoppedAccount): AccountShown {
  const { asked } = account
  return {
    provider_account: account.providerAccountId,
    sign: account.sign,
    since: isoTime(account.sinceMs),
    entry: account.entry,
    hindrance: account.hindrance,
    at_risk: account.atRisk.map(waitingResource),
    waiting: account.waiting.map(waitingResource),
    asked: {
      found: asked.found,
      not_found: asked.notFound,
      unaskable: asked.unaskable,
      open: asked.open,
    },
    phantoms: account.phantoms,
  }
}

function waitingResource({ count, amount }: Waiting) {
  return { count, amount: printDecimal(amount), currency: amount.currency }
}
