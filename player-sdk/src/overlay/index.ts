/** An entry of its own, so that who shows no overlay does not load one. */
export { attachOverlay, type Overlay, type OverlayOptions, type OverlayPlace } from './overlay.js';
