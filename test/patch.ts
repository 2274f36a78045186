// A file that is changed in one place: bugs are planted by it, and times shortened. The tree stays as it is.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface Patch {
  /** From the root of the repository. */
  readonly file: string
  /** Stands exactly once in the file: a patch that fits nowhere changes nothing, and that must be seen. */
  readonly from: string
  readonly to: string
}

/** The text of the patch's file with the change. @throws where the patch does not fit exactly once */
export function patchText(text: string, { file, from, to }: Patch): string {
  if (text.split(from).length !== 2) throw new Error(`"${from}" is not in ${file} exactly once`)
  return text.replace(from, () => to)
}

/**
 * From now on whoever loads the files in this process gets the copies. Must come before they are loaded.
 *
 * @throws where a patch does not fit exactly once
 */
export function patchFiles(patches: readonly Patch[]): void {
  const texts = new Map<string, string>()
  for (const patch of patches) {
    const url = new URL(`../${patch.file}`, import.meta.url)
    const text = texts.get(url.href) ?? readFileSync(fileURLToPath(url), 'utf8')
    texts.set(url.href, patchText(text, patch))
  }
  registerHooks({
    load(url, context, nextLoad) {
      const source = texts.get(url)
      if (source === undefined) return nextLoad(url, context)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}
