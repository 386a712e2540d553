import { startHlsJs } from './hls-js.js';
import { startShaka } from './shaka.js';
import { startVideoJs } from './video-js.js';

const STARTS = { 'hls-js': startHlsJs, shaka: startShaka, 'video-js': startVideoJs };

const query = new URLSearchParams(location.search);
const player = query.get('player');
const video = document.querySelector('video');
if (video === null || (player !== 'hls-js' && player !== 'shaka' && player !== 'video-js'))
  throw new Error('name a player');
window.problems = [];
window.conformance = await STARTS[player](video, query.get('src') ?? '');
