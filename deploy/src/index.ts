export { type DashboardQuery, dashboardProblems, dashboardQueries } from './dashboard.js';
export { type ExposedMetric, parseExposition } from './exposition.js';
export { PromqlError, type PromqlQuery, parsePromql, type Selector } from './promql.js';
