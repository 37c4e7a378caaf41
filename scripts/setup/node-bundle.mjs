import { builtinModules } from 'node:module';
import path from 'node:path';

/** The bundles that run in Node or in Electron: their entry, and where they go below dist/. */
export const NODE_BUNDLES = /** @type {const} */ ({
  app: { entry: 'app/main.ts', folder: 'app' },
  preload: { entry: 'app/preload.ts', folder: 'app' },
  loopback: { entry: 'main/host/loopback/serve.ts', folder: 'loopback' },
  cli: { entry: 'main/host/command-line/run.ts', folder: 'cli' },
});

/**
 * Vite's configuration of one bundle. Every dependency goes in, so that the package ships no node_modules.
 *
 * @param {string} root
 * @param {keyof typeof NODE_BUNDLES} name
 * @returns {import('vite').InlineConfig}
 */
export function nodeBundle(root, name) {
  const { entry, folder } = NODE_BUNDLES[name];
  // A sandboxed preload can neither be an ES module nor require other files; it lies beside the main bundle.
  const preload = name === 'preload';
  return {
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: path.join(root, 'dist', folder),
      emptyOutDir: !preload,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: path.join(root, entry),
        external: ['electron', /^node:/, ...builtinModules],
        output: preload
          ? { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false }
          : { format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  };
}
