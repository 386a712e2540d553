#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The SDK's version is pinned and Node 20 is our floor: its notice of later versions is not for users.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const built = new URL('../dist/cli.js', import.meta.url);
if (existsSync(built)) {
  const { main } = await import(built.href);
  await main();
} else {
  console.error('eddy-origin is not built. Run: npm run build');
  process.exitCode = 1;
}
