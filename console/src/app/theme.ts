import { createTheme, Drawer, Modal } from '@mantine/core'

/** How our components are set. Values of colours and sizes are in styles/theme.css. */
export const theme = createTheme({
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // The lock would add a style element of its own; what lies behind the overlay may scroll.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true, radius: 'md' } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false } }),
  },
})
