import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Unnoticed } from './summary.ts'

/**
 * Which of these mutants are no program: the compiler, as strict as `npm run check` has it, finds an error in the mutated file
 * itself. What would only break another file is let pass. One language service serves them all.
 */
export function refusedByCompiler(root: string, mutants: readonly Unnoticed[]): ReadonlySet<string> {
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  )
  const texts = new Map<string, string>()
  let version = 0
  const service = ts.createLanguageService({
    getCompilationSettings: () => config.options,
    getScriptFileNames: () => [...new Set(mutants.map(({ file }) => join(root, file)))],
    getScriptVersion: path => (texts.has(path) ? `mutant ${version}` : 'file'),
    getScriptSnapshot: path => {
      const text = texts.get(path) ?? (ts.sys.fileExists(path) ? readFileSync(path, 'utf8') : undefined)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  })
  const hasErrors = (path: string): boolean =>
    service.getSyntacticDiagnostics(path).length > 0 || service.getSemanticDiagnostics(path).length > 0

  const refused = new Set<string>()
  for (const { file, id, from, to, source, becomes } of mutants) {
    const path = join(root, file)
    // A file that does not compile as it stands would make every mutant of it look refused.
    if (hasErrors(path)) throw new Error(`${file} does not compile`)
    version += 1
    texts.set(path, `${source.slice(0, from)}${becomes}${source.slice(to)}`)
    if (hasErrors(path)) refused.add(id)
    texts.delete(path)
  }
  service.dispose()
  return refused
}
