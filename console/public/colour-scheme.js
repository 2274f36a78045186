// Before the first paint, so that nobody who reads in the dark is dazzled. A file of its own, because the server's policy
// refuses scripts that stand in the page.
const kept = window.localStorage.getItem('quittance-colour-scheme')
const isDark =
  kept === 'dark' || (kept !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
