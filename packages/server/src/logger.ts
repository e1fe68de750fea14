import { type Logger, pino } from 'pino'

/** The program's log: JSON lines on standard output. Tokens never reach it, and neither do the queries of URLs. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['req.headers.authorization', 'headers.authorization'],
  })
}
