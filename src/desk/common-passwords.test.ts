import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { passwordProblem } from './common-passwords.ts'

test.each([
  'password1234',
  'Password2026!',
  'P@ssw0rd1234',
  'passwordpassword',
  'welcome12345',
  'Quittance2026!',
  'adminadminadmin',
  'iloveyou123456',
  'qwertyuiop123',
  '123456789012',
  'qwertyuiopas',
  'aaaaaaaaaaaa',
  'abcabcabcabc',
  'zyxwvutsrqponm',
  '1q2w3e4r5t6y',
  'correcthorsebatterystaple',
  'letmeinplease',
])('%s is refused: everybody tries it', password => {
  expect(passwordProblem(password)).toBe('This password is one that everybody tries.')
})

test.each([
  'seven green bicycles',
  'kQ9fzP2mVx7L',
  'blau ist der Himmel über uns',
  'пароль из многих слов',
  '🦊🦊🌲🌲🌙🌙🐟🐟🦉🦉🍄🍄🐝',
  'x'.repeat(5) + 'Zaunkönig!'.repeat(2),
])('%s is taken: any characters, in any mixture', password => {
  expect(passwordProblem(password)).toBeNull()
})

test('twelve to 128 characters, counted as people count them', () => {
  expect(passwordProblem('kQ9fzP2mVx7')).toMatch(/at least 12/)
  const long = 'kQ9 fzP2mVx7L'.repeat(10).slice(0, 128)
  expect(passwordProblem(`${long.slice(0, 100)}🦊 and more of it`)).toBeNull()
  expect(passwordProblem(`${long}!`)).toMatch(/at most 128/)
  expect(passwordProblem('seven green\u0000bicycles')).toMatch(/control/)
})

test('the longest password is judged at once', () => {
  const start = systemClock.monotonic()
  for (const piece of ['a', 'pass', 'ab1', 'p4', '!'])
    passwordProblem(`${piece.repeat(60).slice(0, 127)}ü`.slice(0, 128))
  expect(systemClock.monotonic() - start).toBeLessThan(1_000)
})
