// The files themselves, on a real disk.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readOpen, readSealed, sealLine } from '../dispatch/journal.ts'
import { journalFolder } from './files.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'quittance-journal-')), 'journal')
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

test('a file is made once, for its owner alone, and only ever grows', async () => {
  const files = journalFolder(folder)
  const file = await files.create('1.journal')
  await expect(files.create('1.journal')).rejects.toThrow(/EEXIST/)
  await file.append('one\n')
  expect(await files.append('1.journal', 'by another\n')).toBe(true)
  await file.append('two\n')
  expect(await file.size()).toBe('one\nby another\ntwo\n'.length)
  expect(Buffer.from((await files.read('1.journal')) ?? []).toString()).toBe('one\nby another\ntwo\n')
  expect((await stat(join(folder, '1.journal'))).mode & 0o777).toBe(0o600)
  await file.close()
})

test('whoever seals never makes a file, and what is not there is not there', async () => {
  const files = journalFolder(folder)
  expect(await files.list()).toEqual([])
  await (await files.create('1.journal')).close()
  expect(await files.append('2.journal', 'seal')).toBe(false)
  expect(await files.read('2.journal')).toBeNull()
  expect(await readdir(folder)).toEqual(['1.journal'])
})

test('a file that was taken away or replaced below its writer is not taken for the one that is there', async () => {
  const files = journalFolder(folder)
  const file = await files.create('1.journal')
  await file.append('one\n')
  await writeFile(join(folder, 'other'), 'one\n')
  await rename(join(folder, 'other'), join(folder, '1.journal'))
  await expect(file.size()).rejects.toThrow()
  await file.close()
})

test('on a disk that takes no more, a batch is not written, and its journal proves nothing it should not', async () => {
  const script = new URL('./full-disk.fixture.ts', import.meta.url).pathname
  // The shell's own limit of a file: 8 blocks of 512 or 1024 bytes.
  const { stdout } = await promisify(execFile)('sh', [
    ...['-c', 'ulimit -f 8; exec "$0" "$1" "$2"'],
    ...[process.execPath, script, folder],
  ])
  const { written, refused } = JSON.parse(stdout) as { written: number; refused: number }
  expect(written).toBeGreaterThan(5)
  expect(refused).toBe(40 - written)
  const files = journalFolder(folder)
  const entries = readOpen((await files.read('1.journal')) ?? new Uint8Array()).entries
  expect(entries.length).toBeGreaterThanOrEqual(written)
  expect(await files.append('1.journal', sealLine('2'))).toBe(true)
  const sealed = readSealed((await files.read('1.journal')) ?? new Uint8Array())
  expect(sealed.kind === 'whole' ? sealed.entries.length : written).toBeGreaterThanOrEqual(written)
})
