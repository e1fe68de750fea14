import { MAX_JSON_BODY_BYTES } from '@posterior/contracts'
import Fastify, { LogController } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Api } from './http/api.ts'
import type { AppDeps } from './http/deps.ts'
import { acceptForms, acceptRawBodies } from './http/multipart/read-form.ts'
import { describeRoutes } from './http/openapi/describe-routes.ts'
import { requireBearer } from './http/plugins/auth.ts'
import { answerBrokenHttp, handleErrors, sendError } from './http/plugins/errors.ts'
import { meterRequests } from './http/plugins/metering.ts'
import { observeRequests, refuseWhenDraining } from './http/plugins/observe.ts'
import { apiUsageRoute } from './http/routes/account/api-usage.ts'
import { dataSummaryRoute } from './http/routes/account/data-summary.ts'
import { deleteAllDatasetsRoute } from './http/routes/account/delete-all-datasets.ts'
import { deleteDatasetRoute } from './http/routes/account/delete-dataset.ts'
import { downloadAllDataRoute } from './http/routes/account/download-all-data.ts'
import { greetingMessagesRoute } from './http/routes/account/greeting-messages.ts'
import { protectedRoute } from './http/routes/account/protected.ts'
import { authRoutes } from './http/routes/auth/scopes.ts'
import { containerPingRoute } from './http/routes/container/container-ping.ts'
import { containerPredictRoutes } from './http/routes/container/container-predict.ts'
import { docsRoutes } from './http/routes/docs/docs.ts'
import { openapiRoute } from './http/routes/docs/openapi.ts'
import { fitRoute } from './http/routes/fits/fit.ts'
import { fitRowsRoute } from './http/routes/fits/fit-rows.ts'
import { fitStatusRoute } from './http/routes/fits/fit-status.ts'
import { getFitStatusRoute } from './http/routes/fits/get-fit-status.ts'
import { submitFitJobRoute } from './http/routes/fits/submit-fit-job.ts'
import { liveRoute } from './http/routes/health/live.ts'
import { metricsRoute } from './http/routes/health/metrics.ts'
import { readyRoute } from './http/routes/health/ready.ts'
import { estimateCostRoute } from './http/routes/metering/estimate-cost.ts'
import { predictRoute } from './http/routes/predictions/predict.ts'
import { predictRowsRoute } from './http/routes/predictions/predict-rows.ts'
import { errorReferenceRoute, rootRoute } from './http/routes/root.ts'
import { settingsRoutes } from './http/routes/settings/get-settings.ts'
import { studioRoutes } from './http/routes/studio/scope.ts'
import { prepareTestSetRoute } from './http/routes/uploads/prepare-test-set.ts'
import { prepareTrainSetRoute } from './http/routes/uploads/prepare-train-set.ts'
import { putPartRoute } from './http/routes/uploads/put-part.ts'
import { announceDeprecation } from './http/routes/v1/deprecation.ts'
import { v1FitRoute } from './http/routes/v1/v1-fit.ts'
import { v1PredictRoute } from './http/routes/v1/v1-predict.ts'
import { traceIdOf } from './http/trace-id.ts'

/** Longest time that one request may take to arrive; clients allow a PUT two hours. */
const REQUEST_TIMEOUT_MS = 2 * 3_600_000 + 60_000

/** The HTTP app over its services. It does not listen and reads no settings, so tests can `inject` requests. */
export function buildApp(deps: AppDeps): Api {
  const app = Fastify({
    loggerInstance: deps.log,
    // One line per request is written by observeRequests.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    genReqId: traceIdOf,
    trustProxy: deps.isProxyTrusted,
    bodyLimit: MAX_JSON_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    // Requests that come while the server stops get the envelope, from refuseWhenDraining.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => sendError(request, reply, error, deps),
    clientErrorHandler: (error, socket) => answerBrokenHttp(error, socket, deps),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  handleErrors(app, deps)
  observeRequests(app, deps)
  refuseWhenDraining(app, deps)

  const routes = describeRoutes(app)

  rootRoute(app, deps)
  errorReferenceRoute(app)
  openapiRoute(app, { ...deps, routes })
  docsRoutes(app, deps)
  liveRoute(app)
  readyRoute(app, deps)
  metricsRoute(app, deps)
  containerPingRoute(app, deps)
  putPartRoute(app, deps)
  authRoutes(app, deps)
  studioRoutes(app, deps)
  app.register(async (scope) => {
    const api = scope as Api
    requireBearer(api, deps.services.accounts)
    meterRequests(api, deps.services.metering)
    protectedRoute(api)
    greetingMessagesRoute(api, deps)
    apiUsageRoute(api, deps)
    dataSummaryRoute(api, deps)
    downloadAllDataRoute(api, deps)
    deleteDatasetRoute(api, deps)
    deleteAllDatasetsRoute(api, deps)
    settingsRoutes(api, deps)
    prepareTrainSetRoute(api, deps)
    prepareTestSetRoute(api, deps)
    fitRoute(api, deps)
    fitStatusRoute(api, deps)
    submitFitJobRoute(api, deps)
    getFitStatusRoute(api, deps)
    estimateCostRoute(api)
    predictRoute(api, deps)
  })
  app.register(async (scope) => {
    const api = scope as Api
    requireBearer(api, deps.services.accounts)
    meterRequests(api, deps.services.metering)
    acceptForms(api)
    acceptRawBodies(api)
    containerPredictRoutes(api, deps)
    fitRowsRoute(api, deps)
    predictRowsRoute(api, deps)
  })
  app.register(async (scope) => {
    const api = scope as Api
    announceDeprecation(api, deps)
    requireBearer(api, deps.services.accounts)
    meterRequests(api, deps.services.metering)
    acceptForms(api)
    acceptRawBodies(api)
    v1FitRoute(api, deps)
    v1PredictRoute(api, deps)
  })
  return app
}
