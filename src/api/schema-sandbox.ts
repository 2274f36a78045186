// What is taken and given where requests of the doors are tried by hand.
import { z } from 'zod'

const PROTOCOL = { description: "A protocol's name, such as the first part of its documents' file names." }

export const sandboxParams = z.strictObject({ protocol: z.string().meta(PROTOCOL) })

const texts = z.record(z.string(), z.string())

export const signBody = z
  .strictObject({
    call: z.string().optional().meta({ description: 'Left out: the call that people try first.' }),
    fields: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .optional()
      .meta({ description: 'Left out: a whole example. Numbers keep their digits.' }),
    id: z.string().max(512).optional().meta({ description: 'The client; left out: that of the sandbox.' }),
    secret: z.string().max(4096).optional(),
    settings: texts.optional().meta({
      description: 'Of the client, such as `salt_position`; a private key is PEM in `private_key`.',
    }),
    url: z.string().max(2048).optional().meta({ description: 'Left out: this installation.' }),
    path: z.string().max(2048).optional().meta({ description: 'Left out: the documented one.' }),
  })
  .meta({ id: 'SandboxSign', examples: [{ fields: { amount: '300', remark: 'test' } }] })

const request = z.strictObject({
  method: z.enum(['GET', 'POST']),
  url: z.string(),
  headers: texts,
  body: z.string().nullable(),
})

export const signedShown = z
  .strictObject({
    object: z.literal('signed_request'),
    protocol: z.string(),
    call: z.string(),
    canonical: z.string().meta({ description: 'The content as the protocol writes it for signing.' }),
    hashed: z.string().meta({ description: 'What is hashed or signed, with `<secret>` for the secret.' }),
    algorithm: z.string(),
    hex: z.string().meta({ description: 'The signature.' }),
    base64: z.string().meta({ description: 'The signature.' }),
    request,
    curl: z.string().meta({ description: 'The request as one command for a POSIX shell.' }),
    openssl: z
      .string()
      .nullable()
      .meta({ description: 'How the signature is made without us, where one command can.' }),
  })
  .meta({ id: 'SignedRequest' })
export type SignedShown = z.output<typeof signedShown>

export const explainBody = z
  .strictObject({
    request: z
      .strictObject({
        method: z.string().max(32).optional().meta({ description: 'Left out: POST.' }),
        path: z.string().max(8192),
        headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
        body: z.string().optional().meta({ description: 'As it was sent, byte by byte.' }),
      })
      .optional(),
    text: z.string().optional().meta({
      description: 'In the place of `request`: the text of HTTP, or the curl command that sent it.',
    }),
    at: z.iso.datetime().optional().meta({ description: 'When it came. Left out: now.' }),
    from: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'The address it came from. Left out: 127.0.0.1.' }),
  })
  .meta({
    id: 'SandboxExplain',
    examples: [
      { request: { path: '/v1/example', headers: { 'content-type': 'application/json' }, body: '{}' } },
    ],
  })

export const explanationShown = z
  .strictObject({
    object: z.literal('explanation'),
    protocol: z.string(),
    taken: z.boolean().meta({ description: 'Whether every check of the door holds.' }),
    checks: z
      .array(z.strictObject({ says: z.string(), ok: z.boolean(), why: z.string().nullable() }))
      .meta({ description: "In the door's order, up to the first that fails." }),
  })
  .meta({ id: 'Explanation' })
export type ExplanationShown = z.output<typeof explanationShown>
