import { serveForked } from '../../process/forked.js';
import { type BeaconPlan, type BeaconResult, runBeacons } from './beacon-client.js';

serveForked<BeaconPlan, BeaconResult>(runBeacons);
