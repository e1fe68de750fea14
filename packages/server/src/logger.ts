import { type Logger, pino } from 'pino'

/** The program's log: JSON lines on standard error, so that standard output is for people. Tokens never reach it, and neither do the queries of URLs. */
export function createLogger(level: string): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['req.headers.authorization', 'headers.authorization'],
  }
  return pino(options, pino.destination(2))
}
