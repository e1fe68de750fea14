import { ROUTES, settingsSchema } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

/** `GET /tabpfn/get_settings` and the older `GET /tabpfn/get_model_limits`: one object for both. */
export function settingsRoutes(app: Api, { settings }: AppDeps): void {
  const schema = { response: { 200: settingsSchema, ...errorResponses('UNAUTHORIZED') } }
  for (const { path } of [ROUTES.getSettings, ROUTES.getModelLimits]) {
    app.get(path, { schema }, async () => settings)
  }
}
