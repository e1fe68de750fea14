#!/usr/bin/env node
// Plain JavaScript that every Node version can parse: the sources need a Node that strips types and has Argon2.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `posterior needs Node 24.7 or newer, this is ${process.versions.node}. Run it through npm in the repository ` +
      '("npm start", "npx posterior ..."), which brings its own Node 24 on Linux, or install a newer Node.',
  )
  process.exit(1)
}
await import('../src/main.ts')
