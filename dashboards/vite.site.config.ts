// Builds the pages for a copy (vlab export site): one classic script, since a document that is opened from a disk may load no module, with every address
// relative, since nobody knows below which path a copy will lie.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const PAGES = fileURLToPath(new URL('./pages/', import.meta.url));

/** What in the pages speaks to a server, and what stands in its place. pages/site/twins.ts has the compiler see that each is as good. */
const TWINS: Readonly<Record<string, string>> = {
  'app/address.ts': 'site/address.ts', 'app/files.ts': 'site/files.ts', 'app/get.ts': 'site/get.ts', 'app/routes.ts': 'site/routes.ts',
  'parts/log/use-log.ts': 'site/use-log.ts', 'views/banner.tsx': 'site/banner.tsx',
};

function twins(): Plugin {
  return {
    name: 'twins', enforce: 'pre',
    resolveId: (source, importer) => {
      const twin = importer === undefined || !source.startsWith('.') ? undefined : TWINS[relative(PAGES, resolve(dirname(importer), source))];
      return twin === undefined ? null : join(PAGES, twin);
    },
    generateBundle() { this.emitFile({ type: 'asset', fileName: 'index.html', source: readFileSync(join(PAGES, 'site/index.html')) }); },
  };
}

export default defineConfig({
  root: PAGES,
  base: './',
  plugins: [twins()],
  build: {
    outDir: '../dist-site', emptyOutDir: true, sourcemap: false, target: 'es2022', cssTarget: ['chrome123', 'firefox120', 'safari17.5'], minify: true,
    lib: { entry: join(PAGES, 'site/main.tsx'), formats: ['iife'], name: 'vlabSite', fileName: () => 'site.js', cssFileName: 'site' },
  },
});
