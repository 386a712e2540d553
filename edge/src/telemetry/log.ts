import { type Logger, pino } from 'pino';
import type { LogLevel } from '../config/edge-config.js';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error'>;

/** JSON lines on standard error, so that standard output stays the command's own. */
export function createLog({ level }: { readonly level: LogLevel }): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

export const SILENT_LOG: Log = pino({ level: 'silent' });
