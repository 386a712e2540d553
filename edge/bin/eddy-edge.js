#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

require('./before.js');

const cli = join(__dirname, '..', 'dist', 'cli.js');
if (existsSync(cli)) {
  void import(pathToFileURL(cli).href).then(({ runCli }) => runCli(process.argv.slice(2)));
} else {
  console.error('eddy-edge is not built yet: run "npm run build" in the repository first');
  process.exitCode = 1;
}
