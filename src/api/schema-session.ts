// Signing in, as people ask for it and as they see it.
import { z } from 'zod'
import { ROLES } from '../payout/role.ts'

const time = z.iso.datetime()

/** Bounded far above what is taken, so that nothing is hashed that nobody can have meant. */
const secretGiven = z.string().min(1).max(512)

export const emailGiven = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}@[A-Za-z0-9.-]{1,189}$/, 'must be an address such as ada@example.com')
  .meta({ examples: ['ada@example.com'] })

const codeGiven = z
  .string()
  .regex(/^[0-9]{6}$/, 'must be six digits')
  .meta({ description: 'What the authenticator shows now. Each works once.', examples: ['123456'] })

export const signInGiven = z
  .strictObject({ email: emailGiven, password: secretGiven, code: codeGiven.optional() })
  .meta({ id: 'SignInGiven' })

export const passwordGiven = z
  .strictObject({
    link: secretGiven.meta({ description: 'The part of the sign-in link that is secret, `ql_…`.' }),
    password: secretGiven.meta({
      description: '12 to 128 characters of any kind, and none of those that everybody tries.',
    }),
    code: codeGiven,
  })
  .meta({ id: 'PasswordGiven' })

export const sessionShown = z
  .strictObject({
    object: z.literal('session'),
    person: z.strictObject({
      id: z.string(),
      name: z.string(),
      email: z.string(),
      grants: z.array(
        z.strictObject({
          merchant: z.string().nullable().meta({ description: 'Null: for every merchant.' }),
          role: z.enum(ROLES),
        }),
      ),
    }),
    livemode: z.boolean(),
    sandbox: z.boolean().meta({ description: 'Whether this is the demo.' }),
    token: z.string().meta({ description: 'Goes into the header Quittance-Token of every write.' }),
    expires_at: time.meta({ description: 'When it ends whatever happens; 30 quiet minutes end it before.' }),
  })
  .meta({ id: 'Session' })
export type SessionShown = z.output<typeof sessionShown>

export const passwordSetShown = z
  .strictObject({ object: z.literal('password'), person: z.string(), email: z.string() })
  .meta({ id: 'PasswordSet' })

export const sessionEndedShown = z
  .strictObject({ object: z.literal('session_ended') })
  .meta({ id: 'SessionEnded' })

export const ownCodeShown = z
  .strictObject({ object: z.literal('one_time_code'), code: z.string() })
  .meta({ id: 'OwnCode' })
