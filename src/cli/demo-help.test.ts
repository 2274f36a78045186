import { expect, test } from 'vitest'
import { signLine } from './demo-help.ts'

test('the line that signs names the address and the folder where they are not the usual ones', () => {
  const usual = { url: 'http://127.0.0.1:8080', dataDir: '.quittance' }
  expect(signLine(usual.url, usual.dataDir)).toBe('npm run -s quittance -- sign paypro')
  expect(signLine('http://127.0.0.1:9000', usual.dataDir)).toBe(
    'npm run -s quittance -- sign paypro --url http://127.0.0.1:9000',
  )
  expect(signLine(usual.url, '/tmp/a demo')).toBe(
    "QUITTANCE_DATA_DIR='/tmp/a demo' npm run -s quittance -- sign paypro",
  )
})
