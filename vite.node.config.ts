import { builtinModules } from 'node:module';
import { defineConfig, type UserConfig } from 'vite';

/** The bundles that run in Node or in Electron's main process and preload, by name: their entry and their folder below dist/. */
export const nodeBundles = {
  app: 'app/main.ts',
  preload: 'app/preload.ts',
  loopback: 'main/host/loopback/serve.ts',
  cli: 'main/host/command-line/run.ts',
} as const;

export type NodeBundle = keyof typeof nodeBundles;

/** Configuration of one bundle. Every dependency goes in, so that the package ships no node_modules. */
export function nodeBundle(name: NodeBundle): UserConfig {
  // A sandboxed preload can neither be an ES module nor require other files; it lies beside the main bundle.
  const preload = name === 'preload';
  return {
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: preload ? 'dist/app' : `dist/${name}`,
      emptyOutDir: !preload,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: nodeBundles[name],
        external: ['electron', /^node:/, ...builtinModules],
        output: preload
          ? { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false }
          : { format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  };
}

// `vite build --config vite.node.config.ts` with NODE_BUNDLE names one; scripts/build.mjs makes all.
export default defineConfig(nodeBundle((process.env['NODE_BUNDLE'] ?? 'app') as NodeBundle));
