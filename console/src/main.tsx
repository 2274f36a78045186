import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './styles/fonts.css'
import './styles/theme.css'
import './styles/page.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Providers } from './app/providers.tsx'
import { Routes } from './app/routes.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element for the console')
createRoot(root).render(
  <StrictMode>
    <Providers>
      <Routes />
    </Providers>
  </StrictMode>,
)
