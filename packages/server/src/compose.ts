/** The domain and the app over what has been opened; the same for a server that listens and for the command line. */
import { SHARE_LIMITS } from '@posterior/contracts'
import type { FastifyBaseLogger } from 'fastify'
import { accountOptions } from './account-options.ts'
import { WorkerArchiveReader } from './adapters/studio/worker-archive-reader.ts'
import { WorkerDatasetReader } from './adapters/studio/worker-dataset-reader.ts'
import { WorkerPriorSampler } from './adapters/studio/worker-prior-sampler.ts'
import { Argon2Hasher } from './adapters/system/argon2.ts'
import { ProcessTrainer } from './adapters/training/process-trainer.ts'
import { buildApp } from './app.ts'
import { meteringLimitsOf } from './config/metering-settings.ts'
import { shareRatesOf } from './config/share-settings.ts'
import { thinkingLimitsOf } from './config/thinking-settings.ts'
import { trainingLimitsOf } from './config/training-settings.ts'
import type { Config } from './config.ts'
import type { Mailer } from './domain/ports/mailer.ts'
import type { Predictor } from './domain/ports/predictor.ts'
import type { Trainer } from './domain/ports/runs.ts'
import { Readiness } from './domain/readiness.ts'
import { createServices, type Services } from './domain/services.ts'
import { buildSettings } from './domain/settings.ts'
import type { Api } from './http/api.ts'
import { InlineBudget } from './http/json/inline-budget.ts'
import { inlineValues, limitsOf } from './limits-of.ts'
import { ServerMetrics } from './metrics.ts'
import type { Storage } from './storage.ts'
import { VERSION } from './version.ts'

/** Largest JSON bodies with tables that may be in memory at a time. */
const INLINE_BODIES = 4

/** What has been opened; its owner closes it. */
export interface Opened {
  storage: Storage
  predictor: Predictor
  /** What trains; processes over the runs folder when absent. */
  trainer?: Trainer | undefined
  mailer: Mailer
  log: FastifyBaseLogger
  /** Where the server listens; asked when a link is made. */
  listenUrl: () => string
}

/** Build services and app; nothing listens and nothing runs yet. */
export function composeApp(
  config: Config,
  { storage, predictor, trainer, mailer, log, listenUrl }: Opened,
): { app: Api; services: Services; readiness: Readiness } {
  const limits = limitsOf(config)
  const services = createServices(
    {
      ...storage,
      predictor,
      archives: new WorkerArchiveReader(),
      datasetReader: new WorkerDatasetReader(),
      sampler: new WorkerPriorSampler(),
      trainer:
        trainer ??
        new ProcessTrainer({
          folder: storage.runsFolder,
          tables: storage.tablesFolder,
          workers: config.trainingWorkers,
          keptCheckpoints: config.keptCheckpoints,
          onProcess: (runId, pid) => log.info({ runId, trainer: pid }, 'a run trains'),
        }),
      passwords: new Argon2Hasher(),
      mailer,
      log,
    },
    {
      limits,
      metering: meteringLimitsOf(config),
      thinking: thinkingLimitsOf(config),
      urlLifetimeMs: config.uploadUrlSeconds * 1000,
      chunkBytes: config.uploadChunkBytes,
      accounts: accountOptions(config, listenUrl),
      trainingAtOnce: config.trainingAtOnce,
      shares: shareRatesOf(config),
      training: trainingLimitsOf(config),
    },
  )
  const readiness = new Readiness()
  const app = buildApp({
    ...config,
    services,
    settings: buildSettings(limits),
    inline: {
      maxBytes: config.maxInlineBytes,
      maxValues: inlineValues(limits),
      budget: new InlineBudget(INLINE_BODIES * config.maxInlineBytes),
    },
    shared: {
      maxBytes: Math.min(config.maxInlineBytes, SHARE_LIMITS.body_bytes),
      maxValues: 2 * SHARE_LIMITS.cells + 4 * SHARE_LIMITS.context_rows,
      // Of their own, so that bodies of callers without an account take no room from those of accounts.
      budget: new InlineBudget(INLINE_BODIES * SHARE_LIMITS.body_bytes),
    },
    readiness,
    metrics: new ServerMetrics(),
    log,
    clock: storage.clock,
    version: VERSION,
  })
  return { app, services, readiness }
}
