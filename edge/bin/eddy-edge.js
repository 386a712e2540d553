#!/usr/bin/env node
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
if (existsSync(cli)) {
  const { runCli } = await import(cli.href);
  await runCli(process.argv.slice(2));
} else {
  console.error('eddy-edge is not built yet: run "npm run build" in the repository first');
  process.exitCode = 1;
}
