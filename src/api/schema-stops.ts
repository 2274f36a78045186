// What is stopped, as people see it, and what they are asked for to let it go on.
import { z } from 'zod'
import { SWITCH_SCOPES } from '../payout/stop.ts'
import { because } from './schema-people.ts'
import { amountText, currencyText } from './schema-request.ts'

const waiting = z
  .array(z.strictObject({ count: z.int().min(0), amount: amountText, currency: currencyText }))
  .meta({ description: 'Payouts by currency.' })

const accountText = z.string().regex(/^[a-z0-9_-]{1,40}$/, 'must be the id of a provider account')

export const switchReleaseGiven = z
  .strictObject({
    scope: z.enum(SWITCH_SCOPES),
    id: z
      .string()
      .max(200)
      .default('')
      .meta({ description: 'Which merchant, currency, rail or provider account; left out beside `global`.' }),
    because,
  })
  .meta({ id: 'SwitchReleaseGiven' })

export const safeModeReleaseGiven = z
  .strictObject({ provider_account: accountText, because })
  .meta({ id: 'SafeModeReleaseGiven' })

const switchShown = z
  .strictObject({
    scope: z.enum(SWITCH_SCOPES),
    id: z.string(),
    since: z.iso.datetime(),
    by: z.string(),
    why: z.string(),
    trip: z
      .string()
      .meta({ description: 'The number of its last trip: with another one it is another stop.' }),
    waiting,
  })
  .meta({ id: 'StoppedSwitch' })
export type SwitchShown = z.output<typeof switchShown>

const accountShown = z
  .strictObject({
    provider_account: z.string(),
    sign: z.enum(['system_identifier', 'timeline', 'position']),
    since: z.iso.datetime(),
    entry: z.string().meta({ description: 'Of which restore it is: after another one it is another stop.' }),
    hindrance: z
      .enum(['safe_mode_sweep_goes_on', 'safe_mode_needs_an_audit', 'safe_mode_needs_clean_books'])
      .nullable()
      .meta({ description: 'What stands against a release; null: two people may release it.' }),
    at_risk: waiting.meta({ description: 'Attempts without an end, by currency.' }),
    waiting,
    asked: z
      .strictObject({
        found: z.int(),
        not_found: z.int(),
        unaskable: z.int(),
        open: z.int(),
      })
      .meta({ description: 'References that were asked for after the restore.' }),
    phantoms: z.int().meta({ description: 'Payments of which this database knows nothing, at any account.' }),
  })
  .meta({ id: 'StoppedAccount' })
export type AccountShown = z.output<typeof accountShown>

export const stopsShown = z.strictObject({
  object: z.literal('stops'),
  switches: z.array(switchShown),
  safe_mode: z.array(accountShown),
})
