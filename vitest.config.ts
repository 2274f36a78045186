import { defineConfig } from 'vitest/config'

// Six kinds of test, from narrow to wide; each also runs alone: vitest run --project unit src/money
//   tidy    reads the tree, runs nothing of it
//   unit    beside the files; a database where the file under test needs one
//   system  the whole program, one file at a time, because each starts processes and measures
//   simulation  whole histories in virtual time, on every core
//   console  the pages in a real Chromium, against the demo
//   points  kill -9 at each named point once
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'tidy',
          include: ['tools/**/*.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'console/src/**/*.test.ts'],
          globalSetup: ['./test/postgres.ts'],
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/simulation/simulation.test.ts', 'test/crash/points.test.ts', 'test/console/**'],
          globalSetup: ['./test/postgres.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'console',
          expect: { poll: { timeout: 30_000 } },
          include: ['test/console/**/*.test.ts'],
          globalSetup: ['./test/console/demo.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: 'points',
          include: ['test/crash/points.test.ts'],
          globalSetup: ['./test/postgres.ts'],
          pool: 'forks',
          testTimeout: 600_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/simulation.test.ts'],
          globalSetup: ['./test/postgres.ts'],
          testTimeout: 1_800_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
