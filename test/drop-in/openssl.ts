// openssl on the command line: the tool that recomputes what our own code also computes. Texts travel as files, so that
// one process does many and no shell ever sees them.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

export interface Openssl extends AsyncDisposable {
  /** Lowercase hex, one for each text, in their order. */
  digests(algorithm: 'md5' | 'sha1' | 'sha256', texts: readonly string[]): Promise<readonly string[]>
  hmacSha256(key: string, text: string): Promise<string>
  /** RSASSA-PKCS1-v1_5 over the text. */
  sign(algorithm: 'sha1' | 'sha256', privateKeyFile: string, text: string): Promise<Buffer>
  /** What openssl says of it; `pss` reads it as RSASSA-PSS. */
  verifies(
    publicKeyFile: string,
    signature: Uint8Array,
    text: string,
    padding?: 'pkcs1' | 'pss',
  ): Promise<boolean>
}

export async function openssl(): Promise<Openssl> {
  const folder = await mkdtemp(join(tmpdir(), 'openssl-'))
  let count = 0
  const keep = async (content: string | Uint8Array): Promise<string> => {
    count += 1
    const file = join(folder, `${count}`)
    await writeFile(file, content)
    return file
  }
  return {
    async digests(algorithm, texts) {
      if (texts.length === 0) return []
      const files = await Promise.all(texts.map(keep))
      const { stdout } = await run('openssl', ['dgst', `-${algorithm}`, '-r', ...files], {
        maxBuffer: OUTPUT_BYTES_MAX,
      })
      // One line for each file, in their order: `<hex> *<file>`.
      const lines = stdout.trim().split('\n')
      return files.map((file, place) => {
        const [hex = '', named = ''] = (lines[place] ?? '').split(' *')
        if (named !== file) throw new Error(`openssl did not answer for ${texts[place]}: ${lines[place]}`)
        return hex
      })
    },
    async hmacSha256(key, text) {
      const { stdout } = await run('openssl', ['dgst', '-sha256', '-hmac', key, '-r', await keep(text)])
      return stdout.split(' ')[0] ?? ''
    },
    async sign(algorithm, privateKeyFile, text) {
      const out = await keep('')
      const file = await keep(text)
      await run('openssl', ['dgst', `-${algorithm}`, '-sign', privateKeyFile, '-out', out, file])
      return readFile(out)
    },
    async verifies(publicKeyFile, signature, text, padding = 'pkcs1') {
      const padded =
        padding === 'pss' ? ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:auto'] : []
      const files = ['-signature', await keep(signature), await keep(text)]
      return run('openssl', ['dgst', '-sha256', '-verify', publicKeyFile, ...padded, ...files]).then(
        () => true,
        // It ends with 1 where it refuses. Anything else is a fault of ours.
        (problem: { code?: unknown; stdout?: unknown }) => {
          if (problem.code === 1 && `${problem.stdout}`.includes('Verification failure')) return false
          throw problem
        },
      )
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
