import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { sizeBudget } from './size-budget.ts'

// `npm run dev --workspace console` serves the pages with the API of a demo that runs beside it.
const DEMO_URL = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), sizeBudget()],
  build: {
    target: 'es2024',
    // A file in the text of another would be a data: address, which the server's policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/v1': DEMO_URL } },
})
