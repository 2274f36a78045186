// A lean simulated provider as a process of its own: it speaks PayPro over real HTTP, pays each order once, calls back
// over kept connections, answers inquiries from its own books, and does as little else as it can. The product's own
// simulator (src/simulator) is the real door with its checks and faults, and would be what is measured here.
//
// It believes nobody: every signature is checked, and an order that comes a second time is counted, never paid.
import { createHash } from 'node:crypto'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PROVIDER } from './merchant.ts'
import type { ProviderBooks, ProviderPlan } from './provider-plan.ts'
import { planOf, serveLines, tell } from './spawned.ts'

interface Paid {
  readonly id: string
  readonly amount: string
}

const CALLBACKS_AT_ONCE = 64
const TRIES_MAX = 20

const plan = await planOf<ProviderPlan>()
const books = new Map<string, Paid>()
const counts = { creates: 0, twice: 0, inquiries: 0, callbacks: 0, callbacksRefused: 0, wrong: 0 }
const agent = new Agent({ keepAlive: true, maxSockets: CALLBACKS_AT_ONCE })

const server = createServer((incoming, answer) => {
  const chunks: Buffer[] = []
  incoming.on('data', chunk => chunks.push(chunk))
  incoming.on('end', () => serve(incoming, Buffer.concat(chunks).toString('utf8'), answer))
})
server.keepAliveTimeout = 60_000
server.listen(plan.port, '127.0.0.1', () =>
  tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)

function serve(incoming: IncomingMessage, text: string, answer: ServerResponse): void {
  const fields = JSON.parse(text) as Record<string, string>
  const { sign = '', tradeNo = '', amount = '', notifyUrl = '' } = fields
  if (sign !== signed(fields)) {
    counts.wrong += 1
    write(answer, '990005', { status: '990005', desc: 'sign error' })
    return
  }
  const known = books.get(tradeNo)
  if (incoming.url?.endsWith('/queryPayOutResult') === true) {
    counts.inquiries += 1
    if (known === undefined) write(answer, '990008', { tradeNo })
    else write(answer, '0000', { platFormTradeNo: known.id, tradeNo, amount: known.amount, status: '0000' })
    return
  }
  counts.creates += 1
  if (known !== undefined) {
    counts.twice += 1
    write(answer, '990007', { status: '990007', desc: 'tradeNo already used' })
    return
  }
  const paid = { id: `P${books.size + 1}`, amount }
  books.set(tradeNo, paid)
  write(answer, '0000', { platFormTradeNo: paid.id, status: '0015' })
  if (plan.callsBack) setTimeout(() => callBack(notifyUrl, tradeNo, paid, 1), plan.paysAfterMs)
}

function write(answer: ServerResponse, code: string, data: Readonly<Record<string, string>>): void {
  const body = JSON.stringify({
    ...{ msg: 'success', code, timestamp: Date.now() },
    ...{ success: code === '0000', data },
  })
  answer.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  answer.end(body)
}

function callBack(url: string, tradeNo: string, paid: Paid, tries: number): void {
  const fields = { status: '0000', platFormTradeNo: paid.id, tradeNo, amount: paid.amount }
  const body = JSON.stringify({ ...fields, sign: signed(fields) })
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const again = () => {
    counts.callbacksRefused += 1
    if (tries < TRIES_MAX) setTimeout(() => callBack(url, tradeNo, paid, tries + 1), 100 * tries)
  }
  const call = request(url, { method: 'POST', headers, agent }, answer => {
    answer.resume()
    if (answer.statusCode === 200) counts.callbacks += 1
    else again()
  })
  call.on('error', again)
  call.end(body)
}

/** Over every field but the signature that is not empty, by name in the order of code units. */
function signed(fields: Readonly<Record<string, string>>): string {
  const names = Object.keys(fields).sort()
  const text = names
    .map(name => (name === 'sign' || fields[name] === '' ? '' : `${name}=${fields[name]}`))
    .join('')
  return createHash('md5')
    .update(text + PROVIDER.secret)
    .digest('hex')
}

await serveLines(
  () => ({ orders: books.size, ...counts }) satisfies ProviderBooks,
  async () => {
    server.closeAllConnections()
    agent.destroy()
  },
)
