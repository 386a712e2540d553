import { serveForked } from '../../process/forked.js';
import { type FetchManyPlan, type FetchManyResult, fetchMany } from './fetch-many.js';

serveForked<FetchManyPlan, FetchManyResult>(fetchMany);
