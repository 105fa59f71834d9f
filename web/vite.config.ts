import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// The paths are relative so that the page also works below a folder of a reverse proxy.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // One file of script and one of style: fewer trips than it would save to split this little.
    modulePreload: false,
    chunkSizeWarningLimit: 400,
  },
  server: { port: 5173 },
});
