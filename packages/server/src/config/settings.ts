/**
 * The table of settings: environment variable, default, unit and meaning. `config.ts` reads values by it and renders the
 * reference page from it.
 */

import { MAX_FULL_OUTPUT_ROWS } from '@posterior/contracts'
import { z } from 'zod'
import { ACCOUNT_SETTINGS } from './account-settings.ts'
import { METERING_SETTINGS } from './metering-settings.ts'
import { integer, MAX_COUNT, optionalText, type Setting, text } from './setting.ts'
import { SHARE_SETTINGS } from './share-settings.ts'
import { THINKING_SETTINGS } from './thinking-settings.ts'
import { TRAINING_SETTINGS } from './training-settings.ts'

export type { Setting } from './setting.ts'

const MIB = 1_048_576

/** Classes that the models can tell apart. */
const MODEL_CLASSES = 64

/** Every setting. Order is the order of the reference page. */
export const SETTINGS = {
  host: text('POSTERIOR_HOST', '127.0.0.1', 'Address to listen on; 0.0.0.0 for every interface.'),
  port: integer('POSTERIOR_PORT', [0, 65_535], 8000, 'port', 'Port to listen on; 0 picks a free one.'),
  publicUrl: {
    env: 'POSTERIOR_PUBLIC_URL',
    schema: z
      .url({ protocol: /^https?$/, error: 'expected a URL such as https://predict.example.org' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    shown: 'from each request',
    unit: 'URL',
    meaning: 'Base of the upload URLs handed to clients; needed behind a proxy that changes host or scheme.',
  },
  isProxyTrusted: {
    env: 'POSTERIOR_TRUST_PROXY',
    schema: z
      .enum(['true', 'false'], { error: 'expected true or false' })
      .transform((value) => value === 'true')
      .default(false),
    shown: 'false',
    unit: 'true or false',
    meaning: 'Believe the X-Forwarded-* headers of the proxy in front.',
  },
  dataDir: text('POSTERIOR_DATA_DIR', 'posterior-data', 'Folder of the database, uploads and fitted models.'),
  databaseUrl: {
    env: 'POSTERIOR_DATABASE_URL',
    schema: z
      .string()
      .regex(/^sqlite:.+$/, 'expected sqlite:PATH; other databases are not supported by this version')
      .transform((url) => url.slice('sqlite:'.length))
      .optional(),
    shown: 'posterior.sqlite in the data folder',
    unit: 'sqlite:PATH',
    meaning: 'The database.',
  },
  blobUrl: {
    env: 'POSTERIOR_BLOB_URL',
    schema: z
      .string()
      .regex(/^file:.+$/, 'expected file:PATH; other stores are not supported by this version')
      .transform((url) => url.slice('file:'.length).replace(/^\/\/(?=\/)/, ''))
      .optional(),
    shown: 'the data folder',
    unit: 'file:PATH',
    meaning: 'Where uploads and fitted models are kept.',
  },
  adminToken: {
    env: 'POSTERIOR_ADMIN_TOKEN',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{8,512}$/, 'expected 8 to 512 printable characters without spaces')
      .optional(),
    shown: 'generated at the first start',
    unit: 'text',
    meaning: 'Token of the administrator. When it changes, the one set before stops working.',
    isSecret: true,
  },
  ...ACCOUNT_SETTINGS,
  modelsDir: optionalText(
    'POSTERIOR_MODELS_DIR',
    'the models that come with the program',
    'Folder of models.',
  ),
  defaultModel: optionalText(
    'POSTERIOR_DEFAULT_MODEL',
    'chosen by the engine',
    'Model that answers when a request names none.',
  ),
  threads: integer(
    'POSTERIOR_THREADS',
    [0, 1024],
    0,
    'threads',
    'Compute threads of one engine process; 0 uses the processors of this machine or container.',
  ),
  processes: integer(
    'POSTERIOR_PROCESSES',
    [0, 256],
    0,
    'processes',
    'Engine processes; 0 lets the engine choose.',
  ),
  maxQueue: integer(
    'POSTERIOR_MAX_QUEUE',
    [1, 100_000],
    64,
    'requests',
    'Fits and predictions that may wait; more are answered 503.',
  ),
  contextCacheBytes: integer(
    'POSTERIOR_CONTEXT_CACHE_BYTES',
    [0, MAX_COUNT],
    512 * MIB,
    'bytes',
    'Memory for fitted models in use, over all engine processes.',
  ),
  maxUploadBytes: integer(
    'POSTERIOR_MAX_UPLOAD_BYTES',
    [1, MAX_COUNT],
    5120 * MIB,
    'bytes',
    'Largest file of one upload.',
  ),
  maxTrainRows: integer('POSTERIOR_MAX_TRAIN_ROWS', [2, MAX_COUNT], 50_000, 'rows', 'Most training rows.'),
  maxTrainCells: integer(
    'POSTERIOR_MAX_TRAIN_CELLS',
    [2, MAX_COUNT],
    2_000_000,
    'cells',
    'Most training rows x columns.',
  ),
  maxTestRows: integer(
    'POSTERIOR_MAX_TEST_ROWS',
    [1, MAX_COUNT],
    200_000,
    'rows',
    'Most rows of one prediction.',
  ),
  maxTestCells: integer(
    'POSTERIOR_MAX_TEST_CELLS',
    [1, MAX_COUNT],
    20_000_000,
    'cells',
    'Most rows x columns of one prediction.',
  ),
  maxColumns: integer('POSTERIOR_MAX_COLUMNS', [1, 1_000_000], 500, 'columns', 'Most feature columns.'),
  maxClasses: integer(
    'POSTERIOR_MAX_CLASSES',
    [2, MODEL_CLASSES],
    MODEL_CLASSES,
    'classes',
    'Most classes of a classification target.',
  ),
  maxFullRows: integer(
    'POSTERIOR_MAX_FULL_ROWS',
    [1, 100_000],
    MAX_FULL_OUTPUT_ROWS,
    'rows',
    'Most rows of one prediction with output_type "full".',
  ),
  maxRowPairs: integer(
    'POSTERIOR_MAX_ROW_PAIRS',
    [1, Number.MAX_SAFE_INTEGER],
    1_000_000_000,
    'pairs',
    'Most training rows x rows of one prediction.',
  ),
  maxInlineBytes: integer(
    'POSTERIOR_MAX_INLINE_BYTES',
    [1_024, 1024 * MIB],
    32 * MIB,
    'bytes',
    'Largest JSON body with tables in it, for the inference-container routes; larger tables go as files.',
  ),
  ...THINKING_SETTINGS,
  ...TRAINING_SETTINGS,
  ...METERING_SETTINGS,
  ...SHARE_SETTINGS,
  uploadUrlSeconds: integer(
    'POSTERIOR_UPLOAD_URL_SECONDS',
    [1, 604_800],
    21_600,
    'seconds',
    'How long an upload URL works; an upload that is not complete then is removed.',
  ),
  uploadChunkBytes: integer(
    'POSTERIOR_UPLOAD_CHUNK_BYTES',
    [1, MAX_COUNT],
    64 * MIB,
    'bytes',
    'Size to aim at for one part of a chunked upload.',
  ),
  keepaliveMs: integer(
    'POSTERIOR_FIT_KEEPALIVE_MS',
    [1, 600_000],
    2_000,
    'milliseconds',
    'A fit that takes longer answers at once and sends whitespace this often until it ends.',
  ),
  shutdownSeconds: integer(
    'POSTERIOR_SHUTDOWN_SECONDS',
    [0, 86_400],
    30,
    'seconds',
    'How long running work may take to finish after SIGTERM.',
  ),
  v1Sunset: {
    env: 'POSTERIOR_V1_SUNSET',
    schema: z.iso
      .date({ error: 'expected a date such as 2027-06-30' })
      .transform((date) => new Date(date))
      .optional(),
    shown: 'none',
    unit: 'date',
    meaning: 'Until when the deprecated /v1 routes are promised; they say so in the Sunset header.',
  },
  supportUrl: {
    env: 'POSTERIOR_SUPPORT_URL',
    schema: z.url({ error: 'expected a URL' }).optional(),
    shown: '/errors of this server',
    unit: 'URL',
    meaning: 'Page that error answers point to.',
  },
  logLevel: {
    env: 'POSTERIOR_LOG_LEVEL',
    schema: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'expected fatal, error, warn, info, debug, trace or silent',
      })
      .default('info'),
    shown: 'info',
    unit: 'level',
    meaning: 'Least important messages that are logged.',
  },
} as const satisfies Record<string, Setting<z.ZodType>>
