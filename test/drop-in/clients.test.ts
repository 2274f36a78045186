// A client that is content with everything proves nothing. Before they are let loose on the doors, the clients show that
// they reproduce the documents' own examples, and that they notice when an answer is not as its document promises.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../program.ts'
import { openssl } from './openssl.ts'
import { type ClientName, type ClientRun, runClient, startReceiver } from './python.ts'

const TEST_KEY = fileURLToPath(
  new URL('../../src/protocols/payneteasy/vectors/payneteasy-test-key.pem', import.meta.url),
)

test.each<[ClientName, readonly string[], number]>([
  ['paypro', [], 4],
  ['avanor', [], 2],
  ['payneteasy', ['--test-key', TEST_KEY], 6],
  ['proofapi', [], 3],
])('the %s client reproduces what its document prints', async (name, argv, proofs) => {
  const { code, printed, problem } = await runClient(name, {}, ['self-test', ...argv])
  expect({ code, problem }).toEqual({ code: 0, problem: '' })
  expect(printed).toEqual({ self_test: name, proofs: expect.any(Array) })
  expect(printed?.proofs).toHaveLength(proofs)
})

// ---- a provider that answers what a test tells it to ---------------------------------------------------------------

interface Said {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

let said: Said
let asked = ''
const server = createServer((request, response) => {
  asked = ''
  request.setEncoding('utf8').on('data', (chunk: string) => {
    asked += chunk
  })
  request.once('end', () => answer(response))
})
let url: string
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  // A server that listens on a port has an address of this shape.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

function answer(response: ServerResponse): void {
  response.writeHead(said.status, { 'Content-Length': `${Buffer.byteLength(said.body)}`, ...said.headers })
  response.end(said.body)
}

const JSON_TYPE = { 'Content-Type': 'application/json;charset=utf-8' }
const FORM_TYPE = {
  'Content-Type': 'text/html;charset=utf-8',
  'Content-Language': 'en-US',
  Connection: 'close',
  'X-Content-Type-Options': 'nosniff',
  'Strict-Transport-Security': 'max-age=31536000',
}
const PAYPRO_OK =
  '{"msg":"success","code":"0000","timestamp":1729947461317,"success":true,' +
  '"data":{"platFormTradeNo":"8rlfud1oh1ruceq7","status":"0015","desc":"processing","remark":"test"}}'
const AVANOR_OK =
  '{"data":{"bank_transaction_id":"","error_code":0,"id":123,"payee_receive":150,"ps_currency":840,"rrn":"",' +
  '"shop_currency":840,"shop_payment_id":"5b0efa8a","shop_write_off":160.5,"status":5},' +
  '"error_code":0,"message":"Ok","result":true}'
const AVANOR_ERROR = '{"data":null,"error_code":11,"message":"Shop not found","result":false}'
const PNE_OK =
  'type=async-response\n&serial-number=00000000-0000-0000-0000-000002e2c322\n&merchant-order-id=3\n' +
  '&paynet-order-id=900258\n&end-point-id=39915\n'
const PNE_DENIED =
  '<!DOCTYPE html>\n<html>\n<head><title>403</title></head>\n<body><p>Access is denied</p></body>\n</html>\n'
const PROOF_OK =
  '{"status":"success","order_id":"ORDER_123456","transaction_status":"Approved","proof_images":' +
  '["data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="]}'

test('the paypro client takes the answer of its document, and no other', async () => {
  const call = () =>
    runClient('paypro', { 'base-url': url, 'merchant-no': '1000000001', secret: 'sandbox-paypro-secret' }, [
      ...['payout', '--trade-no', 'test_00000001', '--amount', '300', '--wallet-id', '01123456789'],
      ...['--way-code', 'EWALLET_BKASH', '--notify-url', 'https://google.com', '--remark', 'test'],
    ])
  const taken = await tells(call, { status: 200, headers: JSON_TYPE, body: PAYPRO_OK })
  expect(taken).toMatchObject({ code: 0, printed: { code: '0000', success: true, body_bytes: 170 } })
  expect(Object.keys(JSON.parse(asked))).toEqual([
    ...['sign', 'timestamp', 'tradeNo', 'amount', 'notifyUrl', 'wayCode', 'walletId', 'remark'],
  ])
  await refuses(call, JSON_TYPE, [
    [PAYPRO_OK.replace('true', '"true"'), 'success is no boolean'],
    [PAYPRO_OK.replace('1729947461317', '"1729947461317"'), 'timestamp is no number'],
    [PAYPRO_OK.replace('platFormTradeNo', 'platformTradeNo'), 'data has the members'],
    [
      PAYPRO_OK.replace('"msg":"success","code":"0000"', '"code":"0000","msg":"success"'),
      'answer has the members',
    ],
    [PAYPRO_OK.replace('"0015"', '15'), 'data.status is no text'],
    [PAYPRO_OK.replace(',"remark":"test"', ''), 'data has the members'],
    [PAYPRO_OK.replaceAll(',', ', '), 'not compact'],
    [PAYPRO_OK.replace('"code":"0000"', '"code":"990005"'), 'contradict'],
  ])
})

test('the avanor client takes the envelope of its document, and no other', async () => {
  const call = () =>
    runClient('avanor', { 'base-url': url, 'shop-id': '202203', secret: 'account-secret-key' }, [
      ...['status', '--withdraw-id', '123'],
    ])
  const taken = await tells(call, { status: 200, headers: JSON_TYPE, body: AVANOR_OK })
  expect(taken).toMatchObject({
    code: 0,
    printed: { result: true, data: { id: '123', shop_write_off: '160.5' } },
  })
  expect(JSON.parse(asked)).toMatchObject({ shop_id: 202203, withdraw_id: 123 })
  const refused = await tells(call, { status: 200, headers: JSON_TYPE, body: AVANOR_ERROR })
  expect(refused).toMatchObject({ code: 0, printed: { result: false, error_code: '11' } })
  await refuses(call, JSON_TYPE, [
    [AVANOR_OK.replace('"Ok"', '"OK"'), "says 'OK'"],
    [AVANOR_OK.replace('"error_code":0,"message"', '"error_code":1,"message"'), 'error_code 1'],
    [AVANOR_OK.replace('"result":true', '"result":"true"'), 'result is no boolean'],
    [AVANOR_OK.replace('160.5', '160.50'), 'no shortest number'],
    [AVANOR_OK.replace('"id":123', '"id":"123"'), 'data.id is no integer'],
    [AVANOR_OK.replace('"rrn":"",', ''), 'data has the members'],
    [AVANOR_ERROR.replace('null', '{}'), 'an error with data'],
    [AVANOR_ERROR.replace('11', '0'), 'error_code 0'],
    [AVANOR_OK.replace('{"data":', '{"error_code":0,"data":'), 'came twice'],
  ])
})

test('the payneteasy client takes the bytes of its document, and no others', async () => {
  const place = { 'base-url': url, login: 'test-merchant', 'consumer-key': 'TestMerchant', key: TEST_KEY }
  const call = () =>
    runClient('payneteasy', { ...place, endpoint: '39915' }, [
      ...['payout-pay', '--client-orderid', '3', '--orderid', '900258'],
    ])
  const taken = await tells(call, { status: 200, headers: FORM_TYPE, body: PNE_OK })
  expect(taken).toMatchObject({ code: 0, printed: { type: 'async-response', body_bytes: 137 } })
  expect(asked).toBe('client_orderid=3&login=test-merchant&orderid=900258')
  expect(
    await tells(call, { status: 403, headers: { 'Content-Type': 'text/html' }, body: PNE_DENIED }),
  ).toMatchObject({ code: 0, printed: { http_status: 403, denied: true } })
  await refuses(call, FORM_TYPE, [
    [PNE_OK.slice(0, -1), 'no LF'],
    [PNE_OK.replaceAll('\n', ''), 'no LF'],
    [PNE_OK.replaceAll('\n', '\r\n'), 'not form-encoded'],
    [PNE_OK.replace('order-id=3', 'order-id=4'), 'another merchant-order-id'],
    [PNE_OK.replace('900258', '900259'), 'another paynet-order-id'],
    [PNE_OK.replace('&end-point-id=39915\n', ''), 'fields'],
    [PNE_OK.replace('async-response', 'status-response'), 'type'],
    [PNE_OK.replace('000002e2c322', '2E2C322'), 'no serial-number'],
    [PNE_DENIED, 'no LF'],
  ])
  await refuses(call, { ...FORM_TYPE, 'Content-Type': 'text/html; charset=utf-8' }, [
    [PNE_OK, 'Content-Type'],
  ])
  await refuses(call, { ...FORM_TYPE, Connection: 'keep-alive' }, [[PNE_OK, 'Connection']])
})

test('the proofapi client takes the answers of its document, and no others', async () => {
  const place = { 'api-key': 'sandbox-proof-api-key', pid: 'PID001', secret: 'sandbox-proof-secret' }
  const call = () =>
    runClient('proofapi', { 'base-url': url, ...place }, ['get', '--order-id', 'ORDER_123456'])
  const taken = await tells(call, { status: 200, headers: JSON_TYPE, body: PROOF_OK })
  expect(taken).toMatchObject({ code: 0, printed: { proof_images: [{ type: 'image/png', bytes: 70 }] } })
  expect(JSON.parse(asked)).toEqual({
    pid: 'PID001',
    order_id: 'ORDER_123456',
    signature: 'b98affccd04167914ae597102c522c04887036f977fd48f7e68e61f7009d856d',
  })
  const error = '{"status":"error","message":"Invalid user"}'
  expect(await tells(call, { status: 200, headers: JSON_TYPE, body: error })).toMatchObject({ code: 0 })
  expect(await tells(call, { status: 401, headers: JSON_TYPE, body: error })).toMatchObject({ code: 1 })
  await refuses(call, JSON_TYPE, [
    [PROOF_OK.replace('image/png', 'image/jpeg'), 'not of the type'],
    [PROOF_OK.replace('image/png', 'image/svg+xml'), 'no data URI'],
    [PROOF_OK.replace('ORDER_123456', 'ORDER_123457'), 'another order'],
    [PROOF_OK.replaceAll('/', '\\/'), 'not compact'],
    [PROOF_OK.replace(/\[.*\]/, '""'), 'no array'],
    ['{"status":"error","message":"Something else"}', 'Something else'],
  ])
})

test('the receiver takes the callbacks of the documents by their signatures, and no forged ones', async () => {
  await using receiver = await startReceiver([
    ...['--paypro-secret', 'sandbox-paypro-secret', '--merchant-control', 'sandbox-merchant-control'],
  ])
  // The worked control: approved, 900258, 3. The sign is openssl's of the fields in their order and the secret.
  const query = 'status=approved&merchant_order=3&client_orderid=3&orderid=900258&type=payout&amount=100.00'
  const control = 'f37af14345764670dd52c91a6dd860311ec06895'
  const told = {
    status: '0000',
    platFormTradeNo: '8rlfud1oh1ruceq7',
    tradeNo: 'test_00000001',
    amount: '300',
  }
  const timestamp = '1729947461317'
  await using tool = await openssl()
  const [sign = ''] = await tool.digests('md5', [
    `amount=300platFormTradeNo=${told.platFormTradeNo}status=0000timestamp=${timestamp}tradeNo=test_00000001` +
      'sandbox-paypro-secret',
  ])
  const statuses = []
  for (const what of [
    `${query}&control=${control}`,
    `${query.replace('approved', 'declined')}&control=${control}`,
    query,
  ])
    statuses.push((await fetch(`${receiver.url}/callback?${what}`)).status)
  for (const what of [
    { ...told, timestamp, sign },
    { ...told, timestamp, sign, amount: '301' },
    { ...told, timestamp },
  ])
    statuses.push((await fetch(receiver.url, { method: 'POST', body: JSON.stringify(what) })).status)
  expect(statuses).toEqual([200, 400, 400, 200, 400, 400])
  // Its lines come through a pipe, behind its answers.
  const calls = await eventually(
    'six lines',
    () => receiver.calls(),
    all => all.length === 6,
  )
  expect(calls.map(({ valid }) => valid)).toEqual([true, false, false, true, false, false])
})

async function tells(call: () => Promise<ClientRun>, what: Said): Promise<ClientRun> {
  said = what
  return call()
}

/** Each of these bodies under HTTP 200 ends the client with 1 and a sentence that says what was broken. */
async function refuses(
  call: () => Promise<ClientRun>,
  headers: Said['headers'],
  spoilt: readonly (readonly [body: string, why: string])[],
): Promise<void> {
  for (const [body, why] of spoilt) {
    const run = await tells(call, { status: 200, headers, body })
    expect(run, body).toMatchObject({ code: 1, problem: expect.stringMatching(`broken promise: .*${why}`) })
  }
}
