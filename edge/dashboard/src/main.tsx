import { render } from 'preact';
import { askEdge } from './answers/ask.js';
import { App } from './shell/app.js';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no place for the dashboard.');
render(<App ask={askEdge} />, root);
