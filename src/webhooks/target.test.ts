import { expect, test } from 'vitest'
import { judgeTarget, mayReachAddress } from './target.ts'

const RULES = { allowLoopback: false }
const DEMO = { allowLoopback: true }

test.each([
  'https://merchant.example.com/notify',
  'http://merchant.example.com:8080/notify?a=1',
  'https://93.184.216.34/n',
  'https://[2606:2800:220:1:248:1893:25c8:1946]/n',
])('%s may be called', url => {
  expect(judgeTarget(url, RULES).ok).toBe(true)
})

test.each([
  'ftp://merchant.example.com/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://user@merchant.example.com/',
  'https://user:pass@merchant.example.com/',
  'https://merchant.example.com/#fragment',
  'https://merchant.example.com/\\evil',
  'https://merchant.example.com/a b',
  'https://merchant.example.com/\n',
  'https://merchant.example.com:22/',
  'https://merchant.example.com:5432/',
  'merchant.example.com',
  '',
  'https://',
  `https://merchant.example.com/${'a'.repeat(1024)}`,
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://127.0.0.1./',
  'http://localhost/',
  'http://api.localhost/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://0.0.0.0/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://169.254.169.254/latest/meta-data',
  'http://100.64.0.1/',
  'http://192.0.2.1/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://[fe80::1]/',
  'http://[fc00::1]/',
  'http://[ff02::1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001::1]/',
  'http://[::]/',
  'http://[::7f00:1]/',
  'http://[::ffff:93.184.216.34]/',
  'http://[::ffff:0:7f00:1]/',
  'http://[64:ff9b:1::1]/',
  'http://[fec0::1]/',
  'http://[4000::1]/',
  'http://[2001:db8::1]/',
  'http://192.0.0.8/',
  'http://0.1.2.3/',
  'https://@merchant.example.com/',
  'https:user@merchant.example.com/',
])('%s is refused', url => {
  expect(judgeTarget(url, RULES).ok).toBe(false)
})

test('a refusal never repeats the address', () => {
  const verdict = judgeTarget('http://10.11.12.13/secret-path', RULES)
  expect(JSON.stringify(verdict)).not.toMatch(/10\.11|secret-path/)
})

test('this machine may be called where it is allowed, on any port, and no other private address', () => {
  for (const url of ['http://127.0.0.1:41234/', 'http://localhost:41234/', 'http://[::1]:41234/'])
    expect(judgeTarget(url, DEMO).ok).toBe(true)
  for (const url of ['http://10.0.0.1/', 'http://169.254.169.254/', 'http://merchant.example.com:41234/'])
    expect(judgeTarget(url, DEMO).ok).toBe(false)
})

test.each([
  ['93.184.216.34', true],
  ['2606:2800:220:1:248:1893:25c8:1946', true],
  ['127.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['169.254.169.254', false],
  ['fe80::1%eth0', false],
  ['not an address', false],
])('connecting to %s: %s', (address, allowed) => {
  expect(mayReachAddress(address, RULES)).toBe(allowed)
})
