const CREATE =
  /^CREATE TABLE IF NOT EXISTS (\w+)([\s\S]*?)\bENGINE = (Summing|Replacing|)MergeTree\b(?:\(([\s\S]*?\)?)\)(?=\s))?/;

/**
 * A statement of the edge that makes or changes a table, as all replicas of a cluster run it. Throws RangeError for
 * one that it does not know how to replicate, so that no table is left behind on one server.
 */
export function replicated(
  statement: string,
  { cluster, database }: { cluster: string; database: string },
): string {
  const altered = /^ALTER TABLE (\w+)/.exec(statement);
  if (altered !== null) {
    return statement.replace(altered[0], `ALTER TABLE ${database}.${altered[1]} ON CLUSTER ${cluster}`);
  }
  const created = CREATE.exec(statement);
  if (created === null) throw new RangeError(`not known how to replicate: ${statement.slice(0, 80)}`);
  const [found, table, columns, family, given] = created;
  const path = `'/clickhouse/tables/{shard}/${database}_${table}', '{replica}'`;
  const engine = `Replicated${family}MergeTree(${path}${given === undefined ? '' : `, ${given}`})`;
  const made = `CREATE TABLE IF NOT EXISTS ${database}.${table} ON CLUSTER ${cluster}${columns}ENGINE = ${engine}`;
  return made + statement.slice(found.length);
}

/** A file for `clickhouse client --queries-file`. */
export function replicatedSchema(
  statements: readonly string[],
  where: { cluster: string; database: string },
): string {
  const database = `CREATE DATABASE IF NOT EXISTS ${where.database} ON CLUSTER ${where.cluster}`;
  return [database, ...statements.map((statement) => replicated(statement, where))]
    .map((statement) => `${statement};\n`)
    .join('');
}
