// Starts a Swift that speaks S3 on loopback and prints how to reach it: for trying things by hand.
//   node deploy/dev/swift.mjs [BUCKET...]
import { tsImport } from 'tsx/esm/api';

const { startSwift } = await tsImport('../../bench/src/system/swift.ts', import.meta.url);
const swift = await startSwift();
for (const name of process.argv.slice(2)) await swift.createBucket(name);
const words = { ...swift.environment, EDDY_TEST_S3_ENDPOINT: swift.endpoint };
for (const [name, value] of Object.entries(words)) console.log(`export ${name}=${value}`);
console.error('Swift is ready; Ctrl-C stops it.');
const hold = setInterval(() => {}, 60_000);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    clearInterval(hold);
    await swift.stop();
  });
}
