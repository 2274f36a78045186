import { scryptSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createPasswords, PASSWORD_COST, PasswordsBusy } from './password.ts'
import { systemRandom } from './random.ts'

const cheap = { log2N: 4, r: 8, p: 1 }
const passwords = createPasswords(systemRandom, cheap)
const kept = (stored: string | null) => async () => ({ stored })

test('a password is kept with its parameters and a salt of its own, and only the same one matches it', async () => {
  const one = await passwords.hash('seven green bicycles')
  const other = await passwords.hash('seven green bicycles')
  expect(one).toMatch(/^scrypt\$4\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  expect(one).not.toBe(other)
  expect(await passwords.matches('seven green bicycles', kept(one))).toBe(true)
  for (const wrong of ['seven green bicycle', 'Seven green bicycles', ' seven green bicycles', ''])
    expect(await passwords.matches(wrong, kept(one))).toBe(false)
  expect(await passwords.matches('seven green bicycles', kept(null))).toBe(false)
  expect(await passwords.matches('seven green bicycles', kept('scrypt$4$8$1$x$y'))).toBe(false)
  expect(await passwords.matches('seven green bicycles', async () => null)).toBe(false)
})

test('the hash is that of RFC 7914, and the parameters are those that were decided', async () => {
  const stored = await passwords.hash('pleaseletmein')
  const [, , , , salt = '', hash] = stored.split('$')
  const bytes = scryptSync('pleaseletmein', Buffer.from(salt, 'base64url'), 32, { N: 16, r: 8, p: 1 })
  expect(hash).toBe(bytes.toString('base64url'))
  // SECURITY.md section 4.
  expect(PASSWORD_COST).toEqual({ log2N: 17, r: 8, p: 1 })
})

test('a stored password is judged by its own parameters, and the dear ones are worked', async () => {
  const dear = createPasswords(systemRandom)
  const stored = await dear.hash('seven green bicycles')
  expect(stored).toMatch(/^scrypt\$17\$8\$1\$/)
  expect(await passwords.matches('seven green bicycles', kept(stored))).toBe(true)
})

test('the same letters composed in another way are the same password', async () => {
  const stored = await passwords.hash('crème brûlée'.normalize('NFC'))
  expect(await passwords.matches('crème brûlée'.normalize('NFD'), kept(stored))).toBe(true)
})

test('two are looked at at once, a few wait, and whoever comes behind them is told', async () => {
  const gate = Promise.withResolvers<void>()
  let asked = 0
  const slow = async () => {
    asked += 1
    await gate.promise
    return null
  }
  const all = Array.from({ length: 18 }, () => passwords.matches('x', slow))
  await expect(passwords.matches('x', slow)).rejects.toBeInstanceOf(PasswordsBusy)
  expect(asked).toBe(2)
  gate.resolve()
  await Promise.all(all)
  expect(asked).toBe(18)
  // And afterwards there is room again.
  expect(await passwords.matches('x', async () => null)).toBe(false)
})
