import { createBrowserRouter } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { Shell } from '../components/shell/shell.tsx'
import { Broken } from '../pages/broken.tsx'
import { NotFound } from '../pages/not-found.tsx'
import { SignIn } from '../pages/sign-in/sign-in.tsx'

// Each page is a file of its own for the browser: what nobody opens is never loaded.
const router = createBrowserRouter([
  { path: '/sign-in', Component: SignIn, ErrorBoundary: Broken },
  {
    path: '/set-password',
    ErrorBoundary: Broken,
    lazy: async () => ({ Component: (await import('../pages/set-password/set-password.tsx')).SetPassword }),
  },
  {
    path: '/',
    Component: Shell,
    ErrorBoundary: Broken,
    HydrateFallback: () => null,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('../pages/overview/overview.tsx')).Overview }),
      },
      {
        path: 'payouts',
        lazy: async () => ({ Component: (await import('../pages/payouts/payouts.tsx')).Payouts }),
      },
      {
        path: 'payouts/:merchant/:id',
        lazy: async () => ({ Component: (await import('../pages/payout/payout.tsx')).PayoutPage }),
      },
      {
        path: 'doubts',
        lazy: async () => ({ Component: (await import('../pages/doubts/doubts.tsx')).Doubts }),
      },
      {
        path: 'decisions',
        lazy: async () => ({ Component: (await import('../pages/decisions/decisions.tsx')).Decisions }),
      },
      {
        path: 'providers',
        lazy: async () => ({ Component: (await import('../pages/providers/providers.tsx')).Providers }),
      },
      {
        path: 'balances',
        lazy: async () => ({ Component: (await import('../pages/balances/balances.tsx')).Balances }),
      },
      {
        path: 'notices',
        lazy: async () => ({ Component: (await import('../pages/notices/notices.tsx')).Notices }),
      },
      {
        path: 'requests',
        lazy: async () => ({ Component: (await import('../pages/requests/requests.tsx')).Requests }),
      },
      { path: 'keys', lazy: async () => ({ Component: (await import('../pages/keys/keys.tsx')).Keys }) },
      { path: 'audit', lazy: async () => ({ Component: (await import('../pages/audit/audit.tsx')).Audit }) },
      { path: '*', Component: NotFound },
    ],
  },
])

export function Routes() {
  return <RouterProvider router={router} />
}
