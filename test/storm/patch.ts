// Copies of files, changed in one place while they are loaded: the tree stays as it is.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface Patch {
  /** From the root of the package. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Must come before the files are loaded. @throws where a patch does not fit exactly once */
export function patchFiles(patches: readonly Patch[]): void {
  const texts = new Map<string, string>()
  for (const { file, from, to } of patches) {
    const url = new URL(`../../${file}`, import.meta.url)
    const text = texts.get(url.href) ?? readFileSync(fileURLToPath(url), 'utf8')
    if (text.split(from).length !== 2) throw new Error(`"${from}" is not in ${file} exactly once`)
    texts.set(
      url.href,
      text.replace(from, () => to),
    )
  }
  registerHooks({
    load(url, context, nextLoad) {
      const source = texts.get(url)
      if (source === undefined) return nextLoad(url, context)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}
