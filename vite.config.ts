import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The window's bundle. chrome130 is the Chromium of the oldest Electron that runs it (33).
export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    sourcemap: false,
    reportCompressedSize: false,
    // A data: URL would need its own word in the Content Security Policy; a file needs none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
