// Speed and size, printed as ratios beside a peer in the same run: npm run bench [-- NAME…]
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from './setup/prepare.mjs';

const root = path.resolve(import.meta.dirname, '..');
await prepare();
const vite = await import('vite');
const folder = path.join(root, 'dist', 'bench');
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
      input: path.join(root, 'scripts/bench/run.ts'),
      output: { format: 'esm', entryFileNames: 'run.mjs' },
    },
  },
});
const { runBenchmarks } = await import(pathToFileURL(path.join(folder, 'run.mjs')).href);
process.exitCode = await runBenchmarks({ root, names: process.argv.slice(2) });
