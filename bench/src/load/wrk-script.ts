/** Marks the line of JSON that the script writes among wrk's own output. */
export const REPORT_MARK = 'eddy-wrk ';

function luaString(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text))
    throw new RangeError(`a path for wrk must be printable ASCII: ${JSON.stringify(text)}`);
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * A script for wrk that asks for `paths` in turn or at random and ends with the exact counts as JSON (wrk's own text rounds
 * to three digits). One path is left to wrk itself, which then repeats a prepared request without entering Lua.
 */
export function wrkScript(paths: readonly string[], order: 'in-turn' | 'random' = 'in-turn'): string {
  const inTurn = [
    'local requests, count, position = {}, 0, 0',
    // Threads have no number of their own; the address of a new table tells them apart.
    'function init(args)',
    ...(order === 'random'
      ? ["  math.randomseed(os.time() + (tonumber(tostring({}):match('0x(%x+)'), 16) or 0) % 1000003)"]
      : []),
    ...paths.map((path) => `  count = count + 1; requests[count] = wrk.format("GET", ${luaString(path)})`),
    'end',
    'function request()',
    order === 'random' ? '  position = math.random(count)' : '  position = position % count + 1',
    '  return requests[position]',
    'end',
  ];
  const done = [
    'function done(summary, latency, requests)',
    '  local e = summary.errors',
    '  io.write(string.format(',
    `    '${REPORT_MARK}{"requests":%d,"bytes":%d,"microseconds":%d,"p50":%d,"p99":%d,' ..`,
    `    '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\\n',`,
    '    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),',
    '    e.connect, e.read, e.write, e.status, e.timeout))',
    'end',
  ];
  return `${[...(paths.length > 1 ? inTurn : []), ...done].join('\n')}\n`;
}
