/** The routes of the studio: each with and without `/api`, for tokens sent as `Bearer` and as `Token`. */
import { studioErrorSchema } from '@posterior/contracts'
import { type Api, declaredErrors, errorBody } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { acceptForms, acceptRawBodies } from '../../multipart/read-form.ts'
import { ALIAS_PREFIX } from '../../openapi/describe-routes.ts'
import { requireBearer } from '../../plugins/auth.ts'
import { meterRequests } from '../../plugins/metering.ts'
import { requireRunner } from '../../plugins/runner-auth.ts'
import { apiTokenRoutes } from './api-tokens.ts'
import { exportProjectRoute, importProjectRoute } from './archives.ts'
import { artefactRoutes } from './artefacts.ts'
import { blocksRoute } from './blocks.ts'
import { checkPriorRoute } from './check-prior.ts'
import { checkpointRoutes } from './checkpoints.ts'
import { createDatasetRoute, datasetRoutes } from './datasets.ts'
import { discoverWithRunRoute } from './discover-with-run.ts'
import { discoverWithShareRoute } from './discover-with-share.ts'
import { forkPriorRoute } from './fork-prior.ts'
import { jobUploadRoutes } from './job-uploads.ts'
import { memberRoutes } from './members.ts'
import { noteRoutes } from './notes.ts'
import { predictWithModelRoute } from './predict-with-model.ts'
import { predictWithRunRoute } from './predict-with-run.ts'
import { projectRoutes } from './projects.ts'
import { runnerJobRoutes } from './runner-jobs.ts'
import { runnerRoutes } from './runners.ts'
import { runRoutes } from './runs.ts'
import { samplePriorRoute } from './sample-prior.ts'
import { sharedBrainRoutes } from './shared-brain.ts'
import { shareRoutes } from './shares.ts'
import { addWheelRoute } from './wheels.ts'

/** Register all of them. */
export function studioRoutes(app: Api, deps: AppDeps): void {
  for (const prefix of ['', ALIAS_PREFIX]) {
    app.register(
      async (scope) => {
        const api = scope as Api
        requireBearer(api, deps.services.accounts, { schemes: 'any' })
        meterAsStudio(api)
        meterRequests(api, deps.services.metering)
        declareStudioErrors(api)
        apiTokenRoutes(api, deps)
        projectRoutes(api, deps)
        memberRoutes(api, deps)
        artefactRoutes(api, deps)
        datasetRoutes(api, deps)
        noteRoutes(api, deps)
        checkPriorRoute(api, deps)
        forkPriorRoute(api, deps)
        blocksRoute(api)
        samplePriorRoute(api, deps)
        runRoutes(api, deps)
        checkpointRoutes(api, deps)
        discoverWithRunRoute(api, deps)
        runnerRoutes(api, deps)
        shareRoutes(api, deps)
        exportProjectRoute(api, deps)
        api.register(async (raw) => {
          acceptRawBodies(raw as Api)
          addWheelRoute(raw as Api, deps)
          importProjectRoute(raw as Api, deps)
          predictWithModelRoute(raw as Api, deps)
          predictWithRunRoute(raw as Api, deps)
        })
        api.register(async (raw) => {
          acceptForms(raw as Api)
          acceptRawBodies(raw as Api)
          createDatasetRoute(raw as Api, deps)
        })
      },
      { prefix },
    )
    app.register(
      async (scope) => {
        const api = scope as Api
        requireRunner(api, deps.services.runners)
        declareStudioErrors(api)
        runnerJobRoutes(api, deps)
        api.register(async (raw) => {
          acceptForms(raw as Api)
          acceptRawBodies(raw as Api)
          jobUploadRoutes(raw as Api, deps)
        })
      },
      { prefix },
    )
    // Without a token of an account.
    app.register(
      async (scope) => {
        const api = scope as Api
        declareStudioErrors(api)
        keepPrivate(api)
        discoverWithShareRoute(api, deps)
        api.register(async (raw) => {
          acceptRawBodies(raw as Api)
          sharedBrainRoutes(raw as Api, deps)
        })
      },
      { prefix },
    )
  }
}

/** Nobody on the way keeps what has the token of a link in its address, or tells it on. */
function keepPrivate(scope: Api): void {
  scope.addHook('onSend', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  })
}

/** What a route does not count as something else counts as a request to the studio. Before `meterRequests`. */
function meterAsStudio(scope: Api): void {
  scope.addHook('onRoute', (route) => {
    route.config = { meter: 'studio', ...route.config }
  })
}

/** Declare that failures of this scope have `error` beside the envelope. After every other hook on routes. */
export function declareStudioErrors(scope: Api): void {
  scope.addHook('onRoute', (route) => {
    const responses = Object.entries((route.schema?.response ?? {}) as Record<string, unknown>)
    const shaped = responses.map(([status, body]) => {
      const errors = declaredErrors(body)
      return [status, errors ? errorBody(studioErrorSchema, ...errors.codes) : body]
    })
    route.schema = { ...route.schema, response: Object.fromEntries(shaped) }
  })
}
