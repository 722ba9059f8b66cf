// The build that the server embeds: hashed files in assets/, no inline script or style, so that the
// page's Content-Security-Policy can forbid both.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // Relative, because a proxy may put a path of its own before the server's.
  base: './',
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: 'assets',
    // Small files as data: URLs would break `font-src 'self'` and hide from the asset table.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What most pages share is one file, and so are all styles: browsers fetch six at a time, and twenty of half a
    // kilobyte would hold up the questions to the server that are asked beside them.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /\/src\/(api|base|widgets)\/|\/charts\/(Legend|ink)|\/node_modules\/(svelte|d3-)/,
              minShareCount: 2,
            },
          ],
        },
      },
    },
    // three.js alone is above Vite's default; it is loaded by the Projector page and by meshes only.
    chunkSizeWarningLimit: 900,
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node', testTimeout: 60_000 },
});
