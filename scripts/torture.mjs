// Long forms of the tests that break things on purpose: npm run torture [-- NAME…] [--scale 0.1] [--seed N]
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './setup/prepare.mjs';

await prepare();
const vite = await import('vite');
const folder = path.join(root, 'dist', 'torture');
await vite.build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  build: {
    ssr: true,
    target: 'node20',
    outDir: folder,
    emptyOutDir: true,
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: path.join(root, 'scripts/torture/run.ts'),
      output: { format: 'esm', entryFileNames: 'run.mjs' },
    },
  },
});
const { runTortures } = await import(pathToFileURL(path.join(folder, 'run.mjs')).href);
process.exitCode = await runTortures(root, process.argv.slice(2));
