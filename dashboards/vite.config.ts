// Builds the pages: one entry, and one chunk more for what draws trends. JSX is told by pages/tsconfig.json and needs no plugin.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('./pages/', import.meta.url)),
  base: '/',
  build: { outDir: '../dist', emptyOutDir: true, sourcemap: false, target: 'es2022', cssTarget: ['chrome123', 'firefox120', 'safari17.5'], modulePreload: { polyfill: false } },
});
