// Marked secrets, wallets and names go through everything that the program does, with the log at its loudest: none of
// them may stand in what any process writes, in what a stranger is answered, or in clear in the database.
import { expect, test } from 'vitest'
import { statesNow } from '../books.ts'
import { type Answer, createDoor, createNative, doorSign, readNative } from '../client.ts'
import { API_KEY, DOOR, type House, MASTER_KEY, openHouse, startServer } from '../house.ts'
import { openLine } from '../line.ts'
import { eventually } from '../program.ts'
import { railSettings, startRail } from '../rail.ts'

/** Wallets that stand nowhere else, in each form a client may write. */
const WALLETS = ['01799135791', '+8801799246802', '8801799357913', '01799468024', '01799579135']
const HOLDER = 'Zubaida Markedname'
const IBAN = 'DE44500105175407324931'
const REMARK = 'for Anwara Markedremark'

test('no secret, signature, wallet, account or name stands in any log, nor in clear in the database', {
  timeout: 90_000,
}, async () => {
  await using rail = await startRail()
  await using house = await openHouse({ railUrl: rail.url, settings: { timeout_total_ms: '1000' } })
  await using line = await openLine(house.databaseUrl)
  await using server = await startServer(house, { databaseUrl: line.url, logLevel: 'trace' })
  const answers: Answer[] = []
  const signs: string[] = []
  const native = async (reference: string, wallet = WALLETS[0]): Promise<void> => {
    answers.push(await createNative(server.url, { reference, wallet: wallet ?? '', description: REMARK }))
  }
  const door = async (tradeNo: string, walletId = WALLETS[0] ?? ''): Promise<void> => {
    const order = { tradeNo, walletId, remark: REMARK }
    answers.push(await createDoor(server.url, order, DOOR, sign => signs.push(sign)))
  }

  // What goes well, and what a client does wrong.
  for (const [place, wallet] of WALLETS.entries()) {
    await native(`native-${place}`, wallet)
    await door(`door-${place}`, wallet)
  }
  answers.push(await bankAccount(server.url))
  answers.push(...(await strangers(server.url)))
  // Everything that a provider and its line do; the request that carries the wallet and the signature is what breaks.
  for (const name of FAULTS) await rail.fault({ name, count: 1 })
  for (const name of FAULTS) await native(`fault-${name}`)
  const isQuiet = ({ queued = 0, sending = 0 }: Record<string, number>): boolean => queued + sending === 0
  await eventually('none waits and none is being sent', () => statesNow(house), isQuiet)
  expect((await rail.faults()).filter(({ count }) => count !== 0)).toEqual([])
  // The database away while there is something to record.
  await line.cut()
  await native('no-database')
  await door('no-database-door')
  await line.open()
  await eventually(
    'it is back',
    () => fetch(`${server.url}/health/ready`),
    ({ status }) => status === 200,
  )
  // A provider that is gone.
  rail.program.signal('SIGTERM')
  await rail.program.ended
  await native('no-provider')
  await eventually(
    'it waits',
    () => statesNow(house),
    ({ queued = 0 }) => queued > 0,
  )
  server.program.signal('SIGTERM')
  await server.program.ended

  const logs = [server.program, rail.program].map(({ out, problems }) => out() + problems())
  // It was loud, and it told of what went wrong.
  expect(logs[0]).toMatch(/"level":"debug".*"answered"/)
  expect(logs[0]).toMatch(/"alarm"/)
  expect(logs[0]).toMatch(/could not be served now/)
  for (const [what, secret] of secrets(house, signs)) {
    for (const log of logs)
      expect(log.includes(secret), `${what} in a log: ${lineOf(log, secret)}`).toBe(false)
    // A description is the merchant's own text, kept and given back as it came.
    if (what === 'a description') continue
    const given = answers.find(({ text }) => text.includes(secret))
    expect(given?.text, `${what} in an answer`).toBeUndefined()
    expect(await tablesWith(house, secret), `${what} in clear`).toEqual([])
  }
  // The same eyes find what may stand there.
  expect(await tablesWith(house, REMARK)).toContain('payout')
  expect(await tablesWith(house, 'native-0')).toContain('payout')
  // A digest that nobody has marked is a signature or a code all the same.
  for (const log of logs)
    expect(log).not.toMatch(/(?<![0-9A-Za-z])[0-9a-f]{32}(?:[0-9a-f]{32})?(?![0-9A-Za-z])/)
})

const FAULTS = [
  ...['refused', 'failed_at_once', 'no_response', 'called_duplicate', 'other_amount', 'callback_forged'],
  ...['callback_contradicts', 'answer_lost', 'answer_reset', 'answer_half', 'answer_garbage', 'answer_empty'],
  ...['answer_server_error', 'answer_client_error', 'answer_redirected', 'request_doubled', 'answer_held'],
]

/** With what it is, for the message. */
function secrets(house: House, signs: readonly string[]): readonly (readonly [string, string])[] {
  const password = new URL(house.databaseUrl).password
  return [
    ...WALLETS.map(wallet => ['a wallet', wallet] as const),
    // The same ones without their country code.
    ...WALLETS.map(wallet => ['a wallet', wallet.slice(-10)] as const),
    ['an account', IBAN],
    ['a name', HOLDER],
    ['a description', REMARK],
    ['the API key', API_KEY.slice('qk_live_system_'.length)],
    ["the door's secret", DOOR.secret],
    ["the provider's secret", railSettings().secret ?? ''],
    ['the master key', MASTER_KEY.slice(MASTER_KEY.indexOf(':') + 1)],
    ['the secret of callbacks', 'callbacks-of-the-system-tests'],
    ...(password === '' ? [] : [["the database's password", password] as const]),
    ...signs.map(sign => ['a signature', sign] as const),
  ]
}

/** A beneficiary with a name, whom this provider cannot pay: a person has to look, and an alarm is raised. */
async function bankAccount(url: string): Promise<Answer> {
  const answer = await post(
    `${url}/v1/payouts`,
    { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'bank' },
    {
      reference: 'bank',
      amount: '12.00',
      currency: 'BDT',
      beneficiary: { kind: 'bank_account', account: IBAN, bank: null, holder: HOLDER },
      description: REMARK,
    },
  )
  expect(answer.status).toBe(201)
  await eventually(
    'a person has to look at it',
    () => readNative<{ state: string }>(url, `/payouts/${(JSON.parse(answer.text) as { id: string }).id}`),
    ({ state }) => state === 'waiting',
  )
  return answer
}

/** Requests that are refused, each with a secret or a wallet where it does not belong. */
async function strangers(url: string): Promise<readonly Answer[]> {
  const [wallet = ''] = WALLETS
  const fields = { timestamp: '1', tradeNo: 'bad', amount: '1', walletId: wallet, wayCode: 'EWALLET_BKASH' }
  const merchantNo = DOOR.merchantNo
  return [
    await post(`${url}/v1/payouts?wallet=${wallet}`, { authorization: `Bearer ${API_KEY}` }, { wallet }),
    await post(`${url}/v1/payouts`, { authorization: `Bearer ${API_KEY}x` }, { wallet }),
    await post(`${url}/v1/${wallet}/${DOOR.secret}`, {}, {}),
    await post(
      `${url}/v1/paypro/payout`,
      { merchantNo },
      { ...fields, sign: doorSign(fields, 'another secret') },
    ),
    await post(`${url}/v1/paypro/payout`, { merchantNo }, { ...fields, sign: doorSign(fields, DOOR.secret) }),
    await post(`${url}/v1/paypro/payout`, { merchantNo: DOOR.secret }, fields),
    await post(`${url}/callbacks/paypro/pa_system/m_system/${wallet}/1/${'0'.repeat(32)}`, {}, fields),
  ]
}

async function post(url: string, headers: Record<string, string>, body: unknown): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

/** Tables in which any row holds the text. */
async function tablesWith({ pool }: House, text: string): Promise<readonly string[]> {
  const tables = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const found: string[] = []
  for (const { name } of tables.rows) {
    const { rows } = await pool.query(
      `select from "${name}" t where position($1 in row_to_json(t)::text) > 0 limit 1`,
      [text],
    )
    if (rows.length > 0) found.push(name)
  }
  return found
}

function lineOf(log: string, secret: string): string {
  return log.split('\n').find(one => one.includes(secret)) ?? ''
}
