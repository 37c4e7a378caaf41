#!/usr/bin/env node
// The command line: npm run --silent tallyman -- graph PLACE, or plain `tallyman` once linked.
// The set-up speaks on stderr and only when there is something to do, so that stdout belongs to the command.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './setup/prepare.mjs';

await prepare();
await import(pathToFileURL(path.join(root, 'dist', 'cli', 'run.mjs')).href);
