// argv to the CLI, nothing else. What it needs is loaded after the version of Node was looked at: an older one would
// stop at the first file that it cannot read, and say so in words that help nobody.

const NODE_MAJOR_MIN = 24

const [major = '0'] = process.versions.node.split('.')
if (Number.parseInt(major, 10) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `Quittance needs Node ${NODE_MAJOR_MIN} or later and this is ${process.version}: run "npm run quittance -- <command>" or "npm run demo", which bring their own.\n`,
  )
  process.exitCode = 2
} else {
  const { runCli } = await import('./cli/cli.ts')
  const { processEnvironment } = await import('./config.ts')
  const { processTerminal } = await import('./cli/terminal.ts')
  process.exitCode = await runCli(
    { argv: process.argv.slice(2), environment: processEnvironment(), program: import.meta.filename },
    processTerminal(),
  )
}
