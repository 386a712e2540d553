import { serveForked } from '../../process/forked.js';
import { type BeaconPlan, type BeaconResult, runBeacons } from './run-beacons.js';

serveForked<BeaconPlan, BeaconResult>(runBeacons);
