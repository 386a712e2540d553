// node deploy/capacity/capacity.mjs [--monthly 3PB …]: how many edges, at what cost. After `npm run build`.
const { run } = await import('../dist/capacity/cli.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('Not built yet: run `npm install --ignore-scripts && npm run build` first.');
  process.exit(1);
});
process.exitCode = await run(process.argv.slice(2));
