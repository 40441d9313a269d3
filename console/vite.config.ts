import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.ROWHOOK_URL ?? 'http://localhost:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  // Nothing is inlined as a data: address, which the content security policy would refuse.
  build: {
    target: 'es2023',
    // Browsers that know light-dark() themselves: what replaces it elsewhere does not follow the colour scheme.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/test-consumer', '/healthz', '/readyz', '/metrics', '/openapi.json'].map((path) => [
        path,
        server,
      ]),
    ),
  },
});
